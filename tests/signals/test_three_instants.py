"""When a contact was made, when an agency got it and when it was typed are three instants; the law's clocks start at
the second."""

from __future__ import annotations

import datetime
import io
import uuid
from collections.abc import Mapping

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.cases.models import Case
from nowrongdoor.core import handoff, instants
from nowrongdoor.core.intake import htcds, row
from nowrongdoor.core.mandates import table
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import importing, joining, routing
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Signal
from tests import signing_in
from tests.leads import stories

CHILD = {**stories.FORCED_LABOR, "age": "under_18"}  # a clock of 24 hours: 22 USC 7105(b)(1)(H)
HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
FUTURE, LONG_AGO = "This time is in the future.", "This is more than a year ago."
NEVER = "Your agency can’t have gotten it before the contact was made."


def ago(hours: float) -> datetime.datetime:
    return timezone.now() - hours * HOUR


def taken(at: datetime.datetime, channel: str = "letter", **times: object) -> Case:
    """A case of a signal that was typed at a moment, with what was said of its other times."""
    stories.staff()
    contact = signals.Contact(
        key=uuid.uuid4().hex,
        channel=channel,
        facts=CHILD,
        times=instants.Instants(**times),  # type: ignore[arg-type]
    )
    hotline = stories.agency("HOTLINE").id
    receipt = signals.take(contact, asked=tables.asked(), receiver_id=hotline, by=None, at=at)
    routing.route([receipt.signal_id], at=at)
    return Case.objects.get(signals__signal_id=receipt.signal_id)


def signal_of(case: Case) -> Signal:
    return case.signals.get().signal


def told_hhs(case: Case) -> Duty:
    return Duty.notices().get(case=case, desk="HHS_OTIP", role="notify", withdrawn_at=None)


@pytest.mark.parametrize(
    ("contacted", "arrived", "is_long_ago", "expected"),
    [
        (None, None, False, {}),
        (2, 1, False, {}),
        (1, 1, False, {}),
        (-1, None, False, {"contacted_at": FUTURE}),
        (None, -1, False, {"arrived_at": FUTURE}),
        (-1, -2, True, {"contacted_at": FUTURE, "arrived_at": FUTURE}),
        (1, 2, False, {"arrived_at": NEVER}),
        (364 * 24, None, False, {}),
        (366 * 24, None, False, {"contacted_at": LONG_AGO}),
        (367 * 24, 366 * 24, False, {"contacted_at": LONG_AGO, "arrived_at": LONG_AGO}),
        (367 * 24, 366 * 24, True, {}),
        (2000 * 8766, None, True, {"contacted_at": "Enter the year with four digits"}),
    ],
)
def test_what_cannot_be_a_time_says_what_to_do(
    *, contacted: int | None, arrived: int | None, is_long_ago: bool, expected: dict[str, str]
) -> None:
    now = datetime.datetime(2026, 11, 27, 12, tzinfo=datetime.UTC)

    def back(hours: int | None) -> datetime.datetime | None:
        return None if hours is None else now - hours * HOUR

    given = instants.Instants(back(contacted), back(arrived), is_long_ago)
    problems = given.problems(typed_at=now)
    assert problems.keys() == expected.keys()
    assert {name: problem[: len(expected[name])] for name, problem in problems.items()} == expected


@pytest.mark.django_db
def test_the_laws_clock_starts_when_the_agency_got_it_and_is_late_where_it_was_typed_late() -> None:
    now = timezone.now()
    case = taken(now, arrived_at=ago(30))
    kept = signal_of(case)
    assert (kept.received_at, now - kept.arrived_at > 29 * HOUR, kept.contacted_at) == (now, True, None)
    notice = told_hhs(case)
    assert (notice.since, notice.due_at) == (kept.arrived_at, kept.arrived_at + DAY)
    assert stories.offer_of(case).due_at == now + handoff.WINDOWS["unknown"]  # nobody could answer before being asked
    policy = Duty.notices().filter(case=case, clock="").first()
    assert policy is not None
    assert (policy.since, policy.due_at) == (now, now + handoff.NOTICE_TARGETS["unknown"])
    client = signing_in.sign_in(Client(), stories.person("HHS_OTIP"))
    page = client.get("/worklist").content.decode()
    assert "6 h" in page
    assert "late" in page
    assert "the time runs from when the agency got it." in page
    receipt = signing_in.sign_in(Client(), stories.person("HOTLINE")).get(f"/signals/{kept.reference}")
    assert "Deadlines set by law run from when your agency got it." in receipt.content.decode()


