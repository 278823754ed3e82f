"""Who joins a contact is kept with the wait, and who took somebody over with a name that nobody else opens."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import line
from nowrongdoor.line import joining, models, moving, queries
from tests.leads import stories
from tests.line import floors

pytestmark = pytest.mark.django_db
MINUTE = datetime.timedelta(minutes=1)


def talking() -> tuple[viewers.Viewer, models.Contact]:
    person = floors.on_shift()
    return person, floors.take(floors.event(Kind.RANG, "a"))


def part(contact: models.Contact, person: viewers.Viewer, kind: models.Leg.Kind) -> queries.Part:
    (only,) = [each for each in queries.parts(contact.id, person) if each.kind is kind]
    return only


def verbs(contact: models.Contact) -> list[str]:
    with row_security.system():
        rows = Event.objects.filter(subject_id=contact.id).order_by("at", "id")
        return [
            verb for verb in rows.values_list("verb", flat=True) if verb.startswith(("interpreter", "contact.hand"))
        ]


@pytest.mark.usefixtures("clock_ahead")
@pytest.mark.parametrize(
    ("to", "name"), [("es", "Español"), ("relay", "relay operator (TTY)"), ("video", "sign-language")]
)
def test_one_waits_for_an_interpreter_or_a_relay_until_they_come_and_leave(to: str, name: str) -> None:
    person, contact = talking()
    at = timezone.now()
    leg = joining.interpreter(contact.id, to, by=person, at=at)
    awaited = part(contact, person, models.Leg.Kind.INTERPRETER)
    assert awaited.is_awaited
    assert awaited.helper.startswith(name)
    for _ in range(2):
        joining.came(leg.id, by=person, at=at + 4 * MINUTE)
    assert not part(contact, person, models.Leg.Kind.INTERPRETER).is_awaited
    for minutes in (9, 11):
        joining.left(leg.id, by=person, at=at + minutes * MINUTE)
    after = part(contact, person, models.Leg.Kind.INTERPRETER)
    assert (after.asked_at, after.began_at, after.ended_at) == (at, at + 4 * MINUTE, at + 9 * MINUTE)
    assert verbs(contact) == ["interpreter.asked", "interpreter.came", "interpreter.left"]


def test_one_who_did_not_come_has_no_time_at_which_they_came() -> None:
    person, contact = talking()
    leg = joining.interpreter(contact.id, "relay", by=person, at=timezone.now())
    joining.left(leg.id, by=person, at=timezone.now())
    joining.came(leg.id, by=person, at=timezone.now())
    gone = part(contact, person, models.Leg.Kind.INTERPRETER)
    assert gone.began_at is None
    assert gone.ended_at is not None
    assert not gone.is_awaited
    assert verbs(contact) == ["interpreter.asked", "interpreter.left"]


def test_somebody_is_handed_on_to_a_line_by_name_and_the_name_is_sealed() -> None:
    person, contact = talking()
    leg = joining.hand_on(contact.id, "crisis", " Rosa ", by=person, at=timezone.now())
    taken = part(contact, person, models.Leg.Kind.OUTSIDE)
    assert (taken.place, taken.name) == ("988 Suicide & Crisis Lifeline", "Rosa")
    with row_security.system():
        assert b"Rosa" not in bytes(models.Leg.objects.get(id=leg.id).words)
        details = Event.objects.get(verb="contact.handed_outside", subject_id=contact.id).details
    assert "crisis" in str(details)
    assert "Rosa" not in str(details)
    assert floors.now(contact).person_id == person.user_id, "whoever handed them on ends the contact"


@pytest.mark.parametrize(("to", "name"), [("nowhere", "Rosa"), ("relay", "Rosa"), ("crisis", "  ")])
def test_nobody_is_handed_on_to_nowhere_or_to_nobody(to: str, name: str) -> None:
    person, contact = talking()
    with pytest.raises(line.Refused):
        joining.hand_on(contact.id, to, name, by=person, at=timezone.now())
    joining.hand_on(contact.id, joining.ELSEWHERE, "Rosa, a shelter", by=person, at=timezone.now())
    assert verbs(contact) == ["contact.handed_outside"]


def test_nobody_else_notes_who_joined() -> None:
    person, contact = talking()
    leg = joining.interpreter(contact.id, "es", by=person, at=timezone.now())
    stranger, colleague = stories.person("HSI"), floors.on_shift(ready=False)
    for do in (joining.came, joining.left):
        with pytest.raises(moving.NoSuchContact):
            do(leg.id, by=stranger, at=timezone.now())
    with pytest.raises(line.Refused):
        joining.hand_on(contact.id, "crisis", "Rosa", by=colleague, at=timezone.now())
    with pytest.raises(moving.NoSuchContact):
        joining.hand_on(uuid.uuid4(), "crisis", "Rosa", by=person, at=timezone.now())
