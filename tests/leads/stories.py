"""Short ways to the states that tests start from, through the actions that people use."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence

from django.test import override_settings
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import queries as directory
from nowrongdoor.agencies.models import Agency, User
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import files
from nowrongdoor.cases.models import Case, CaseFile, Note, Participant
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import routing
from nowrongdoor.leads.models import Handoff
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals

FORCED_LABOR = {"source": "law_enforcement", "labor": "yes", "age": "adult", "means": "yes", "nationality": "foreign"}
NOON = datetime.datetime(2026, 11, 23, 17, tzinfo=datetime.UTC)


class ClosedError(Exception):
    """The agency closed, so nobody of it can act."""


def agency(code: str) -> Agency:
    return Agency.objects.get(code=code)


def person(code: str, role: viewers.Role = viewers.Role.COORDINATOR) -> viewers.Viewer:
    """Somebody new of an agency."""
    at = agency(code)
    user = User(name=f"{code}-{uuid.uuid4().hex}", full_name=f"Pat of {code}", agency=at, role=role.value)
    user.set_unusable_password()
    user.save()
    came_in(user.id)
    viewer = user.viewer()
    if viewer is None:
        raise ClosedError(code)
    return viewer


def came_in(*person_ids: uuid.UUID) -> None:
    """Note that people signed in today, as the sign-in does."""
    agencies.note_sign_in(person_ids, at=timezone.now())


def staff() -> None:
    """Somebody who can answer and signed in, in every agency that is not reached: it would be passed over."""
    desks = User.objects.bulk_create(
        User(
            name=f"desk-{office.code}-{uuid.uuid4().hex}",
            full_name=f"Desk of {office.code}",
            agency_id=office.id,
            role=viewers.ANSWERS.value,
            password=uuid.uuid4().hex,  # no hash that any password has
        )
        for office in directory.directory().unanswered
    )
    came_in(*(desk.id for desk in desks))


def person_who_signs_in(code: str) -> User:
    """Somebody who can answer for an agency, and signed in."""
    desk = User.objects.create(
        name=f"desk-{code}-{uuid.uuid4().hex}",
        full_name=f"Desk of {code}",
        agency=agency(code),
        role=viewers.ANSWERS.value,
        password=uuid.uuid4().hex,  # no hash that any password has
    )
    came_in(desk.id)
    return desk


def signal(
    facts: Mapping[str, str] = FORCED_LABOR,
    *,
    receiver: str = "HOTLINE",
    key: str = "",
    at: datetime.datetime | None = None,
    **more: str | Sequence[Mapping[str, str]],
) -> signals.Receipt:
    staff()
    contact = signals.Contact(key=key or uuid.uuid4().hex, facts=facts, **{"channel": "call", **more})  # type: ignore[arg-type]
    now = at or timezone.now()
    return signals.take(contact, asked=tables.asked(), receiver_id=agency(receiver).id, by=None, at=now)


def case_as_it_is(facts: Mapping[str, str] = FORCED_LABOR, *, at: datetime.datetime | None = None) -> Case:
    """A case just routed to whoever can be reached now, and nobody else is made to be."""
    now = at or timezone.now()
    contact = signals.Contact(key=uuid.uuid4().hex, channel="call", facts=facts)
    receipt = signals.take(contact, asked=tables.asked(), receiver_id=agency("HOTLINE").id, by=None, at=now)
    routing.route([receipt.signal_id], at=now)
    return Case.objects.get(signals__signal_id=receipt.signal_id)


def case(
    facts: Mapping[str, str] = FORCED_LABOR,
    *,
    receiver: str = "HOTLINE",
    at: datetime.datetime | None = None,
    **more: str,
) -> Case:
    """A case just routed."""
    moment = at or timezone.now()
    receipt = signal(facts, receiver=receiver, at=moment, **more)
    routing.route([receipt.signal_id], at=moment)  # unless a running worker was quicker
    return Case.objects.get(signals__signal_id=receipt.signal_id)


def told(case: Case, code: str) -> Case:
    """The case, once an agency more knows of it."""
    joining = cases.Joining(case.id, agency(code).id, Participant.Relation.TOLD)
    with row_security.system():
        Case.objects.select_for_update().get(id=case.id)  # first, as every action does
        cases.join([joining], at=NOON)
    return case


def attach(
    case_id: uuid.UUID,
    content: bytes = b"A letter.",
    *,
    by: viewers.Viewer,
    label: str = "A letter",
    name: str = "letter.txt",
    audience: Note.Audience = Note.Audience.AGENCY,
    at: datetime.datetime = NOON,
) -> CaseFile:
    """A file of a case, where no scanner is needed."""
    with override_settings(SCAN="off", CLAMD=""):
        return files.attach(case_id, files.Sent(label, name, content, audience), by=by, at=at)


def offer_of(case: Case) -> Handoff:
    return Handoff.objects.select_related("to_agency").get(case=case, state="offered")


def owner_of(duty: Duty) -> str:
    """Name the agency that owes a duty."""
    assert duty.agency
    return duty.agency.code


def lead_of(case: Case) -> str:
    return Case.objects.values_list("lead__code", flat=True).get(id=case.id)
