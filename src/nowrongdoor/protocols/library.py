"""The library: whom an agency reports to in a State or a county, kept by its coordinators, one by one or from a file.

The promise: a recipient is shown as proved only while somebody of the agency asked there and its time isn't over; what
changes is not proved any more; and a recipient that is retired stays, with every report that went to it.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from collections.abc import Mapping, Sequence

from django.db import connection
from django.db.models import QuerySet

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.core import country_words, places, protocols
from nowrongdoor.core.language import pgettext
from nowrongdoor.core.protocols import Immigration
from nowrongdoor.protocols import models
from nowrongdoor.vault import keys, sealing
from nowrongdoor.vault.models import DataKey

PROVED_FOR = datetime.timedelta(days=180)  # our policy: asked again twice a year
LIMIT = 600  # characters of what they want, and of hours
SHORT = 200  # of everything else
SHOWN = 200  # on one page


class NotThere(LookupError):
    """There is no such recipient, or it is another agency's: the answer is the same."""


class Refused(ValueError):
    """It cannot be done; the message says why, and `field` where."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who gets a report, and how. `body`: the agency; `wants`: what they ask for in a report."""

    body: str
    unit: str = ""
    person: str = ""
    telephone: str = ""
    email: str = ""
    hours: str = ""
    wants: str = ""

    @property
    def is_reachable(self) -> bool:
        """Return whether it says how to reach them."""
        return bool(self.telephone or self.email)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A recipient as somebody enters it. `choice`: 1 is asked first, 2 is the second choice."""

    kind: str
    state: str
    county: str
    choice: int
    immigration: Immigration
    contact: Contact

    @property
    def slot(self) -> tuple[str, str, str, int]:
        """Return the place in the library that it takes, of which there is one."""
        return (self.state, self.county.casefold(), self.kind, self.choice)


@dataclasses.dataclass(frozen=True, slots=True)
class RecipientShown:
    """A recipient of the library with its contact open; empty words where its key was destroyed."""

    id: uuid.UUID
    kind: str
    state: str
    county: str
    choice: int
    immigration: Immigration
    contact: Contact
    at: datetime.datetime
    by: str
    proved_at: datetime.datetime | None
    proved_by: str
    prove_again_at: datetime.datetime | None
    retired_at: datetime.datetime | None
    is_proved: bool

    @property
    def recipient(self) -> Recipient:
        """Return it as it would be entered."""
        return Recipient(
            kind=self.kind,
            state=self.state,
            county=self.county,
            choice=self.choice,
            immigration=self.immigration,
            contact=self.contact,
        )

    @property
    def kind_words(self) -> str:
        """Name the kind, or give its code where the country's file doesn't know it any more."""
        known = protocols.installed().kind(self.kind)
        return country_words.worded(known.name) if known else self.kind

    @property
    def place_words(self) -> str:
        """Name the county and the State."""
        state = country_words.worded(places.installed().states.get(self.state, self.state))
        if not self.county:
            return state
        words = pgettext("a county and its State", "%(county)s, %(state)s")
        return words % {"county": self.county, "state": state}

    @property
    def immigration_words(self) -> str:
        """Say whether they cooperate with whoever enforces immigration law."""
        return str(models.Protocol.Immigration(self.immigration.value).label)


def add(recipient: Recipient, *, by: viewers.Viewer, at: datetime.datetime) -> models.Protocol:
    """Add a recipient, not proved yet, sealed with a key of its own. Refused."""
    assert by.user_id is not None  # a token has no page
    check(recipient)
    with row_security.looking(by):
        alone(by)
        _free(recipient, by)
        (row,) = add_all([recipient], by=by, at=at)
        _note("protocol.added", row, by=by, at=at)
    return row


def alone(by: viewers.Viewer) -> None:
    """Wait until nobody else changes which recipients the viewer's library has, in the caller's transaction: so two who
    add one at once find it one after the other, and what was read stays so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"nowrongdoor protocols {by.agency_id}"]
        )


