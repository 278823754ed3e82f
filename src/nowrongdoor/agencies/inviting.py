"""An agency keeps its own people: invite, change a role, switch off and on, take a lost second factor away.

The promise: an administrator acts in their own agency only and never on themselves, so that an agency always keeps one;
whatever changes what somebody may do ends their sessions at once (it is part of what a session is checked against).
"""

from __future__ import annotations

import dataclasses
import datetime
import secrets
import uuid
from collections.abc import Sequence

from allauth.mfa.models import Authenticator
from django.contrib.auth import password_validation
from django.core import exceptions
from django.db.models import F, Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import models, passwords, setting_up
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import rules

LASTS = datetime.timedelta(hours=72)  # policy
GIVEN = tuple(role for role in viewers.Role if role is not viewers.Role.MACHINE)
# An agency that signs in for services finds help for nobody, and vouches for none (a trigger says the same).
OF_PROVIDERS = (viewers.Role.PROVIDER, viewers.Role.ADMINISTRATOR, viewers.Role.INSPECTOR)


class Refused(ValueError):
    """It cannot be done as it is; the message says what to do."""


class NoSuchPerson(LookupError):
    """There is no such person, or they belong to another agency: the answer is the same."""


class NoSuchInvitation(LookupError):
    """The link was used, withdrawn, ran out or never was."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Check that you entered the whole link. If it still doesn’t work, it was used or "
                "has expired: ask your agency’s administrator for a new invitation."
            )
        )


class NotWaiting(LookupError):
    """There is no such invitation that still waits, or it is another agency's: the answer is the same."""


@dataclasses.dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, and the secret of its link, which is told once."""

    row: models.Invitation
    secret: str


@dataclasses.dataclass(frozen=True, slots=True)
class Coded:
    """Somebody, and the setup code that was made for them, which is told once."""

    person: models.User
    code: str


@dataclasses.dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody of the agency, for the page that keeps them. Of a sign-in only the day is kept, in UTC."""

    id: uuid.UUID
    name: str
    full_name: str
    role: viewers.Role
    is_active: bool
    has_second_factor: bool
    language: str
    signed_in_on: datetime.date | None
    is_me: bool


@dataclasses.dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation that nobody used yet, for the page that keeps it. Its link works no more when its time ran out
    (`is_over`), or when whoever made it is no longer an administrator of the agency (`is_stopped`)."""

    id: uuid.UUID
    name: str
    full_name: str
    role: viewers.Role
    by: str
    at: datetime.datetime
    expires_at: datetime.datetime
    is_over: bool
    is_stopped: bool


def invite(name: str, full_name: str, role: str, *, by: viewers.Viewer, at: datetime.datetime) -> Invited:
    """Invite somebody to the viewer's agency. Refused."""
    name, full_name = name.strip(), full_name.strip()
    if not name or not full_name or max(len(name), len(full_name)) > 100 or "\x00" in name + full_name:
        raise Refused(_("Write a sign-in name and a full name, each of at most 100 characters."))
    _check_role(role, by)
    _refuse_a_taken_name(name)
    with row_security.looking(by):
        waiting_already = models.Invitation.objects.filter(
            name=name, agency_id=by.agency_id, used_at=None, withdrawn_at=None
        )
        for before in waiting_already.select_for_update(of=("self",)):
            _revoke(before, by=by, at=at)
        invited = _invited(name, full_name, role, by=by, at=at)
        _record("person.invited", invited.row.id, by=by, at=at, details={"role": role})
    return invited


def waiting(by: viewers.Viewer, *, at: datetime.datetime) -> Sequence[InvitationRow]:
    """List the invitations of the viewer's agency that nobody used or revoked, the newest first."""
    rows = models.Invitation.objects.filter(agency_id=by.agency_id, used_at=None, withdrawn_at=None)
    return [
        InvitationRow(
            row.id,
            row.name,
            row.full_name,
            viewers.Role(row.role),
            row.by.full_name if row.by else "",
            row.at,
            row.expires_at,
            row.expires_at <= at,
            row.by is not None and not (row.by.is_active and row.by.role == viewers.Role.ADMINISTRATOR.value),
        )
        for row in rows.select_related("by").order_by("-at", "-id")
    ]


