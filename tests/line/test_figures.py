"""What is said of a month is counted from the contacts, without tests and practice."""

from __future__ import annotations

import datetime
import pathlib
import uuid

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.cases.models import Case
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import line
from nowrongdoor.core.line import Medium
from nowrongdoor.intake import routing
from nowrongdoor.line import figures, models, moving
from nowrongdoor.mandates import queries as tables
from nowrongdoor.protocols import figures as reports
from nowrongdoor.protocols import reporting, weighing
from nowrongdoor.protocols.models import Report, Sending
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Signal
from tests.leads import stories
from tests.line import floors
from tests.protocols import test_reporting as stories_of_reports

pytestmark = pytest.mark.django_db
OCTOBER = datetime.date(2026, 10, 1)
SEPTEMBER = datetime.date(2025, 9, 1)  # of an edition whose list is known
TEST_LINE = """
[[line]]
code = "trial"
agency = "HOTLINE"
medium = "text"
provider = "telephone"
address = "+15550103"
group = "night"
language = "en"
use = "test"
"""
AT = datetime.datetime(2026, 10, 15, 7, tzinfo=datetime.UTC)


def test_a_month_is_counted_by_mode_end_shift_and_language_without_practice() -> None:
    floors.on_shift(at=AT)
    first = floors.take(floors.event(Kind.RANG, "a", at=AT), at=AT)
    later = AT + datetime.timedelta(hours=8)
    floors.take(floors.event(Kind.RANG, "b", call="other", at=later), at=later)
    floors.take(floors.event(Kind.LEFT, "c", call="other", at=later), at=later)
    floors.take(
        floors.event(Kind.WROTE, "p", medium=Medium.TEXT, call="x", address="+15550102", words="x", at=AT), at=AT
    )
    outside = datetime.datetime(2026, 11, 2, tzinfo=datetime.UTC)
    floors.take(floors.event(Kind.RANG, "d", call="third", at=outside), at=outside)
    month = figures.of_month(
        first.agency_id, OCTOBER, reports=reports.left, at=timezone.now() + datetime.timedelta(days=40)
    )
    assert month.contacts == 2
    assert month.by_mode == {"voice": 2}
    assert month.by_end == {"abandoned": 1, "open": 1}
    assert month.by_shift == {"day": 1, "night": 1}
    assert month.waits_s == {"middle": 0, "nine_in_ten": 0}


def test_an_edition_whose_list_was_not_found_counts_nothing_and_says_so() -> None:
    contact = floors.take(floors.event(Kind.RANG, "a", at=AT), at=AT)
    month = figures.of_month(
        contact.agency_id, OCTOBER, reports=reports.left, at=timezone.now() + datetime.timedelta(days=40)
    )
    assert month.edition == "0970-0598-2025-11"
    assert month.indicators == {}
    assert "not found" in month.not_counted["*"]


def test_an_edition_names_what_is_not_counted_with_why() -> None:
    contact = floors.take(floors.event(Kind.RANG, "a", at=AT), at=AT)
    month = figures.of_month(contact.agency_id, SEPTEMBER, reports=reports.left, at=timezone.now())
    assert month.indicators["signals_by_mode"] == {}
    assert set(month.not_counted) == {name for name, value in month.indicators.items() if value is None}


def test_a_month_that_is_not_over_is_refused() -> None:
    contact = floors.take(floors.event(Kind.RANG, "a", at=AT), at=AT)
    with pytest.raises(figures.NotOver, match="2026-10"):
        figures.of_month(contact.agency_id, OCTOBER, reports=reports.left, at=AT)


def taken(by: viewers.Viewer, at: datetime.datetime) -> Signal:
    """A signal that somebody of the hotline wrote down."""
    what = signals.Contact(key=uuid.uuid4().hex, channel="text", facts=stories_of_reports.AGREED, state="NV")
    receipt = signals.take(what, asked=tables.asked(), receiver_id=by.agency_id, by=by.user_id, at=at)
    with row_security.system():
        return Signal.objects.get(id=receipt.signal_id)