def add_all(recipients: Sequence[Recipient], *, by: viewers.Viewer, at: datetime.datetime) -> list[models.Protocol]:
    """Add checked recipients in the caller's transaction, with no event."""
    assert by.user_id is not None  # a token has no page
    rows = [
        models.Protocol(
            id=new_id(),
            agency_id=by.agency_id,
            kind=each.kind,
            state=each.state,
            county=each.county,
            choice=each.choice,
            immigration=each.immigration.value,
            at=at,
            by_id=by.user_id,
        )
        for each in recipients
    ]
    minted = keys.Minted([row.id for row in rows])
    for row, each in zip(rows, recipients, strict=True):
        row.contact = minted[row.id].seal(_written(each.contact), row.place())
    models.Protocol.objects.bulk_create(rows)
    minted.keep(DataKey.Of.PROTOCOL)
    return rows


def change(
    protocol_id: uuid.UUID, recipient: Recipient, *, by: viewers.Viewer, at: datetime.datetime
) -> models.Protocol:
    """Change who they are, or how they are reached: then nobody has proved it. Its place and kind stay. NotThere,
    Refused."""
    check(recipient)
    with row_security.looking(by):
        alone(by)
        row = _locked(protocol_id, by)
        kept = dataclasses.replace(recipient, kind=row.kind, state=row.state, county=row.county)
        if kept.choice != row.choice:
            _free(kept, by, besides=row.id)
        apply(row, kept)
        _note("protocol.changed", row, by=by, at=at)
    return row


def apply(row: models.Protocol, recipient: Recipient) -> bool:
    """Write what differs on a locked row, and return whether anything did; what differs is not proved any more."""
    key = keys.of(row.id)
    was = read_contact(key.open(row.contact, row.place()))
    changed = []
    if (was, row.immigration) != (recipient.contact, recipient.immigration.value):
        row.contact = key.seal(_written(recipient.contact), row.place())
        row.immigration = recipient.immigration.value
        row.proved_at = row.proved_by_id = row.prove_again_at = None
        changed += ["contact", "immigration", "proved_at", "proved_by", "prove_again_at"]
    if row.choice != recipient.choice:
        row.choice = recipient.choice
        changed.append("choice")
    if changed:
        row.save(update_fields=changed)
    return bool(changed)


