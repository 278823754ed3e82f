"""What the contracts of pyproject.toml close to other rooms is not reached from behind: no model of another room leads
back to a protected one, and a room that is still to come is kept out as well."""

from __future__ import annotations

import importlib.util
import pathlib
import tomllib

import pytest
from django.apps import apps
from django.db import models

ROOT = pathlib.Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
PROTECTED = {
    module: tuple(contract["allowed_importers"])
    for contract in CONTRACTS
    if contract["type"] == "protected"
    for module in contract["protected_modules"]
}


def test_people_and_duties_are_protected() -> None:
    assert PROTECTED.keys() == {
        "nowrongdoor.cases.person_models",
        "nowrongdoor.duties.models",
    }


@pytest.mark.parametrize("module", PROTECTED)
def test_no_model_of_another_room_leads_back_to_a_protected_one(module: str) -> None:
    """`Case.objects.values("people__parts__details")` imports nothing; a hidden name gives no such way."""
    protected = [model for model in apps.get_models() if model.__module__ == module]
    assert protected
    back = [
        f"{field.related_model.__name__}.{field.remote_field.related_name} leads to {model.__name__}"
        for model in protected
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.related_model.__module__ != module
        if not field.remote_field.hidden
    ]
    assert back == []


def test_only_rooms_that_exist_are_named_by_a_contract() -> None:
    for importers in PROTECTED.values():
        for each in importers:
            assert importlib.util.find_spec(each) is not None, each
