"""T12: in a flood nobody is locked out, nobody meets a puzzle, and nothing that was typed is lost."""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime
import html
import itertools
import random
import re
import string
import threading
from collections.abc import Iterator, Mapping

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from nowrongdoor.access import limits, proving, turns
from nowrongdoor.access.limits import Budget
from nowrongdoor.mailbox import openers
from tests import claims, sizes

FLOODED, OTHER = "198.51.100.7", "203.0.113.9"
TYPED = {"what": '  Ana & <b>\r\n"quoted" 中文 \U0001f6aa ', "who": ["me", "a friend"], "empty": "", "send": "1"}
ASKED = "Please wait a moment"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _with_an_open_form() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.access.open_form"):
        yield


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let a test wait without waiting, and time stand still while it does not."""
    watch = Clock()
    monkeypatch.setattr(timezone, "now", watch.now)
    return watch


class Clock:
    """An instant that only moves when it is told."""

    def __init__(self) -> None:
        self.at = datetime.datetime(2026, 11, 2, 23, 59, tzinfo=datetime.UTC)  # the next day begins in the middle

    def now(self) -> datetime.datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += datetime.timedelta(seconds=seconds)


def flood(address: str = FLOODED) -> None:
    """Send from one address until it is asked."""
    most = limits.BURSTS[Budget.PUBLIC_FORM] // proving.STORING
    assert any(is_asked(post({"send": "spam"}, address)) for _ in range(most + 1))


def post(fields: Mapping[str, object], address: str = FLOODED, at: str = "/open-form") -> HttpResponse:
    """Send a form from an address."""
    return Client(REMOTE_ADDR=address).post(at, fields)  # type: ignore[return-value]


def is_asked(answer: HttpResponse) -> bool:
    """Return whether it is the page that asks for work or patience; it is never a refusal."""
    assert answer.status_code == 200
    return ASKED in answer.content.decode()


def fields_of(answer: HttpResponse) -> dict[str, str]:
    """Return the fields of the page that asks, as a browser without a script sends them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.content.decode())
    return {name: html.unescape(value) for name, value in found if name in (proving.TICKET, proving.WORK)}


def worked(answer: HttpResponse) -> dict[str, str]:
    """Return the same with the work that its script does."""
    match = re.search(r'data-challenge="([0-9a-f]+)" data-bits="(\d+)"', answer.content.decode())
    assert match
    assert int(match[2]) == proving.BITS
    number = next(each for each in itertools.count() if proving.is_work(match[1], str(each)))
    return fields_of(answer) | {proving.WORK: str(number)}


def came(answer: HttpResponse) -> object:
    """Return what the view was given."""
    return answer.json()["came"]  # type: ignore[attr-defined]


WHOLE = {name: value if isinstance(value, list) else [value] for name, value in TYPED.items()}


def test_outside_of_a_flood_nothing_is_asked() -> None:
    answer = post(TYPED)
    assert came(answer) == WHOLE
    assert answer.json()["passed"].strip() == ""  # type: ignore[attr-defined]


def test_a_script_does_the_work_and_the_form_arrives_as_it_was_typed() -> None:
    flood()
    asked = post(TYPED)
    assert is_asked(asked)
    assert came(post(worked(asked))) == WHOLE


def test_patience_of_twenty_seconds_does_the_same_without_a_script(clock: Clock) -> None:
    flood()
    asked = post(TYPED)
    assert "Wait 20 seconds, and then select Send." in asked.content.decode()
    clock.wait(8)
    early = post(fields_of(asked))
    assert "Wait 12 more seconds" in early.content.decode()
    assert "Wait 12 more seconds" in post(fields_of(early)).content.decode()  # being early costs nothing
    clock.wait(12)
    assert came(post(fields_of(early))) == WHOLE


def test_the_page_that_asks_says_nothing_of_what_was_typed_to_whoever_looks_at_its_source() -> None:
    flood()
    text = post({"what": "canary-4711", "send": "1"}).content.decode()
    assert ASKED in text
    assert "canary-4711" not in text


def test_it_asks_in_the_language_of_the_form() -> None:
    flood()
    asked = post({"send": "1"}, at="/open-form?in=es").content.decode()
    assert '<html lang="es' in asked
    assert '<html lang="en' in post({"send": "1"}).content.decode()


@pytest.mark.parametrize("how", ["work", "patience"])
def test_a_ticket_is_used_once_and_what_it_holds_is_kept_all_the_same(how: str, clock: Clock) -> None:
    flood()
    asked = post(TYPED)
    fields = worked(asked) if how == "work" else fields_of(asked)
    clock.wait(60 if how == "patience" else 1)  # midnight passes meanwhile
    assert came(post(fields)) == WHOLE
    flood()
    again = post(fields)
    assert is_asked(again)
    assert came(post(worked(again))) == WHOLE


