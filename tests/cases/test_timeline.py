"""What happened to a case, as its page tells it: newest first, each sentence ended once, whoever wrote it."""

from __future__ import annotations

import datetime
import html
import re

import pytest
from django.test import Client

from nowrongdoor.core import places
from nowrongdoor.leads import answering, changing
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("end", ["", "."])
def test_what_happened_is_told_newest_first_and_each_sentence_ends_once(end: str) -> None:
    stories.staff()
    case, hotline = stories.case(at=stories.NOON), stories.person("HOTLINE")
    client = signing_in.sign_in(Client(), hotline)
    later = stories.NOON + datetime.timedelta(minutes=1)
    answering.decline(stories.offer_of(case).id, reason=f"No agents{end}", by=stories.person("HSI"), at=later)
    changing.change_facts(
        case.id,
        facts={**stories.FORCED_LABOR, "urgency": "within_24h"},
        place=places.Place(),
        seen_version=1,
        because=f"She called again{end}",
        by=hotline,
        at=later + datetime.timedelta(minutes=1),
    )
    changing.close(case.id, because=f"She is home{end}", by=hotline, at=later + datetime.timedelta(minutes=2))
    page = html.unescape(client.get(f"/cases/{case.reference}").content.decode())
    story = [
        words
        for words in re.findall(r"</time>\s*<span[^>]*>[^<]+</span>\s*<span>([^<]+)</span>", page)
        if not words.startswith("The offer to")
    ]
    assert story[0] == "Closed: She is home."
    assert "Facts changed: She called again." in story
    assert "Homeland Security Investigations declined: No agents." in story
    assert story[-2:] == [
        "The lead was offered to Homeland Security Investigations.",
        "National Human Trafficking Hotline received the signal and became the lead agency.",
    ]