def resend(invitation_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> Invited:
    """Make another link for somebody who was invited; the one before works no more. NotWaiting, Refused."""
    with row_security.looking(by):
        before = _waiting(invitation_id, by)
        _refuse_a_taken_name(before.name)
        before.withdrawn_at = at
        before.save(update_fields=["withdrawn_at"])
        invited = _invited(before.name, before.full_name, before.role, by=by, at=at)
        _record("invitation.resent", invited.row.id, by=by, at=at, details={"before": str(before.id)})
    return invited


def revoke(invitation_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Invitation:
    """Revoke an invitation: its link works no more. NotWaiting."""
    with row_security.looking(by):
        row = _waiting(invitation_id, by)
        _revoke(row, by=by, at=at)
    return row


def _revoke(row: models.Invitation, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    _record("invitation.revoked", row.id, by=by, at=at)


def _waiting(invitation_id: uuid.UUID, by: viewers.Viewer) -> models.Invitation:
    rows = models.Invitation.objects.select_for_update(of=("self",))
    row = rows.filter(id=invitation_id, agency_id=by.agency_id, used_at=None, withdrawn_at=None).first()
    if row is None:
        raise NotWaiting
    return row


def _refuse_a_taken_name(name: str) -> None:
    with row_security.entry():  # a sign-in name is one person's in the whole system
        if models.User.objects.filter(name=name).exists():
            raise Refused(_("The sign-in name '%(name)s' is already taken. Choose another one.") % {"name": name})


def _invited(name: str, full_name: str, role: str, *, by: viewers.Viewer, at: datetime.datetime) -> Invited:
    secret = secrets.token_urlsafe(32)
    row = models.Invitation.objects.create(
        agency_id=by.agency_id,
        name=name,
        full_name=full_name,
        role=role,
        digest=setting_up.digest(secret),
        at=at,
        by_id=by.user_id,
        expires_at=at + LASTS,
    )
    return Invited(row, secret)


def code_in(text: str) -> str:
    """Return the code of an invitation, out of the whole link or the code alone, as somebody pasted it."""
    return text.strip().rpartition("#")[2]


def open_invitation(secret: str, *, at: datetime.datetime) -> models.Invitation:
    """Find the invitation of a link. One that an administrator made ends when they are none any longer; an operator's
    has nobody's name. NoSuchInvitation."""
    still = Q(by=None) | Q(by__is_active=True, by__role=viewers.Role.ADMINISTRATOR.value)
    rows = models.Invitation.objects.filter(
        still,
        digest=setting_up.digest(secret),
        used_at=None,
        withdrawn_at=None,
        expires_at__gt=at,
        agency__active=True,
    )
    row = rows.select_related("agency").first()
    if row is None:
        raise NoSuchInvitation
    return row


def look_over(secret: str, *, password: str, again: str, at: datetime.datetime) -> models.Invitation:
    """Return the invitation that a chosen password would take up. NoSuchInvitation, exceptions.ValidationError for a
    password that is easy to guess or was not typed alike twice."""
    row = open_invitation(secret, at=at)
    if password != again:
        raise exceptions.ValidationError(_("The two passwords don’t match."))
    password_validation.validate_password(password)
    if models.User.objects.filter(name=row.name).exists():
        raise exceptions.ValidationError(_("Somebody else is using this sign-in name now. Ask for a new invitation."))
    return row


def accept(secret: str, *, password: str, at: datetime.datetime, encoded: str = "") -> models.User:
    """Make the invited person, with the password that they chose; `encoded` is what is kept of it, where it was hashed
    before. The caller works in the entry context. NoSuchInvitation, exceptions.ValidationError."""
    row = look_over(secret, password=password, again=password, at=at)
    if not models.Invitation.objects.filter(id=row.id, used_at=None, withdrawn_at=None).update(used_at=at):
        raise NoSuchInvitation  # somebody was quicker with the same link, or revoked it meanwhile
    person = models.User(name=row.name, full_name=row.full_name, agency=row.agency, role=row.role)
    person.password = encoded or passwords.hashed(password)
    person.save()
    deed = record.Deed("person.joined", row.agency_id, person.id, person.id, authority=record.Authority.OFFICE)
    record.record(deed, at=at)
    return person


def people(by: viewers.Viewer) -> Sequence[PersonRow]:
    """List the people of the viewer's agency, by name."""
    with row_security.entry():  # whether a second factor is there belongs to the person
        factors = set(
            Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
            .filter(user__agency_id=by.agency_id)
            .values_list("user_id", flat=True)
        )
    rows = models.User.objects.filter(agency_id=by.agency_id).order_by("full_name", "name", "id")
    return [
        PersonRow(
            row.id,
            row.name,
            row.full_name,
            viewers.Role(row.role),
            row.is_active,
            row.id in factors,
            row.language,
            row.last_login.astimezone(datetime.UTC).date() if row.last_login else None,
            row.id == by.user_id,
        )
        for row in rows
    ]


def _check_role(role: str, by: viewers.Viewer) -> None:
    if role not in {each.value for each in GIVEN}:
        raise Refused(_("Choose a role."))
    is_provider = models.Agency.objects.filter(id=by.agency_id, kind=rules.Kind.PROVIDER.value).exists()
    if is_provider and role not in {each.value for each in OF_PROVIDERS}:
        raise Refused(_("People of a provider are providers, administrators, or inspectors. Choose one of these."))


def set_role(person_id: uuid.UUID, role: str, *, by: viewers.Viewer) -> None:
    """Give somebody another role, and end their sessions; a trigger writes the event. NoSuchPerson, Refused."""
    with row_security.looking(by):
        person = _other(person_id, by)
        _check_role(role, by)
        person.role = role
        person.save(update_fields=["role"])


def switch(person_id: uuid.UUID, *, on: str, by: viewers.Viewer) -> None:
    """Switch somebody off ("no") or on again ("yes"); a trigger writes the event. NoSuchPerson, Refused."""
    with row_security.looking(by):
        person = _other(person_id, by)
        person.is_active = on == "yes"
        person.save(update_fields=["is_active"])


def make_setup_code(person_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> Coded:
    """Make the code with which somebody adds their first second factor; the one before ends. NoSuchPerson, Refused."""
    with row_security.looking(by):
        person = _other(person_id, by)
        with row_security.entry():
            has_factor = setting_up.has_factor(person.id)
        if has_factor:
            raise Refused(_("They have two-factor sign-in. If they lost it, reset it: you’ll see a setup code."))
        if not person.is_active:
            raise Refused(_("They are deactivated. Reactivate them first."))
        return Coded(person, setting_up.make(person, by=by, at=at))


def reset_second_factor(person_id: uuid.UUID, *, by: viewers.Viewer | None, at: datetime.datetime) -> Coded:
    """Take a lost second factor away, end the sessions, and make the code with which the person adds another one.
    `by`: nobody, where an operator does it for an agency's only administrator. NoSuchPerson, Refused."""
    with row_security.serving(by):
        person = _other(person_id, by) if by else models.User.objects.select_for_update().get(id=person_id)
        with row_security.system(by=by):  # the factors are the person's own
            Authenticator.objects.filter(user_id=person.id).delete()
        _end_sessions(person)
        office = record.Authority.OFFICE if by else None
        deed = record.Deed(
            "person.factor_reset", person.agency_id, person.id, by.user_id if by else None, authority=office
        )
        record.record(deed, at=at)
        return Coded(person, setting_up.make(person, by=by, at=at))


def end_sessions(*, by: viewers.Viewer, at: datetime.datetime) -> None:
    """End every session of the viewer, this one too."""
    assert by.user_id is not None  # a token has no session
    with row_security.looking(by):
        _end_sessions(models.User.objects.get(id=by.user_id))
        _record("person.signed_out_everywhere", by.user_id, by=by, at=at)


def _end_sessions(person: models.User) -> None:
    models.User.objects.filter(id=person.id).update(generation=F("generation") + 1)


def _other(person_id: uuid.UUID, by: viewers.Viewer) -> models.User:
    person = models.User.objects.select_for_update(of=("self",)).filter(id=person_id, agency_id=by.agency_id).first()
    if person is None:
        raise NoSuchPerson
    if person.id == by.user_id:
        raise Refused(_("You can’t change this for yourself. Ask another administrator at your agency."))
    return person


def _record(
    verb: str,
    subject_id: uuid.UUID,
    *,
    by: viewers.Viewer,
    at: datetime.datetime,
    details: dict[str, record.Detail] | None = None,
) -> None:
    office = record.Authority.OFFICE
    record.record(record.Deed(verb, by.agency_id, subject_id, by.user_id, None, details or {}, office), at=at)
