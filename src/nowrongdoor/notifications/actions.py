"""What people do with notifications: see them, say how they want them, and confirm where mail reaches them.

The promise: a notification of an offer that waits stays new until somebody opens its case, because an offer that nobody
opened is passed on to others. A code for an address is kept nowhere: it is made from the message that carries it.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import hmac
import uuid
from collections.abc import Collection, Iterable, Mapping

from django.conf import settings
from django.core import exceptions, validators

from nowrongdoor.access import limits, row_security, viewers
from nowrongdoor.agencies.models import User, new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.notices import How
from nowrongdoor.notifications import models
from nowrongdoor.notifications.kinds import Kind
from nowrongdoor.notifications.queries import OF_OPEN_OFFERS
from nowrongdoor.outbox import delivering
from nowrongdoor.outbox import kinds as outbox
from nowrongdoor.outbox import queries as messages
from nowrongdoor.outbox.models import Message

CHOSEN = (
    *("email", "email_checked_at", "offers", "answers", "closings", "reminders"),
    *("digest_at", "quiet_from", "quiet_to", "at"),
)
CODE_LASTS = datetime.timedelta(hours=1)
MOST_CODES = 5  # in that time, so that nobody fills a stranger's mailbox


class Refused(Exception):
    """It cannot be done like that; the message is fit to show."""


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """How a person wants to be told. `quiet`: from and to o'clock, or None."""

    email: str
    offers: How
    answers: How
    closings: How
    reminders: How
    digest_at: int
    quiet: tuple[int, int] | None


def see_case(viewer: viewers.Viewer, case_id: uuid.UUID, *, at: datetime.datetime) -> None:
    """Note that the viewer opened a case: all that they were told of it is seen."""
    if viewer.user_id is not None:
        rows = models.Notification.objects.filter(person=viewer.user_id, case=case_id, seen_at=None, over_at=None)
        rows.update(seen_at=at)


def see_all(*, by: viewers.Viewer, at: datetime.datetime) -> int:
    """Note that the viewer saw the list, and count what was new; offers that wait stay new."""
    with row_security.looking(by):
        rows = models.Notification.objects.filter(person=by.user_id, seen_at=None, over_at=None)
        return rows.exclude(kind__in=OF_OPEN_OFFERS).update(seen_at=at)


def preference_of(viewer: viewers.Viewer) -> models.Preference:
    """Return how the viewer wants to be told: what they chose, or what holds without a choice (not saved)."""
    assert viewer.user_id is not None  # a token is told nothing
    kept = models.Preference.objects.filter(person=viewer.user_id).first()
    return kept or models.Preference(agency_id=viewer.agency_id, person_id=viewer.user_id)


def choose(choice: Choice, *, by: viewers.Viewer, at: datetime.datetime) -> models.Preference:
    """Keep how the viewer wants to be told; another address is checked first. Refused."""
    if choice.email:
        try:
            validators.validate_email(choice.email)
        except exceptions.ValidationError:
            raise Refused(_("Enter an email address like name@example.gov.")) from None
    if choice.quiet and choice.quiet[0] == choice.quiet[1]:
        raise Refused(_("Quiet hours have to end at another hour than they begin."))
    with row_security.looking(by):
        row = preference_of(by)
        is_new, is_another = row._state.adding, row.email != choice.email
        row.email, row.digest_at, row.at = choice.email, choice.digest_at, at
        row.offers, row.answers = choice.offers.value, choice.answers.value
        row.closings, row.reminders = choice.closings.value, choice.reminders.value
        row.quiet_from, row.quiet_to = choice.quiet or (None, None)
        if is_another:
            row.email_checked_at = None
        row.save(force_insert=is_new, update_fields=None if is_new else CHOSEN)
        record.record(record.Deed("preference.set", by.agency_id, row.id, by.user_id), at=at)
        if is_another and choice.email:
            _send_code(by, at=at)
    return row