@pytest.mark.django_db
def test_what_was_typed_at_once_says_nothing_of_it() -> None:
    case = taken(timezone.now())
    page = signing_in.sign_in(Client(), stories.person("HHS_OTIP")).get("/worklist").content.decode()
    assert case.reference in page
    assert "the time runs from" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(("channel", "arrives"), [("call", True), ("visit", True), ("letter", False), ("email", False)])
def test_a_call_arrives_as_it_is_made_and_a_letter_may_come_later(*, channel: str, arrives: bool) -> None:
    now, made = timezone.now(), ago(5)
    kept = signal_of(taken(now, channel, contacted_at=made))
    assert (kept.contacted_at, kept.arrived_at) == (made, made if arrives else now)


@pytest.mark.django_db
def test_what_a_further_signal_begins_runs_from_its_own_arrival() -> None:
    of_no_age = {name: code for name, code in stories.FORCED_LABOR.items() if name != "age"}
    adult = stories.case(of_no_age)
    by, now, arrived = stories.person("HOTLINE"), timezone.now(), ago(10)
    contact = signals.Contact(
        key="k", channel="letter", facts={"age": "under_18"}, times=instants.Instants(arrived_at=arrived)
    )
    joining.take_into_case(contact, adult.id, by=by, at=now)
    assert told_hhs(adult).due_at == arrived + DAY


@pytest.mark.django_db
def test_the_same_words_at_another_time_are_another_signal_and_what_said_no_time_is_what_it_was() -> None:
    said = signals.Contact(key="k", channel="letter", facts={"labor": "yes"}, narrative="x")
    assert signals._said(said) == '["letter",{"labor":"yes"},{},"","","x",[],null]'
    hotline, now, asked = stories.agency("HOTLINE").id, timezone.now(), tables.asked()
    signals.take(said, asked=asked, receiver_id=hotline, by=None, at=now)
    other = signals.Contact(
        key="k", channel="letter", facts={"labor": "yes"}, narrative="x", times=instants.Instants(ago(3))
    )
    with pytest.raises(signals.KeyReused):
        signals.take(other, asked=asked, receiver_id=hotline, by=None, at=now)


def send(body: Mapping[str, object], key: str = "k") -> tuple[int, dict[str, object]]:
    stories.staff()
    token = agencies.make_token(stories.agency("HOTLINE"), label="test", by=None, at=timezone.now())
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    answer = Client().post("/api/v1/signals", dict(body), content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_another_system_says_when_it_was_made_and_got() -> None:
    made, got = ago(50), ago(40)
    body = {"door": "letter", "facts": CHILD, "contacted_at": made.isoformat(), "arrived_at": got.isoformat()}
    status, receipt = send(body)
    assert status == 201
    assert datetime.datetime.fromisoformat(str(receipt["arrived_at"])) - got < HOUR / 3600
    assert send(body)[0] == 200
    kept = Signal.objects.get()
    assert (kept.contacted_at, kept.arrived_at) == (made, got)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"arrived_at": "2999-01-01T00:00:00Z"}, FUTURE),
        ({"contacted_at": "2001-01-01T00:00:00Z"}, LONG_AGO),
        ({"contacted_at": "2026-11-01T10:00:00"}, "timezone"),
        ({"contacted_at": "yesterday"}, "contacted_at"),
    ],
)
def test_another_system_is_told_what_is_wrong_with_a_time(sent: dict[str, object], said: str) -> None:
    status, answer = send({"door": "letter", **sent})
    assert (status, said in str(answer["problems"])) == (422, True), answer
    assert not Signal.objects.exists()


@pytest.mark.django_db
def test_another_system_confirms_that_it_was_long_ago() -> None:
    sent = {"door": "letter", "contacted_at": "2001-01-01T00:00:00Z"}
    assert send(sent)[0] == 422
    assert send({**sent, "long_ago": True})[0] == 201