def came_by_the_line(by: viewers.Viewer, at: datetime.datetime, name: str) -> Signal:
    """A signal that a contact of the line became."""
    text = floors.event(Kind.WROTE, name, medium=Medium.TEXT, call=name, words="x", at=at)
    contact, signal = floors.take(text, at=at), taken(by, at)
    moving.answer(contact.id, by=by, at=at)
    moving.became(contact.id, signal.id, by=by, at=at)
    return signal


def written(signal: Signal, to: uuid.UUID, by: viewers.Viewer, at: datetime.datetime) -> Report:
    """A report about a signal, ready to leave."""
    with row_security.looking(by):
        about = weighing.of_signal(signal.reference, by)
    words = reporting.Written(protocol_id=to, parts={"what": "x"}, danger_because="He is on his way.")
    return reporting.write(about, words, by=by, at=at)


def left(report: Report, to: uuid.UUID, by: viewers.Viewer, at: datetime.datetime) -> None:
    reporting.send(report.id, protocol_id=to, how=Sending.How.PHONE, seen=1, by=by, at=at)


def test_reports_of_what_came_by_the_line_are_counted_once_in_the_month_in_which_they_left(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: September has one report of the signal and one of the case to police, and one to child protection."""
    floors.install(tmp_path, monkeypatch, floors.PLAN + TEST_LINE)
    begins = datetime.datetime(2025, 9, 1, 4, tzinfo=datetime.UTC)  # midnight by the installation's clock, New York
    ends = datetime.datetime(2025, 10, 1, 4, tzinfo=datetime.UTC)
    before, within = begins - datetime.timedelta(days=3), begins + datetime.timedelta(days=9)
    instant = datetime.timedelta(microseconds=1)
    chief, advocate = stories.person("HOTLINE"), floors.on_shift(at=before, ready=False)
    stories.staff()
    police, helpers = (stories_of_reports.kept(chief, kind, at=before) for kind in ("police", "child_protection"))
    signal = came_by_the_line(advocate, before, "a")
    at_the_border = written(signal, police, advocate, before)
    left(at_the_border, police, advocate, begins)
    left(at_the_border, police, advocate, within)  # again, in the same month
    left(at_the_border, helpers, advocate, ends)  # and in the next one: it is the same report
    too_early, last, too_late = (written(signal, to, advocate, before) for to in (police, helpers, police))
    left(too_early, police, advocate, begins - instant)
    left(last, helpers, advocate, ends - instant)
    left(too_late, police, advocate, ends)
    written(signal, police, advocate, before)  # never left
    (routed,) = routing.route([came_by_the_line(advocate, before, "b").id], at=before)
    with row_security.system():
        case = Case.objects.get(id=routed.case_id)
    about = stories_of_reports.subject(case, advocate)
    words = reporting.Written(protocol_id=police, parts={"what": "x"}, danger_because="He is on his way.")
    left(reporting.write(about, words, by=advocate, at=before), police, advocate, within)
    left(written(taken(advocate, before), police, advocate, before), police, advocate, within)  # not by the line
    for address, use in (("+15550102", models.Use.TRAINEE), ("+15550103", models.Use.TEST)):
        what = floors.event(Kind.WROTE, use, medium=Medium.TEXT, call=use, address=address, words="x", at=before)
        contact, signal = floors.take(what, at=before), taken(advocate, before)
        assert contact.use == use
        moving.answer(contact.id, by=advocate, at=before)
        with pytest.raises(line.Refused, match="practice"):
            moving.became(contact.id, signal.id, by=advocate, at=before)
        left(written(signal, police, advocate, before), police, advocate, within)
    month = figures.of_month(advocate.agency_id, SEPTEMBER, reports=reports.left, at=timezone.now())
    assert month.indicators["law_enforcement_notifications"] == {"child_protection": 1, "police": 2}
    assert "law_enforcement_notifications" not in month.not_counted
    assert month.contacts == 0
    assert reports.left(stories.agency("HSI").id, begins, ends) == {}
