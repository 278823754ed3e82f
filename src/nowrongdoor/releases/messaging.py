"""What one agency of a case writes to another.

The promise: it goes to an agency that takes part, past no gate; a name or a number of somebody whom the sender wrote
down goes along only where a release, or a disclosure under a duty, shows it to that agency already; and what is for
prosecutors alone goes from prosecutors to prosecutors (migration 0024).
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import Agency, new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import people
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case, Participant
from nowrongdoor.core import parts
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import rules
from nowrongdoor.mandates import queries as tables
from nowrongdoor.releases import actions, models
from nowrongdoor.vault import keys, sealing

LIMIT = 5_000
SHORTEST = 3  # letters of a name that are looked for
_PROSECUTOR = rules.Kind.PROSECUTOR.value
READ_WORK_PRODUCT = (viewers.Role.COORDINATOR, viewers.Role.INVESTIGATOR)


def send(
    case_id: uuid.UUID,
    *,
    to_agency_id: uuid.UUID,
    text: str,
    for_prosecutors: bool,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.CaseMessage:
    """Write to another agency of a case that the viewer's agency takes part in. actions.Refused, actions.Gate."""
    assert by.user_id is not None  # a token has no page
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text or len(text) > LIMIT or "\x00" in text:
        raise actions.Refused(_("Write the message, in at most {limit} characters.").format(limit=f"{LIMIT:,}"))
    with row_security.looking(by):
        case = Case.objects.filter(id=case_id).first()
        if case is None:
            raise cases.NoSuchCase
        row_security.act_on(case.id)
        other = next((each for each in recipients(by, case) if each.id == to_agency_id), None)
        if other is None:
            raise actions.Refused(_("Choose another agency that works on this case."))
        if other.id != case.lead_id:
            gate = tables.ruled_of(case.id).gate_against(desk=other.desk, kind=other.kind)
            if gate:
                raise actions.Gate(gate.effect)
        if for_prosecutors and not is_for_prosecutors(by, other):
            raise actions.Refused(_("Attorney work product goes only to another office of prosecutors."))
        check_names(case.id, to_agency_id, text, by=by)
        row_id = new_id()
        row = models.CaseMessage.objects.create(
            id=row_id,
            case=case,
            agency_id=by.agency_id,
            by_id=by.user_id,
            at=at,
            to_agency_id=to_agency_id,
            text=keys.of(case.id).seal(text, _place(row_id, by.agency_id)),
            for_prosecutors=for_prosecutors,
        )
        details: dict[str, record.Detail] = {"to": other.code}
        record.record(record.Deed("message.sent", by.agency_id, row.id, by.user_id, case.id, details), at=at)
    return row


def check_names(case_id: uuid.UUID, to_agency_id: uuid.UUID, text: str, *, by: viewers.Viewer) -> None:
    """Refuse a text with a name, a number or an address of somebody whom the viewer's agency wrote down, unless the
    agency that would read it may see that part of them now. actions.Refused."""
    words = {each.casefold() for each in re.findall(r"[^\W_]+", text)}
    digits = re.sub(r"\D", "", text)
    for person in people.shown(by, case_id, keys.of(case_id)):
        if not person.is_ours:
            continue
        for part in person.parts:
            values = dict(part.details or ())
            revealing = [word for word in _telling(values) if word in words or (word.isdigit() and word in digits)]
            if revealing and not _may_see(person.id, to_agency_id, part.part):
                raise actions.Refused(
                    _(
                        "This tells {part} about person {number}, who hasn’t signed a release for that agency. Take it "
                        "out and write “person {number}”, or add a release first."
                    ).format(part=part.part.words, number=person.number)
                )


def _telling(values: dict[str, str]) -> set[str]:
    by_name = {parts.label_of(name): name for name in parts.FIELDS}
    details = {by_name.get(label, label): value for label, value in values.items()}
    return {word for word in parts.searchable(details) if len(word) >= SHORTEST}


def _may_see(person_id: uuid.UUID, agency_id: uuid.UUID, part: parts.Part) -> bool:
    now = datetime.datetime.now(datetime.UTC)
    released = models.Release.objects.filter(
        person_id=person_id, recipient_id=agency_id, parts__contains=[part.value], revoked_at=None, expires_at__gt=now
    )
    disclosed = models.Disclosure.objects.filter(
        person_id=person_id, recipient_id=agency_id, parts__contains=[part.value], until__gt=now
    )
    return released.exists() or disclosed.exists()


def recipients(viewer: viewers.Viewer, case: Case) -> Sequence[Agency]:
    """List the other agencies that work on a case now, by name. The caller acts on the case."""
    there = Participant.objects.filter(case=case, to_at=None).values("agency")
    rows = Agency.objects.filter(id__in=there, active=True) | Agency.objects.filter(id=case.lead_id)
    return list(rows.exclude(id=viewer.agency_id).order_by("name", "id").distinct())


def is_for_prosecutors(viewer: viewers.Viewer, other: Agency) -> bool:
    """Return whether the viewer may send attorney work product to an agency."""
    own = Agency.objects.values_list("kind", flat=True).get(id=viewer.agency_id)
    return own == other.kind == _PROSECUTOR and viewer.role in READ_WORK_PRODUCT


@dataclasses.dataclass(frozen=True, slots=True)
class MessageShown:
    """A message as one of its two sides reads it."""

    id: uuid.UUID
    is_ours: bool
    agency: str
    to_agency: str
    by: str
    at: datetime.datetime
    text: str
    for_prosecutors: bool


def shown(viewer: viewers.Viewer, access: cases.Access) -> Sequence[MessageShown]:
    """List the messages on a case that the viewer may read, newest first."""
    rows = models.CaseMessage.objects.filter(case=access.case).select_related("agency", "to_agency")
    rows = rows.annotate(who=agencies.name_of("by_id")).order_by("-at", "-id")
    return [
        MessageShown(
            row.id,
            row.agency_id == viewer.agency_id,
            row.agency.name,
            row.to_agency.name,
            row.who,
            row.at,
            access.opened(row.text, _place(row.id, row.agency_id)),
            row.for_prosecutors,
        )
        for row in rows
    ]


def _place(row_id: uuid.UUID, agency_id: uuid.UUID) -> sealing.Place:
    return sealing.Place("case_message", row_id, "text", agency_id)
