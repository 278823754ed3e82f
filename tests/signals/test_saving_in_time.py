"""Saving a contact does no work that nothing of it needs: the figure is in docs/benchmarks.md."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nowrongdoor.core import language
from nowrongdoor.core.mandates import table
from nowrongdoor.intake import forms
from tests.leads import stories, test_in_danger

pytestmark = pytest.mark.django_db


def test_the_table_in_force_is_looked_up_for_the_questions_and_for_the_ruling() -> None:
    client = test_in_danger.advocate()
    with CaptureQueriesContext(connection) as asked:
        test_in_danger.send(client, stories.FORCED_LABOR)
    lookups = [each for each in asked.captured_queries if 'FROM "nowrongdoor_mandate_table"' in each["sql"]]
    assert len(lookups) == 2


def _answers(drawn: str) -> list[str]:
    """List what can be chosen; the question itself was worded as the form was made."""
    return re.findall(r"<(?:option|label)[^>]*>\s*([^<]+?)\s*<", drawn)


@pytest.mark.parametrize("name", ["place", "source", "nationality", "indicator"])
def test_answers_are_listed_when_they_are_drawn(name: str) -> None:
    with language.speaking("en"):
        made = forms.SignalForm(table.shipped().vocabulary)
        english = str(forms.SignalForm(table.shipped().vocabulary)[name])
    with language.speaking("es"):
        drawn = str(made[name])
    assert _answers(drawn) != _answers(english)