def prove(protocol_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Protocol:
    """Say that somebody there confirmed every line of it now. NotThere, Refused."""
    with row_security.looking(by):
        row = _locked(protocol_id, by)
        row.proved_at, row.proved_by_id, row.prove_again_at = at, by.user_id, at + PROVED_FOR
        row.save(update_fields=["proved_at", "proved_by", "prove_again_at"])
        _note("protocol.proved", row, by=by, at=at)
    return row


def retire(protocol_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Protocol:
    """Take a recipient out of use: nothing goes there any more. It stays on record. NotThere, Refused."""
    with row_security.looking(by):
        row = _locked(protocol_id, by)
        row.retired_at, row.retired_by_id = at, by.user_id
        row.save(update_fields=["retired_at", "retired_by"])
        _note("protocol.retired", row, by=by, at=at)
    return row


def listed(
    viewer: viewers.Viewer, *, at: datetime.datetime, state: str = "", kind: str = "", to_prove: bool = False
) -> Sequence[RecipientShown]:
    """List the agency's recipients in use, by place and choice, SHOWN at most. `to_prove`: only those that nobody has
    proved, or whose time is over."""
    with row_security.looking(viewer):
        record.looked("protocols.listed", viewer.agency_id, by=viewer, at=at)
        there = of_agency(viewer, at=at, state=state, kind=kind)
    return [each for each in there if not (to_prove and each.is_proved)][:SHOWN]


def of_agency(
    viewer: viewers.Viewer, *, at: datetime.datetime, state: str = "", kind: str = ""
) -> list[RecipientShown]:
    """Open every recipient in use of the viewer's agency, in the caller's context."""
    rows = _named().filter(agency=viewer.agency_id, retired_at=None)
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    kept = list(rows.order_by("state", "county", "kind", "choice", "id"))
    opened = keys.open_all(row.id for row in kept)
    return [shown(row, opened.get(row.id), at=at) for row in kept]


def read(protocol_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> RecipientShown:
    """Read one recipient. NotThere."""
    with row_security.looking(by):
        row = _named().filter(id=protocol_id, agency=by.agency_id).first()
        if row is None:
            raise NotThere
        record.looked("protocol.read", row.id, by=by, at=at)
        return shown(row, keys.open_all([row.id]).get(row.id), at=at)


def shown(row: models.Protocol, key: sealing.Key | None, *, at: datetime.datetime) -> RecipientShown:
    """Open a recipient that was read with the names of its people (`_named`)."""
    contact = read_contact(key.open(row.contact, row.place())) if key else Contact(body=keys.ERASED)
    return RecipientShown(
        row.id,
        row.kind,
        row.state,
        row.county,
        row.choice,
        Immigration(row.immigration),
        contact,
        row.at,
        getattr(row, "by_name"),  # noqa: B009  annotated
        row.proved_at,
        getattr(row, "prover") or "",  # noqa: B009
        row.prove_again_at,
        row.retired_at,
        is_proved(row, at=at),
    )


def is_proved(row: models.Protocol, *, at: datetime.datetime) -> bool:
    """Return whether somebody proved a recipient, and its time isn't over."""
    return row.proved_at is not None and row.prove_again_at is not None and row.proved_at <= at < row.prove_again_at


def check(recipient: Recipient) -> None:
    """Refuse a recipient that says too little, or what nobody knows. Refused."""
    if protocols.installed().kind(recipient.kind) is None:
        raise Refused("kind", pgettext("a recipient of reports", "Choose what sort of recipient it is."))
    if recipient.state not in places.installed().states:
        raise Refused("state", pgettext("a recipient of reports", "Choose the state."))
    if not 1 <= recipient.choice <= 9:
        raise Refused("choice", pgettext("a recipient of reports", "Write 1 for the first choice, 2 for the second."))
    if not recipient.contact.body:
        raise Refused("body", pgettext("a recipient of reports", "Enter the agency’s name."))
    if not recipient.contact.is_reachable:
        raise Refused("telephone", pgettext("a recipient of reports", "Enter a phone number or an email address."))
    if len(recipient.county) > 60:
        raise Refused("county", pgettext("a recipient of reports", "Write the county in at most 60 characters."))
    for field, words in dataclasses.asdict(recipient.contact).items():
        limit = LIMIT if field in ("wants", "hours") else SHORT
        if len(words) > limit or "\x00" in words:
            sentence = pgettext("a recipient of reports", "Write this in at most %(limit)d characters.")
            raise Refused(field, sentence % {"limit": limit})


def _written(contact: Contact) -> str:
    return json.dumps(dataclasses.asdict(contact), ensure_ascii=False)


def read_contact(written: str) -> Contact:
    """Read a contact as it was sealed; what was erased says so in place of the agency's name."""
    if not written.startswith("{"):
        return Contact(body=written)
    content: Mapping[str, str] = json.loads(written)
    return Contact(**content)


def _named() -> QuerySet[models.Protocol]:
    return models.Protocol.objects.annotate(by_name=agencies.name_of("by_id"), prover=agencies.name_of("proved_by_id"))


def _locked(protocol_id: uuid.UUID, by: viewers.Viewer) -> models.Protocol:
    row = models.Protocol.objects.select_for_update().filter(id=protocol_id, agency=by.agency_id).first()
    if row is None:
        raise NotThere
    if row.retired_at is not None:
        raise Refused("", pgettext("a recipient of reports", "This recipient was retired. Nothing was changed."))
    return row


def _free(recipient: Recipient, by: viewers.Viewer, *, besides: uuid.UUID | None = None) -> None:
    there = models.Protocol.objects.filter(
        agency=by.agency_id,
        retired_at=None,
        state=recipient.state,
        county__iexact=recipient.county,
        kind=recipient.kind,
        choice=recipient.choice,
    )
    if besides is not None:
        there = there.exclude(id=besides)
    if there.exists():
        words = pgettext(
            "a recipient of reports",
            "The library has this choice already. Change that recipient, or write another choice.",
        )
        raise Refused("choice", words)


def _note(verb: str, row: models.Protocol, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    details: dict[str, record.Detail] = {"kind": row.kind, "state": row.state}
    record.record(record.Deed(verb, by.agency_id, row.id, by.user_id, details=details), at=at)