def test_a_ticket_ends_and_what_it_holds_does_not(clock: Clock) -> None:
    flood()
    fields = worked(post(TYPED))
    clock.wait(3_601)
    flood()
    again = post(fields)
    assert is_asked(again)
    clock.wait(20)
    assert came(post(fields_of(again))) == WHOLE


def test_work_counts_for_its_own_form_and_content_alone() -> None:
    flood()
    first, second = post(TYPED), post({"what": "other", "send": "1"})
    of_first, of_second = worked(first), worked(second)
    assert of_first[proving.WORK] != of_second[proving.WORK]
    assert is_asked(post(of_second | {proving.WORK: of_first[proving.WORK]}))
    assert is_asked(post(of_first | {proving.WORK: ""}))
    assert is_asked(post(of_first | {proving.TICKET: of_first[proving.TICKET][:-8] + "AAAAAAA="}))
    elsewhere = post(of_first, at="/open-receipt")
    assert is_asked(elsewhere)
    assert came(post(of_first)) == WHOLE


@pytest.mark.parametrize("number", ["", "-1", "x", "1" * 17, "١"])
def test_what_is_no_number_is_no_work(number: str) -> None:
    assert not proving.is_work("0" * 32, number)


def test_whoever_worked_once_goes_on_to_the_end_of_their_form_whatever_goes_on() -> None:
    flood()
    step = {"what": "first answer"}
    left = limits.BURSTS[Budget.PUBLIC_FORM]  # what a sender had left for steps, the flood takes too
    asked = next(answer for answer in (post(step) for _ in range(left)) if is_asked(answer))
    answer = post(worked(asked))
    for number in range(12):
        (passed,) = re.findall(r'name="passed" value="([^"]+)"', answer.json()["passed"])  # type: ignore[attr-defined]
        answer = post({"what": f"answer {number}", proving.PASS: passed})
        assert came(answer) == {"what": [f"answer {number}"], proving.PASS: [passed]}
    assert came(post({"send": "1", proving.PASS: passed})) == {"send": ["1"], proving.PASS: [passed]}
    assert is_asked(post({"send": "2", proving.PASS: passed}))  # a pass is for one contact, not for a flood
    assert is_asked(post({"send": "1", proving.PASS: passed[:-9] + "AAAAAAAA="}))
    assert is_asked(post({"send": "1", proving.PASS: fields_of(asked)[proving.TICKET]}))


def test_a_pass_ends_after_two_hours(clock: Clock) -> None:
    flood()
    answer = post(worked(post({"what": "a", "send": "1"})))
    (passed,) = re.findall(r'name="passed" value="([^"]+)"', answer.json()["passed"])  # type: ignore[attr-defined]
    clock.wait(7_100)
    assert limits.forget_full(at=clock.now()) >= 1
    flood()
    assert not is_asked(post({"send": "1", proving.PASS: passed}))
    clock.wait(101)
    flood()
    assert is_asked(post({"send": "1", proving.PASS: passed}))


def test_a_file_is_chosen_again_and_everything_else_is_kept(clock: Clock) -> None:
    flood()
    asked = Client(REMOTE_ADDR=FLOODED).post("/open-form", TYPED | {"file": SimpleUploadedFile("a.txt", b"first")})
    assert is_asked(asked)  # type: ignore[arg-type]
    assert b"choose it again" in asked.content.lower()
    assert b'enctype="multipart/form-data"' in asked.content
    clock.wait(20)
    sent = fields_of(asked) | {"file": SimpleUploadedFile("a.txt", b"again")}  # type: ignore[arg-type]
    answer = post(sent)
    assert came(answer) == WHOLE
    assert answer.json()["files"] == {"file": "again"}  # type: ignore[attr-defined]


def test_the_longest_form_that_anybody_may_send_is_kept_whole(clock: Clock) -> None:
    flood()
    longest = {
        "what": "家 " * 25_000,
        "how": "".join(chr(33 + number * 7919 % 90) for number in range(100_000)),
        "send": "1",
    }
    asked = post(longest)
    assert is_asked(asked)
    clock.wait(20)
    assert came(post(fields_of(asked))) == {name: [value] for name, value in longest.items()}


def test_more_than_any_of_our_forms_takes_is_told_to_come_back_later() -> None:
    flood()
    text = "".join(random.Random(1).choices(string.printable, k=250_000))
    assert post({"send": text}).status_code == 429


def test_a_neighbor_who_floods_an_address_shuts_nobody_out_of_it_and_next_door_notices_nothing(clock: Clock) -> None:
    let_in = 0
    for number in range(sizes.FLOOD.now):
        let_in += not is_asked(post({"send": str(number)}))
        clock.wait(60 / sizes.FLOOD.now)
    most = (limits.BURSTS[Budget.PUBLIC_FORM] + 60 / limits.EACH[Budget.PUBLIC_FORM]) / proving.STORING
    assert limits.BURSTS[Budget.PUBLIC_FORM] / proving.STORING <= let_in <= most
    flood()  # it goes on
    by_work, by_patience = post(TYPED), post(TYPED)
    assert is_asked(by_work)
    assert is_asked(by_patience)
    assert came(post(worked(by_work))) == WHOLE
    clock.wait(20)
    flood()  # it goes on
    assert came(post(fields_of(by_patience))) == WHOLE
    for number in range(30):  # and the shelter beside it is never asked
        assert came(post({"send": str(number)}, OTHER)) == {"send": [str(number)]}


