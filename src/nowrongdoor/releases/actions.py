"""Keeping and revoking a person's consent, and telling under a duty of law.

The promise: nothing here is a condition for help; no action asks whether somebody signed, except those that would tell
another agency who they are.
"""

from __future__ import annotations

import datetime
import enum
import uuid
from collections.abc import Collection

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import Agency, new_id
from nowrongdoor.audit import record
from nowrongdoor.cases.models import Participant
from nowrongdoor.cases.person_models import Person, PersonRole
from nowrongdoor.core import disclosure_grounds, parts
from nowrongdoor.core.language import gettext as _
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import kinds
from nowrongdoor.releases import models, queries, signing
from nowrongdoor.vault import keys, sealing

LIMIT = 1_000
_BY_THEMSELVES = signing.Signing()
LOOK_FOR = datetime.timedelta(days=30)


class Refused(ValueError):
    """It cannot be kept as it is; the message says what to do."""


class NotSigned(Refused):
    """A release that nobody may sign like that; `field`: what to change on the form."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Gate(Refused):
    """A law stands in the way; the message names it."""


def keep(
    person_id: uuid.UUID,
    *,
    recipient_code: str,
    which: Collection[str],
    purpose: str,
    witness: str,
    expires_at: datetime.datetime,
    by: viewers.Viewer,
    at: datetime.datetime,
    how: signing.Signing = _BY_THEMSELVES,
) -> models.Release:
    """Keep a person's written consent: from now the recipient sees the named parts. `how`: who signed it, and which
    words. Refused, Gate."""
    assert by.user_id is not None  # a token has no page
    check_signing(how, expires_at=expires_at, at=at)
    with row_security.looking(by):
        person = _own(person_id, by)
        recipient = _recipient(person, recipient_code, which, by, is_release=True)
        row_id = new_id()
        key = keys.of(person.case_id)
        row = models.Release.objects.create(
            id=row_id,
            case_id=person.case_id,
            person=person,
            agency_id=by.agency_id,
            recipient=recipient,
            parts=sorted(which),
            purpose=key.seal(_checked(purpose, _("what for")), _place("release", row_id, "purpose", by)),
            witness=key.seal(_checked(witness, _("who was there")), _place("release", row_id, "witness", by)),
            given_at=at,
            expires_at=expires_at,
            by_id=by.user_id,
            signer=how.signer.value,
            co_signer_id=_co_signer(person, how),
            co_signer_name=key.seal(how.co_signer_name.strip(), _place("release", row_id, "co_signer_name", by)),
            is_no_abuser=how.is_no_abuser,
            excluded=key.seal(how.excluded.strip(), _place("release", row_id, "excluded", by)),
            longer_because=key.seal(how.longer_because.strip(), _place("release", row_id, "longer_because", by)),
            signed_at=how.signed_at,
            language=how.language,
            signed_text=key.seal(how.text, _place("release", row_id, "signed_text", by)),
        )
        _record("release.kept", row_id, person, recipient, by=by, at=at)
    return row


def check(person_id: uuid.UUID, *, recipient_code: str, which: Collection[str], by: viewers.Viewer) -> Agency:
    """Return the agency that a release would be for, before anybody signs in vain. Refused, Gate."""
    with row_security.looking(by):
        return _recipient(_own(person_id, by), recipient_code, which, by, is_release=True)


def check_signing(how: signing.Signing, *, expires_at: datetime.datetime, at: datetime.datetime) -> None:
    """Refuse a release whose end or signer no law would let stand. NotSigned, with the field that is wrong."""
    if not at < expires_at <= at + disclosure_grounds.LONGEST_CONSENT:
        raise NotSigned("until", _("Consent ends: choose a day within a year."))
    day = datetime.timedelta(days=1)
    if expires_at > at + disclosure_grounds.OFFERED_CONSENT + day and not how.longer_because.strip():
        raise NotSigned("longer", _("Say why the release has to last longer than 90 days, or choose an earlier day."))
    if how.signer.needs_another:
        if not how.co_signer_name.strip():
            raise NotSigned("co_signer", _("Write who signs with the person or for them."))
        if not how.is_no_abuser:
            raise NotSigned(
                "no_abuser",
                _(
                    "Somebody who may be abusing the person can’t sign. Choose somebody else, or offer a call in which "
                    "the person speaks for themselves: that needs no release."
                ),
            )
    if how.signed_at is not None and how.signed_at > at:
        raise NotSigned("signed_at", _("Enter when the paper was signed; it can’t be later than now."))
    for words in (how.co_signer_name, how.excluded, how.longer_because):
        if len(words) > LIMIT or "\x00" in words:
            raise NotSigned("", _("Keep each text under {limit} characters.").format(limit=f"{LIMIT:,}"))


def _co_signer(person: Person, how: signing.Signing) -> uuid.UUID | None:
    if not how.signer.needs_another or how.co_signer_number is None:
        return None
    other = Person.objects.filter(
        case_id=person.case_id, owner_id=person.owner_id, number=how.co_signer_number
    ).exclude(id=person.id)
    signer = other.values_list("id", flat=True).first()
    if signer is None:
        raise NotSigned("co_signer_number", _("Choose a person that your agency added to this case, or nobody."))
    if PersonRole.objects.filter(person=signer, role="offender", to_at=None).exists():
        raise NotSigned(
            "co_signer_number",
            _(
                "This person is on record as a suspect, so they can’t sign. Choose somebody else, or offer a call in "
                "which the person speaks for themselves: that needs no release."
            ),
        )
    return signer


class Way(enum.StrEnum):
    """In which way a person took a release back. Withdrawing may be said; only consent has to be written."""

    PHONE = "phone"
    IN_PERSON = "in_person"
    WRITING = "writing"


def revoke(release_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime, way: Way | None = None) -> None:
    """End a consent, because the person said so, in whatever way; from now on the recipient sees nothing of it.
    Refused."""
    with row_security.looking(by):
        row = models.Release.objects.filter(id=release_id, agency_id=by.agency_id, revoked_at=None).first()
        if row is None:
            raise Refused(_("This release isn’t in force."))
        row.revoked_at, row.revoked_by_id, row.revoked_how = at, by.user_id, way.value if way else ""
        row.save(update_fields=["revoked_at", "revoked_by", "revoked_how"])
        deed = record.Deed("release.revoked", by.agency_id, row.id, by.user_id, row.case_id)
        record.record(deed, at=at)


def disclose(
    person_id: uuid.UUID,
    *,
    recipient_code: str,
    which: Collection[str],
    ground: str,
    because: str,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.Disclosure:
    """Tell another agency without consent, because a law says so, and start the clock of the notice that the
    person is owed. Refused, Gate."""
    assert by.user_id is not None  # a token has no page
    owed = disclosure_grounds.installed()
    try:
        law = owed.law[disclosure_grounds.Ground(ground)]
    except ValueError:
        raise Refused(_("Choose the legal duty that requires the disclosure.")) from None
    with row_security.looking(by):
        person = _own(person_id, by)
        recipient = _recipient(person, recipient_code, which, by)
        row_id = new_id()
        row = models.Disclosure.objects.create(
            id=row_id,
            case_id=person.case_id,
            person=person,
            agency_id=by.agency_id,
            recipient=recipient,
            parts=sorted(which),
            ground=ground,
            citation=law.citation,
            evidence=law.evidence,
            because=keys.of(person.case_id).seal(_checked(because, "why"), _place("disclosure", row_id, "because", by)),
            at=at,
            until=at + LOOK_FOR,
            by_id=by.user_id,
        )
        deadline = duties.Owing(
            kind=kinds.Kind.DEADLINE,
            case_id=person.case_id,
            agency_id=by.agency_id,
            desk=by.agency_code,
            why=f"Person {person.number}: {owed.notice.words}",
            limit=f"{owed.hours} hours",
            citation=owed.notice.citation,
            evidence=owed.notice.evidence,
            basis="policy",
            due_at=at + owed.within,
            source=kinds.Source.DISCLOSURE,
            thing="disclosure",
            thing_id=row_id,
        )
        duties.owe(deadline, at=at)
        _record("person.disclosed", row_id, person, recipient, by=by, at=at, authority=record.Authority.DUTY)
    return row


def _own(person_id: uuid.UUID, by: viewers.Viewer) -> Person:
    person = Person.objects.filter(id=person_id, owner_id=by.agency_id).first()
    if person is None:
        raise Refused(_("We can’t find this person, or your agency didn’t add them."))
    row_security.act_on(person.case_id)
    return person


def _recipient(
    person: Person, code: str, which: Collection[str], by: viewers.Viewer, *, is_release: bool = False
) -> Agency:
    """Find to whom something is told: an agency of the case, or by a release a service that is asked. Refused, Gate."""
    known = {part.value for part in parts.Part}
    if not which or not set(which) <= known:
        raise Refused(_("Choose what may be shared."))
    recipient = Agency.objects.filter(code=code, active=True).first()
    services = queries.asked_about(person.case_id) if is_release else ()
    part = Participant.objects.filter(case_id=person.case_id, agency=recipient, to_at=None)
    if recipient is None or recipient.id == by.agency_id or not (recipient.id in services or part.exists()):
        raise Refused(_("Choose another agency that works on this case."))
    own = Agency.objects.get(id=by.agency_id)
    is_outside = recipient.id in services or own.department != recipient.department
    if parts.Part.IMMIGRATION.value in which and is_outside:
        raise Gate(disclosure_grounds.installed().immigration)
    return recipient


def _checked(words: str, what: str) -> str:
    words = words.strip()
    if not words or len(words) > LIMIT or "\x00" in words:
        raise Refused(_("Write %(what)s, in at most %(limit)s characters.") % {"what": what, "limit": f"{LIMIT:,}"})
    return words


def _place(table: str, row_id: uuid.UUID, field: str, by: viewers.Viewer) -> sealing.Place:
    return sealing.Place(table, row_id, field, by.agency_id)


def _record(
    verb: str,
    row_id: uuid.UUID,
    person: Person,
    recipient: Agency,
    *,
    by: viewers.Viewer,
    at: datetime.datetime,
    authority: record.Authority = record.Authority.RELEASE,
) -> None:
    details: dict[str, record.Detail] = {"person": str(person.id), "recipient": recipient.code}
    record.record(record.Deed(verb, by.agency_id, row_id, by.user_id, person.case_id, details, authority), at=at)