def post(**sent: str) -> tuple[int, str]:
    stories.staff()
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    given = {"key": uuid.uuid4().hex, "channel": "letter", "source": "unknown", "narrative": "Her words.", **sent}
    answer = client.post("/signals/new", given)
    return answer.status_code, answer.content.decode()


@pytest.mark.django_db
def test_staff_say_when_it_was_made_and_got_in_the_time_of_the_page() -> None:
    local = timezone.localtime(ago(26)).replace(second=0, microsecond=0)
    typed = local.strftime("%Y-%m-%dT%H:%M")
    assert post(contacted_at=typed, arrived_at=typed)[0] == 302
    kept = Signal.objects.get()
    assert (kept.contacted_at, kept.arrived_at) == (local, local)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"contacted_at": "2999-01-01T00:00"}, FUTURE),
        ({"arrived_at": "2001-01-01T00:00"}, LONG_AGO),
        ({"contacted_at": "2026-03-08T02:30"}, "couldn’t be interpreted in time zone"),  # the hour that was left out
        ({"contacted_at": "2026-11-01T01:30"}, "couldn’t be interpreted in time zone"),  # the hour that came twice
        ({"contacted_at": "noon"}, "Enter a date and a time, or leave it blank."),
    ],
)
def test_staff_are_told_beside_the_field_and_lose_nothing(sent: dict[str, str], said: str) -> None:
    status, page = post(**sent)
    ((name, typed),) = sent.items()
    assert status == 422
    assert said in page
    assert f'id="fact-{name}_error"' in page
    assert f'href="#fact-{name}"' in page
    assert f'value="{typed}"' in page
    assert "Her words." in page
    assert not Signal.objects.exists()


@pytest.mark.django_db
def test_staff_confirm_that_it_was_long_ago() -> None:
    assert post(contacted_at="2001-01-01T00:00")[0] == 422
    assert post(contacted_at="2001-01-01T00:00", long_ago="on")[0] == 302


def file_rows(day: str) -> list[row.Row | row.Refusal]:
    text = f"CaseId,cas_IncomingReferralDate,prs_Citizenship,prs_Birthdate\nC-1,{day},MEX,2012-05-01\n"
    return list(htcds.read_csv(io.BytesIO(text.encode()), on=datetime.date(2026, 11, 27)))


@pytest.mark.django_db
@pytest.mark.parametrize(("place", "begins"), [("", "2026-11-20T05:00+00:00"), ("HI", "2026-11-20T10:00+00:00")])
def test_a_file_says_on_which_day_it_arrived_and_clocks_run_from_its_first_moment(place: str, begins: str) -> None:
    stories.staff()
    items = file_rows("2026-11-20")
    report = importing.take_file(
        items,
        importing.Source("a file", place=place),
        receiver_id=stories.agency("HOTLINE").id,
        by=None,
        at=timezone.now(),
        progress=lambda done: None,
    )
    assert (report.taken, report.refused) == (1, [])
    assert htcds.ARRIVED in report.readings
    start = datetime.datetime.fromisoformat(begins)
    assert Signal.objects.get().arrived_at == start
    assert told_hhs(Case.objects.get()).due_at == start + DAY


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-28", "lies after the day of import"),
        ("1900-01-01", "a spreadsheet writes such a day for an empty date"),
    ],
)
def test_a_day_of_arrival_that_cannot_be_is_refused_with_its_column(day: str, said: str) -> None:
    (refusal,) = file_rows(day)
    assert isinstance(refusal, row.Refusal)
    assert (refusal.line, refusal.column) == (2, "cas_IncomingReferralDate")
    assert said in refusal.reason
    (taken_row,) = file_rows("2019-11-20")
    assert isinstance(taken_row, row.Row)
    assert taken_row.arrived_on == datetime.date(2019, 11, 20)


def test_the_shipped_table_has_clocks_that_start_at_discovery() -> None:
    """The tests above speak of one; were there none, they would say nothing of the table."""
    assert {clock.id for clock in table.shipped().clocks if clock.starts.value == "discovery"} >= {"D01", "D05", "D18"}