def test_a_flood_that_waits_too_makes_nobody_wait_longer_than_two_minutes_in_all(clock: Clock) -> None:
    flood()
    mine, waits = post(TYPED), []
    while is_asked(mine):
        (seconds,) = re.findall(r"Wait (\d+) seconds, and then select Send", mine.content.decode())
        waits.append(int(seconds))
        clock.wait(waits[-1])
        with contextlib.suppress(limits.TooMany):  # others who wait at the flooded address come back first
            while True:
                limits.spend(Budget.PATIENCE, FLOODED, at=clock.now())
        mine = post(fields_of(mine))
    assert came(mine) == WHOLE
    assert waits == [20, 40, 60]


def test_a_flood_from_everywhere_asks_everybody_and_refuses_nobody(clock: Clock) -> None:
    for _ in range(limits.BURSTS[Budget.PUBLIC_FORMS]):
        limits.spend(Budget.PUBLIC_FORMS, proving.EVERYBODY, at=clock.now())
    assert came(post({"what": "a step"}, OTHER)) == {"what": ["a step"]}
    asked = post(TYPED, OTHER)
    assert is_asked(asked)
    assert came(post(worked(asked), OTHER)) == WHOLE
    clock.wait(60)
    assert came(post(TYPED, OTHER)) == WHOLE  # it is over: nothing is asked


def test_receipts_tried_by_guessing_are_slowed_down_and_an_honest_one_is_let_in(clock: Clock) -> None:
    def tried(receipt: str, address: str = FLOODED) -> HttpResponse:
        return post({"receipt": receipt}, address, at="/open-receipt")

    answers = [tried(str(number)) for number in range(limits.BURSTS[Budget.RECEIPT])]
    assert {answer.content for answer in answers} == {b"tried"}
    asked = tried("mine")
    assert is_asked(asked)
    assert post(worked(asked), at="/open-receipt").content == b"tried"
    waiting = tried("mine too")
    clock.wait(20)
    for number in range(limits.BURSTS[Budget.RECEIPT]):
        tried(str(number))
    assert post(fields_of(waiting), at="/open-receipt").content == b"tried"
    assert tried("next door", OTHER).content == b"tried"


def test_guessing_from_everywhere_asks_everybody_and_refuses_nobody(clock: Clock) -> None:
    for _ in range(limits.BURSTS[Budget.RECEIPTS]):
        limits.spend(Budget.RECEIPTS, proving.EVERYBODY, at=clock.now())
    asked = post({"receipt": "mine"}, OTHER, at="/open-receipt")
    assert is_asked(asked)
    assert post(worked(asked), OTHER, at="/open-receipt").content == b"tried"


def test_at_most_so_many_hashes_run_at_once_and_who_finds_no_place_in_line_is_told_so() -> None:
    most = now = 0
    counting, go_on = threading.Lock(), threading.Event()

    def hash_slowly(_: int) -> bool:
        nonlocal most, now
        try:
            with openers.TURNS.taken():
                with counting:
                    now += 1
                    most = max(most, now)
                go_on.wait(5)
                with counting:
                    now -= 1
        except turns.Crowded:
            return False
        finally:
            connection.close()
        return True

    in_line = openers.TURNS.at_once + openers.TURNS.in_line
    with concurrent.futures.ThreadPoolExecutor(in_line + 10) as crowd:
        tries = [crowd.submit(hash_slowly, number) for number in range(in_line + 10)]
        early, _ = concurrent.futures.wait(tries, timeout=1)
        go_on.set()
        assert [each.result() for each in early] == [False] * 10
        assert sum(each.result() for each in tries) == in_line
    assert most == openers.TURNS.at_once == 2


def test_who_finds_no_place_in_line_is_asked_for_patience_and_loses_nothing(
    clock: Clock,
) -> None:
    line = openers.TURNS._line
    full = [line.acquire(blocking=False) for _ in range(openers.TURNS.at_once + openers.TURNS.in_line)]
    try:
        with override_settings(ROOT_URLCONF="tests.access.open_slow"):
            asked = post(TYPED, at="/open-slow")
    finally:
        for _ in full:
            line.release()
    assert claims.every(full)
    assert is_asked(asked)
    clock.wait(20)
    with override_settings(ROOT_URLCONF="tests.access.open_slow"):
        assert post(fields_of(asked), at="/open-slow").content == b"hashed"
