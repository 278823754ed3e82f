"""What a call hears next, from where its contact stands: nothing is kept of it, so whoever asks again hears the same.

The promise: nothing that is said tells what this line is about; and a voice never leads anywhere but to a person, a
message, or an end that was said.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.utils import translation

from nowrongdoor.access import row_security
from nowrongdoor.channels import protocol
from nowrongdoor.core.language import gettext
from nowrongdoor.line import channels, models, plan, reach
from nowrongdoor.line.models import State
from nowrongdoor.vault import keys

LOG = logging.getLogger(__name__)
HOLD = 10  # seconds until a call that waits asks again, which is also how late it learns that somebody answered
RINGS = 25  # seconds that a desk's telephone rings
LONGEST_MESSAGE = 180  # seconds


@row_security.system()
def steps(contact: models.Contact, *, at: datetime.datetime) -> Sequence[protocol.Step]:
    """Say what a call hears now."""
    row = models.Contact.objects.get(id=contact.id)
    row.language = _spoken(row.language)
    with translation.override(row.language):
        if row.state == State.RINGING:
            return _waiting(row, at)
        if row.state == State.ANSWERED and row.left_at is None:
            desks = models.Seat.objects.filter(person=row.person_id, ended_at=None).exclude(telephone="")
            desk = desks.values_list("telephone", flat=True).first()
            if desk and row.reach:
                reach.change(row, keys.of(row.id), person=str(row.person_id))
                return [protocol.Connect(desk, RINGS)]
            return _listed(row, at)  # nobody can talk with them: what they say is kept
        if row.state == State.VOICEMAIL:
            return _listed(row, at)
    return [protocol.HangUp()]


@row_security.system()
def turn(contact_id: uuid.UUID, *, at: datetime.datetime) -> None:
    """Have the provider let a call hear what it hears now, unless it is over. Where that can't be told, whoever had it
    hangs up, and the call asks for itself (taking.py)."""
    row = models.Contact.objects.get(id=contact_id)
    now = reach.opened(row)
    if now is None or row.left_at is not None:
        return
    try:
        channels.of_line(row.line).turn(now.conversation, steps(row, at=at))
    except protocol.NotSent as error:
        LOG.warning("A call of the line %s was not turned: %s.", row.line, error.code)


def _spoken(code: str) -> str:
    """Return in which language a call hears what is said: its own, where the whole product speaks it. What is safe to
    do is not said in a language that nobody reviewed: the first one is spoken instead, as pages show it."""
    fitting = (each for each, _name in settings.LANGUAGES if each.partition("-")[0] == code.partition("-")[0])
    return next(fitting, settings.LANGUAGE_CODE)


def _waiting(row: models.Contact, at: datetime.datetime) -> Sequence[protocol.Step]:
    now = reach.opened(row)
    assert now is not None  # it rings, so it is not over
    answers = now.keys.split()
    if answers:
        return [protocol.Ask(_question(answers), row.language, HOLD, is_number=len(answers) == 1)]
    if at - row.since < datetime.timedelta(seconds=HOLD):
        return [
            protocol.Say(gettext("Thank you for calling. Somebody will be with you soon."), row.language),
            protocol.Ask(_menu(), row.language, HOLD),
        ]
    return [protocol.Ask(_menu(), row.language, HOLD)]


def _menu() -> str:
    return gettext(
        "You can stay on the line. To leave a message, press 1. To be called back, press 2. If you are in danger "
        "right now, hang up and call the emergency number."
    )


def _question(answers: Sequence[str]) -> str:
    """Ask what is still open of a wish to be called back. The number is the one that they press: the one they call from
    may be somebody else's."""
    match answers:
        case [_]:
            return gettext("Which number is safe for us to call? Press its digits, then the pound key.")
        case [_, number]:
            return gettext(
                "You pressed %(digits)s. If this is right, and it is safe for us to call it, press 1. To press another "
                "number, press 2. To stay on the line without being called back, press 3."
            ) % {"digits": " ".join(number)}
        case [_, _, _]:
            return gettext(
                "Until when is it safe? For the next hour, press 1. For the next eight hours, press 2. For the next "
                "three days, press 3."
            )
    return gettext(
        "If somebody else answers: to have us say that it was a wrong number, press 1. To have us hang up without a "
        "word, press 2."
    )


def _listed(row: models.Contact, at: datetime.datetime) -> Sequence[protocol.Step]:
    if models.CallBack.objects.filter(contact=row).exists():
        return [protocol.Say(gettext("We will call you. Goodbye."), row.language), protocol.HangUp()]
    # Whoever says nothing is not asked again and again.
    had_time = row.state == State.VOICEMAIL and at - row.since > datetime.timedelta(seconds=LONGEST_MESSAGE + 60)
    if had_time or row.messages.filter(way=models.ContactMessage.Way.VOICEMAIL).exists():
        return [protocol.Say(gettext("Thank you. Goodbye."), row.language), protocol.HangUp()]
    group = plan.installed().groups.get(row.group)
    hours = int(group.answers_within.total_seconds() // 3_600) if group else 1
    return [
        protocol.Say(
            gettext(
                "Nobody could answer yet. Please leave a message after the tone; somebody will listen to it within "
                "%(hours)s hours. If you are in danger right now, hang up and call the emergency number."
            )
            % {"hours": hours},
            row.language,
        ),
        protocol.Record(LONGEST_MESSAGE),
    ]