def send_code(*, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Send a new code to the viewer's address. Refused."""
    with row_security.looking(by):
        row = preference_of(by)
        if not row.email or row.email_checked_at:
            raise Refused(_("There is no address to confirm."))
        _send_code(by, at=at)


def _send_code(by: viewers.Viewer, *, at: datetime.datetime) -> None:
    assert by.user_id is not None
    if not delivering.sends_mail():
        raise Refused(_("This installation sends no email, so leave the address empty. Ask whoever runs it."))
    if messages.count_checks(by.user_id, since=at - CODE_LASTS) >= MOST_CODES:
        raise Refused(_("You asked for several codes already. Wait an hour, then ask again."))
    delivering.queue(outbox.Kind.ADDRESS_CHECK, agency_id=by.agency_id, person_id=by.user_id, due_at=at, at=at)


def code_of(message: Message, email: str) -> str:
    """Make the code that a message carries to an address: eight digits that nobody can make without this
    installation's key."""
    text = f"address check {message.id} {email}".encode()
    return str(int.from_bytes(hmac.digest(settings.SECRET_KEY.encode(), text, "sha256")) % 10**8).zfill(8)


def confirm(code: str, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Take the code that came to the viewer's address: from now on mail goes there. Refused, limits.TooMany."""
    limits.spend(limits.Budget.CODE, f"address {by.user_id}", at=at)
    with row_security.looking(by):
        row = preference_of(by)
        assert by.user_id is not None
        message = messages.newest_check(by.user_id, since=at - CODE_LASTS)
        sent = "".join(code.split()).encode()
        if message is None or not row.email or not hmac.compare_digest(code_of(message, row.email).encode(), sent):
            raise Refused(_("That isn’t the code of the newest email. Codes work for an hour; ask for a new one."))
        models.Preference.objects.filter(id=row.id).update(email_checked_at=at)
        record.record(record.Deed("address.checked", by.agency_id, row.id, by.user_id), at=at)


@dataclasses.dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that people of an agency are to be told: what it is, and the instant that it is about."""

    kind: Kind
    agency_id: uuid.UUID
    people: frozenset[uuid.UUID]
    thing_id: uuid.UUID
    about_at: datetime.datetime
    case_id: uuid.UUID | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    id: uuid.UUID
    agency: uuid.UUID
    person: uuid.UUID
    kind: str
    case: uuid.UUID | None
    thing_id: uuid.UUID
    about_at: datetime.datetime
    at: datetime.datetime


def tell(occurrences: Iterable[Occurrence], *, at: datetime.datetime) -> int:
    """Tell people of things, each once, in the system's context; count what was new."""
    rows = [
        _Row(new_id(), each.agency_id, person_id, each.kind.value, each.case_id, each.thing_id, each.about_at, at)
        for each in occurrences
        for person_id in sorted(each.people)
    ]
    key = ("thing_id", "person", "kind", "about_at")
    return len(writing.add_missing(models.Notification, rows, key=key, returning="id"))


def tell_of_given_up(message: Message, at: datetime.datetime) -> None:
    """Tell, in the page, a message's person and the administrators of their agency that it was given up."""
    assert message.person_id is not None  # an email goes to a person
    people = administrators(message.agency_id) | {message.person_id}
    tell([Occurrence(Kind.MAIL_GIVEN_UP, message.agency_id, people, message.id, message.at)], at=at)


def administrators(agency_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return the active administrators of an agency."""
    return in_roles([agency_id], viewers.Role.ADMINISTRATOR)[agency_id]


def in_roles(agency_ids: Collection[uuid.UUID], *roles: viewers.Role) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    """Find the active people of each agency who have one of these roles."""
    by_agency: dict[uuid.UUID, set[uuid.UUID]] = collections.defaultdict(set)
    people = User.objects.filter(agency__in=agency_ids, is_active=True, role__in=[role.value for role in roles])
    for agency_id, person_id in people.values_list("agency", "id"):
        by_agency[agency_id].add(person_id)
    return {agency_id: frozenset(by_agency[agency_id]) for agency_id in agency_ids}
