"""Looking at some contacts of a line, drawn by lot, so that whoever answers learns what went well and what would have
helped.

The promise: the lot draws, nobody chooses; what was drawn is reviewed before another draw; nobody reviews a contact
that they had; and whoever had it reads what was found.
"""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.audit import record
from nowrongdoor.core import line
from nowrongdoor.core.language import gettext, gettext_lazy
from nowrongdoor.line import moving
from nowrongdoor.line.models import Contact, Leg, Use
from nowrongdoor.vault import sealing
from nowrongdoor.vault.models import DataKey
from nowrongdoor.wrapup import contacts, models

LOOKS_BACK = datetime.timedelta(days=14)
MOST = 20
LONGEST = 2_000  # characters
# Practice, no law: what a supervisor looks at (docs/line.md).
QUESTIONS: Mapping[str, str] = {
    "safe": gettext_lazy("They were asked early whether they could talk or write safely."),
    "told_first": gettext_lazy("They heard what can’t be kept private before they said who they are."),
    "danger": gettext_lazy("Danger was noticed, and something was done about it."),
    "wish": gettext_lazy("Their wish decided what happened next and who was told."),
    "words": gettext_lazy("The words were plain and kind, without pressure or blame."),
    "help": gettext_lazy("They left with what they asked for, or with somebody who had it."),
}
ANSWERS = {
    "yes": gettext_lazy("Yes"),
    "no": gettext_lazy("No"),
    "none": gettext_lazy("It didn’t come up"),
}


class NothingToDraw(Exception):
    """No contact can be drawn; the message is fit to show."""


def draw(count: int, *, by: viewers.Viewer, at: datetime.datetime) -> int:
    """Draw contacts of the last two weeks by lot, and return how many were drawn. NothingToDraw, line.Refused."""
    if not 1 <= count <= MOST:
        raise line.Refused(gettext("Draw between 1 and %(most)s contacts.") % {"most": MOST})
    assert by.user_id is not None  # a token reviews nothing
    with row_security.looking(by):
        moving.alone(by.agency_id)
        if models.Review.objects.filter(_can_be_reviewed("contact", by), agency=by.agency_id, at=None).exists():
            raise line.Refused(gettext("Review what was drawn first. Then draw again."))
        over = Contact.objects.filter(
            agency=by.agency_id, use=Use.LIVE, over_at__gt=at - LOOKS_BACK, answered_at__isnull=False, review=None
        )
        ids = sorted(over.filter(_can_be_reviewed("pk", by)).values_list("id", flat=True))
        if not ids:
            raise NothingToDraw(gettext("No contact of the last two weeks is left to draw."))
        drawn = random.SystemRandom().sample(ids, min(count, len(ids)))
        models.Review.objects.bulk_create(
            models.Review(contact_id=each, agency_id=by.agency_id, drawn_by_id=by.user_id, drawn_at=at)
            for each in drawn
        )
        for each in drawn:
            record.record(record.Deed("contact.drawn", by.agency_id, each, by.user_id), at=at)
    return len(drawn)


def write(
    contact_id: uuid.UUID,
    answers: Mapping[str, str],
    words: str,
    *,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    """Write what one found in a contact that was drawn. moving.NoSuchContact, line.Refused."""
    if set(answers) != set(QUESTIONS) or not set(answers.values()) <= set(ANSWERS):
        raise line.Refused(gettext("Answer each question, if only by saying that it didn’t come up."))
    if len(words) > LONGEST:
        raise line.Refused(gettext("Keep it under %(limit)s characters.") % {"limit": f"{LONGEST:,}"})
    with row_security.looking(by):
        contact = moving.locked(contact_id, by)
        row = models.Review.objects.select_for_update(of=("self",)).filter(contact=contact).first()
        if row is None:
            raise line.Refused(gettext("This contact was not drawn for review."))
        if row.at is not None:
            raise line.Refused(gettext("This contact has been reviewed already."))
        if Leg.objects.filter(contact=contact, kind=Leg.Kind.HELD, person=by.user_id).exists():
            raise line.Refused(gettext("You had this contact yourself. Somebody else reviews it."))
        row.answers, row.by_id, row.at = dict(answers), by.user_id, at
        row.words = contacts.key_of(contact).seal(words.strip(), place(row))
        row.save(update_fields=["answers", "words", "by", "at"])
        record.record(record.Deed("contact.reviewed", by.agency_id, contact.id, by.user_id), at=at)


def _can_be_reviewed(contact: str, by: viewers.Viewer) -> Q:
    """Ask whether a contact can still be reviewed: what was said in it was not erased, and some coordinator of the
    agency did not have it. Else nothing more could be drawn, for one that nobody can review. `contact`: its column."""
    had = Leg.objects.filter(contact=OuterRef(OuterRef(contact)), kind=Leg.Kind.HELD, person=OuterRef("pk"))
    others = User.objects.filter(~Exists(had), agency=by.agency_id, role=viewers.Role.COORDINATOR.value, is_active=True)
    return Q(Exists(DataKey.objects.filter(subject_id=OuterRef(contact)))) & Q(Exists(others))


def place(row: models.Review) -> sealing.Place:
    """Say where its words belong."""
    return sealing.Place("contact_review", row.id, "words", row.agency_id)
