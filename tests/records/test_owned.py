"""Who owns the record of each table: complete, beside the catalogue of a real database; and shown to staff."""

from __future__ import annotations

import re

import psycopg
import pytest
from django.test import Client

from nowrongdoor.access import viewers
from nowrongdoor.core import records_law
from nowrongdoor.records import owned
from nowrongdoor.signals.models import LONGEST_DRAFT
from nowrongdoor.ui import components
from tests import signing_in
from tests.leads import stories


def test_every_table_of_the_database_is_owned_once_and_nothing_else_is(owner: str) -> None:
    with psycopg.connect(owner) as database:
        rows = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    declared = [table for each in owned.DECLARED for table in each.tables]
    assert sorted(declared) == sorted(name for (name,) in rows)


def test_each_says_whose_it_is_with_tags_and_what_that_rests_on() -> None:
    for each in owned.DECLARED:
        assert each.owners, each.what
        assert not (each.is_technical and each.exempt), each.what
        assert each.evidence in components.EVIDENCE, each.what
    assert set(owned._OWNERS) == set(owned.Owner)
    assert set(owned.EXEMPT) == set(records_law.Exemption) == set(records_law.installed().exemptions)
    assert {kept for kept in owned.Kept if kept.schedule is None} == set(owned._OTHERWISE)


def test_what_it_says_of_drafts_is_what_the_database_holds_them_to() -> None:
    assert f"at most {LONGEST_DRAFT.days} days" in owned.Kept.DRAFT.otherwise


@pytest.mark.django_db
def test_the_page_names_every_table_and_no_citation_without_its_evidence(client: Client) -> None:
    signing_in.sign_in(client, stories.person("HOTLINE", viewers.Role.ADMINISTRATOR))
    page = client.get("/records").content.decode()
    for table in owned.BY_TABLE:
        assert len(re.findall(rf">{table},?</span>", page)) == 1, table
    table = page[page.index("<table") : page.index("</table>")]
    schedules = [each for each in owned.DECLARED if each.kept.schedule]
    assert schedules
    assert table.count("popovertarget=") == len(owned.DECLARED) + len(schedules)


@pytest.mark.django_db
def test_a_visitor_is_asked_to_sign_in(client: Client) -> None:
    answer = client.get("/records")
    assert answer.status_code == 302
    assert answer["Location"].endswith("next=/records")
