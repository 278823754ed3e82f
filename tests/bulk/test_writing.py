"""Many rows at once: names come from the row's own fields, and what a text cannot carry is refused by name."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

import pytest
from django import test
from django.core import exceptions
from django.db import connection

from nowrongdoor.agencies.queries import by_code
from nowrongdoor.audit import models, record
from nowrongdoor.bulk import writing

NOW = datetime.datetime(2026, 11, 27, 12, tzinfo=datetime.UTC)


@dataclasses.dataclass(frozen=True, slots=True)
class Backwards:
    """An event whose fields stand in another order than the table's columns."""

    details: str
    subject_id: uuid.UUID
    case_id: uuid.UUID | None
    by_id: uuid.UUID | None
    agency_id: uuid.UUID
    authority: str
    verb: str
    kind: str
    at: datetime.datetime


def backwards(verb: str, agency_id: uuid.UUID, at: datetime.datetime = NOW) -> Backwards:
    return Backwards("{}", uuid.uuid4(), None, None, agency_id, "rule", verb, "write", at)


@pytest.mark.django_db
def test_a_value_goes_where_its_name_says_whatever_its_place() -> None:
    rows = [backwards("test.first", by_code("FBI").id), backwards("test.second", by_code("HSI").id)]
    assert writing.add(models.Event, rows) == 2
    kept = models.Event.objects.filter(verb__startswith="test.").order_by("id")
    assert [(event.verb, event.agency_id, event.subject_id, event.at) for event in kept] == [
        (row.verb, row.agency_id, row.subject_id, row.at) for row in rows
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "verbs", [["test.a"], ["test.a", "test.a"], ["test.a", "test.b", "test.a"], ["test.b", "test.a", "test.a"]]
)
def test_a_column_of_equal_values_is_kept_like_any_other(verbs: list[str]) -> None:
    agency_id = by_code("FBI").id
    writing.add(models.Event, [backwards(verb, agency_id) for verb in verbs])
    kept = models.Event.objects.filter(verb__startswith="test.").order_by("id")
    assert list(kept.values_list("verb", flat=True)) == verbs
    assert set(kept.values_list("case_id", flat=True)) == {None}


@pytest.mark.django_db
def test_no_rows_are_no_statement() -> None:
    with test.utils.CaptureQueriesContext(connection) as asked:
        assert writing.add(models.Event, []) == 0
        assert writing.add_missing(models.Event, [], key=["id"], returning="id") == set()
    assert list(asked) == []


@pytest.mark.django_db
def test_rows_of_two_classes_are_refused() -> None:
    agency_id = by_code("FBI").id
    event = record.EventRow(NOW, "write", "test.a", "rule", agency_id, None, None, uuid.uuid4(), "{}")
    with pytest.raises(writing.Mixed, match="Backwards, EventRow"):
        writing.add(models.Event, [event, backwards("test.b", agency_id)])


@pytest.mark.django_db
def test_a_field_that_the_table_has_not_is_refused_by_its_name() -> None:
    @dataclasses.dataclass(frozen=True)
    class Misspelt:
        verbb: str

    with pytest.raises(exceptions.FieldDoesNotExist, match="verbb"):
        writing.add(models.Event, [Misspelt("test.a")])


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["\x1e", "\x1f"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_text_that_would_split_a_column_is_refused(sign: str, count: int) -> None:
    agency_id = by_code("FBI").id
    with pytest.raises(ValueError, match=r"U\+001E and U\+001F"):
        writing.add(models.Event, [backwards(f"test.{sign}", agency_id) for _ in range(count)])


@pytest.mark.django_db
def test_a_value_of_a_kind_that_no_column_takes_is_refused() -> None:
    row = dataclasses.replace(backwards("test.a", by_code("FBI").id), details={"a": 1})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="A dict cannot be written"):
        writing.add(models.Event, [row])
