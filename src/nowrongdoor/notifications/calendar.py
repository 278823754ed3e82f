"""The calendar feed: what is due for somebody, as kinds, references and instants.

The promise: an entry has the reference of a case and the kind of what is due, and nothing else of the case; it shows
what its person may see on the worklist, and no more.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import icalendar

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import reference
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.duties import queries as duties
from nowrongdoor.duties.kinds import Kind

MOST = 1_000  # the first to come
LATE, AHEAD = datetime.timedelta(days=14), datetime.timedelta(days=366)
WORDS: Mapping[Kind, str] = {
    Kind.ANSWER: gettext_lazy("Answer the offer"),
    Kind.NOTICE: gettext_lazy("Acknowledge the notice"),
    Kind.DEADLINE: gettext_lazy("Deadline"),
    Kind.REQUEST: gettext_lazy("Answer the request"),
    Kind.TASK: gettext_lazy("Task"),
}


def feed(viewer: viewers.Viewer, *, at: datetime.datetime) -> bytes:
    """Write what is due for the viewer: what they have, and, for who answers offers, what nobody at the agency has."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//No Wrong Door//nowrongdoor//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "No Wrong Door")
    calendar.add("refresh-interval", datetime.timedelta(minutes=15), parameters={"value": "DURATION"})
    with row_security.looking(viewer):
        near = duties.due_between(at - LATE, at + AHEAD, agency_id=viewer.agency_id, limit=MOST)
        record.looked("calendar.read", viewer.agency_id, by=viewer, at=at)
    for duty in near:
        if duty.person_id == viewer.user_id or (duty.person_id is None and viewer.role is viewers.ANSWERS):
            calendar.add_component(_event(duty, at=at))
    return bytes(calendar.to_ical())


def _event(duty: duties.Near, *, at: datetime.datetime) -> icalendar.Event:
    event, words = icalendar.Event(), str(WORDS[duty.kind])
    event.add("uid", f"{duty.id}@nowrongdoor")
    event.add("dtstamp", at)
    event.add("dtstart", duty.due_at)
    event.add(
        "summary",
        _("%(what)s, case %(reference)s") % {"what": words, "reference": reference.of(duty.case_id)}
        if duty.case_id
        else words,
    )
    event.add("transp", "TRANSPARENT")
    return event
