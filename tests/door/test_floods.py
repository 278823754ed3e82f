"""T12 at the public door: through a whole tip, with a flood at the same address, nothing is lost."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import re
from collections.abc import Mapping

import pytest
from django.utils import timezone

from nowrongdoor.access import limits, proving
from nowrongdoor.access.limits import Budget
from nowrongdoor.mailbox.models import Mailbox
from nowrongdoor.signals.models import Signal
from tests.door import walking
from tests.leads import stories

WORDS = 'They keep the passports of the cooks in the safe of the Blue Lantern.\r\n中文 <b>&"quoted"'
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _staffed() -> None:
    stories.staff()


def flood() -> None:
    """Spend what the address of every visitor of a test has, down to the last step."""
    later = timezone.now() + datetime.timedelta(minutes=1)
    for weight in (proving.STORING, 1):
        with contextlib.suppress(limits.TooMany):
            while True:
                limits.spend(Budget.PUBLIC_FORM, "127.0.0.1", at=later, times=weight)


def is_asked(visitor: walking.Visitor) -> bool:
    assert visitor.page.status_code == 200, visitor.words
    return 'id="wait"' in visitor.page.content.decode()


def work(visitor: walking.Visitor) -> None:
    """Do the work that the page asks for, as its script does."""
    page = visitor.page.content.decode()
    challenge = re.search(r'data-challenge="(\w+)"', page)
    assert challenge
    number = next(each for each in itertools.count() if proving.is_work(challenge[1], str(each)))
    form = page.partition('id="wait"')[2].partition("</form>")[0]
    fields: Mapping[str, str] = dict(walking.HIDDEN.findall(form))
    action = re.search(r'id="wait" method="post" action="([^"]+)"', page)
    assert action
    visitor.page = visitor.client.post(
        action[1], {**fields, proving.WORK: str(number)}, headers={"origin": "http://testserver"}
    )


def walk(visitor: walking.Visitor, *, words: str = WORDS) -> int:
    """Go through every question up to the last page, and return how often the visitor was asked for work."""
    asked = 0
    for _ in range(40):
        if is_asked(visitor):
            asked += 1
            work(visitor)
        elif visitor.at == "who":
            visitor.answer(stance="bystander")
        elif visitor.at == "what":
            visitor.answer(words=words)
        elif visitor.at == "check":
            return asked
        else:
            visitor.send(do="skip")
    raise AssertionError(visitor.words)


def test_outside_of_a_flood_a_whole_tip_is_asked_for_nothing() -> None:
    visitor = walking.Visitor()
    assert walk(visitor) == 0
    visitor.send(do="send")
    assert visitor.receipt


def test_in_a_flood_a_whole_tip_is_asked_for_work_once_and_arrives_as_it_was_typed() -> None:
    visitor = walking.Visitor()
    flood()
    assert walk(visitor) == 1
    visitor.send(do="send")
    assert not is_asked(visitor)
    assert visitor.receipt
    assert visitor.page.client.cookies == {}
    assert Signal.objects.get(channel="web").receiver.code == "HOTLINE"


def test_who_is_asked_at_the_last_step_gets_the_receipt_of_the_form_that_they_filled_in() -> None:
    visitor = walking.Visitor()
    walk(visitor)
    flood()
    visitor.send(do="send")
    assert is_asked(visitor)
    assert Signal.objects.filter(channel="web").count() == 0
    work(visitor)
    receipt = visitor.receipt
    assert receipt
    visitor.page = visitor.client.post("/mailbox", {"receipt": receipt})
    assert is_asked(visitor)  # what the flood spent, it spent for the mailbox too
    work(visitor)
    assert "Your mailbox" in visitor.words
    assert Mailbox.objects.count() == 1


def test_the_page_that_asks_is_in_the_language_that_was_chosen() -> None:
    visitor = walking.Visitor("/tell?in=es")
    flood()
    visitor.send("/tell?in=es", do="next", stance="bystander")
    assert is_asked(visitor)
    assert 'action="/tell?in=es"' in visitor.page.content.decode()
    assert '<html lang="es"' in visitor.page.content.decode()


def test_receipts_tried_by_guessing_are_slowed_down_and_the_right_one_opens() -> None:
    visitor = walking.Visitor()
    walk(visitor)
    visitor.send(do="send")
    receipt = visitor.receipt
    limits.forgive(Budget.PUBLIC_FORM, "127.0.0.1", at=timezone.now())
    for _ in range(limits.BURSTS[Budget.RECEIPT]):
        limits.spend(Budget.RECEIPT, "127.0.0.1", at=timezone.now())
    for path in ("/mailbox", "/tell/resume"):
        visitor.page = visitor.client.post(path, {"receipt": receipt})
        assert is_asked(visitor), path
    visitor.page = visitor.client.post("/mailbox", {"receipt": receipt})
    work(visitor)
    assert "Your mailbox" in visitor.words
