"""What was written in a contact that became no signal is erased after its time, and not before."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.audit.models import Event
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core.line import Medium
from nowrongdoor.line import clock, models, moving, shifts, writing
from nowrongdoor.vault import keys
from nowrongdoor.vault.models import DataKey
from tests.leads import stories
from tests.line import floors

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("clock_ahead")
def test_what_became_no_signal_is_erased_after_thirty_days_and_what_became_one_stays() -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at)
    plain, followed, open_still = (
        floors.take(floors.event(Kind.WROTE, name, medium=Medium.TEXT, call=name, sender=name, words=floors.WORDS))
        for name in ("plain", "followed", "open")
    )
    moving.became(followed.id, stories.signal(at=at).signal_id, by=desk, at=at)
    for contact in (plain, followed):
        moving.end(contact.id, by=desk, at=at)
    later = at + clock.KEPT
    assert clock.to_erase(at=later - datetime.timedelta(seconds=1)) == []
    assert clock.to_erase(at=later) == [plain.id]
    clock.erase(plain.id, at=later)
    said = [writing.of(contact.id, by=desk, at=later)[0].words for contact in (plain, followed, open_still)]
    assert said == [keys.ERASED, floors.WORDS, floors.WORDS]
    assert clock.to_erase(at=later) == []


def test_what_a_shift_said_is_erased_after_thirty_days_too() -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at)
    shifts.end("The school calls again at six.", by=desk, at=at)
    later = at + clock.KEPT
    assert clock.to_erase(at=later - datetime.timedelta(seconds=1)) == []
    (shift,) = clock.to_erase(at=later)
    clock.erase(shift, at=later)
    assert clock.to_erase(at=later) == []
    with row_security.system():
        assert list(Event.objects.filter(verb="shift.erased").values_list("subject_id", flat=True)) == [shift]
        assert not DataKey.objects.filter(subject_id=shift).exists()


def test_nothing_is_erased_while_the_provider_still_has_a_recording_of_it() -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at, ready=False)
    contact = floors.take(floors.event(Kind.RECORDED, "a", media="RE1", seconds=9, at=at), at=at)
    moving.answer(contact.id, by=desk, at=at)
    moving.end(contact.id, by=desk, at=at)
    assert clock.to_erase(at=at + clock.KEPT) == []
    with row_security.system():
        models.ContactMessage.objects.filter(contact=contact).update(ref=b"")
    assert clock.to_erase(at=at + clock.KEPT) == [contact.id]
