"""Help in context: each page that somebody works on leads to a passage that is there."""

from __future__ import annotations

import re

import pytest
from django.template import loader
from django.test import Client
from django.urls import reverse

from nowrongdoor.access import viewers
from nowrongdoor.ui import helping
from tests import signing_in
from tests.access.test_doors import ROUTES
from tests.leads import stories

NAMES = {str(route.name) for _, route in ROUTES}


def linked_by_roles() -> set[str]:
    """The pages that the frame of any role links to."""
    records = [role.record for role in viewers.Role if role is not viewers.Role.MACHINE]
    links = {link.address for record in records for link in (*record.navigation, *record.more)}
    return links | {record.first_page for record in records}


def test_each_passage_is_about_pages_that_are_there_and_each_page_is_in_one() -> None:
    pages = [page for each in helping.PASSAGES for page in each.pages]
    assert set(pages) <= NAMES
    assert len(pages) == len(set(pages))
    assert len({each.id for each in helping.PASSAGES}) == len(helping.PASSAGES)


def test_every_page_that_a_role_is_led_to_has_a_passage() -> None:
    assert linked_by_roles() - helping.BY_PAGE.keys() == set()


@pytest.mark.parametrize("passage", helping.PASSAGES, ids=lambda each: each.id)
def test_each_passage_says_something_short(passage: helping.Passage) -> None:
    words = re.sub(r"<[^>]+>", " ", loader.get_template(passage.template).render({})).split()
    assert 10 < len(words) < 160


@pytest.mark.django_db
def test_the_frame_of_a_page_leads_to_its_passage_which_is_on_the_help_page() -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    case = stories.case()
    shown = client.get("/help").content.decode()
    for name, passage, values in (
        ("worklist", "worklist", ()),
        ("new_signal", "signals", ()),
        ("case", "case", (case.reference,)),
        ("retention", "retention", ()),
        ("what_if", "mandates", ()),
    ):
        page = client.get(reverse(name, args=values)).content.decode()
        assert f'<a href="/help#{passage}">' in page, name
        assert f'<h2 id="{passage}"' in shown
    assert '<a href="/help" aria-current="page">' in shown
