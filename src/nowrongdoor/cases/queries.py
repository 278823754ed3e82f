"""The way in to cases, and what is read of one.

The promise: `find` is the only way to a case, it asks who is looking, and "not access" and "not yours" answer alike.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import uuid
from collections.abc import Mapping, Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BinaryField, Exists, JSONField, OuterRef, Q, QuerySet, Subquery, Value, functions
from django.db.models import Case as When
from django.db.models import When as Then
from django.db.models.functions import JSONObject

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.cases import copies as copying
from nowrongdoor.cases import models
from nowrongdoor.core import places, reference
from nowrongdoor.core.language import gettext as _
from nowrongdoor.mailbox.models import Mailbox
from nowrongdoor.signals import correcting
from nowrongdoor.signals.models import Channel, Signal
from nowrongdoor.vault import keys, sealing
from nowrongdoor.vault import models as wrapping


class NoSuchCase(LookupError):
    """There is no such case, or the viewer's agency takes no part in it: the answer is the same."""

    def __init__(self) -> None:
        super().__init__(_("There is no case with this reference, or it is not shared with your agency."))


class Sight(enum.Enum):
    """How much of a case an agency sees."""

    CASE = "case"  # it takes part now
    HISTORY = "history"  # it took part: what became of the case, its own hand-offs and its own notes


@dataclasses.dataclass(frozen=True)
class EmergencyShown:
    """That somebody opened the case in an emergency; why is on the page that says who may look."""

    by: str
    agency: str
    at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Access:
    """A case that the viewer may look at. `relations`: how their agency takes part, or took part."""

    case: models.Case
    sight: Sight
    relations: tuple[str, ...]
    is_lead: bool
    key: sealing.Key | None  # None when it was destroyed
    emergencies: Sequence[EmergencyShown] = ()

    def opened(self, sealed: bytes | memoryview, place: sealing.Place) -> str:
        """Open a text of the case, or say that it was erased."""
        return keys.shown(self.key, sealed, place)

    @property
    def closed_because(self) -> str:
        """Say why the case was closed."""
        return self.closing(self.case.closed_because)

    def closing(self, sealed: bytes | memoryview) -> str:
        """Open the reason of a closing, this one or an earlier one: all of them are sealed to one place."""
        return self.opened(sealed, sealing.Place("case", self.case.id, "closed_because", self.case.received_by_id))


@dataclasses.dataclass(frozen=True, slots=True)
class ReopeningShown:
    """That a case was opened again, by which agency and why, and how it had been closed before."""

    at: datetime.datetime
    agency: str
    because: str
    closed_at: datetime.datetime
    closed_because: str


def reopenings(access: Access) -> Sequence[ReopeningShown]:
    """List each time a case was opened again, oldest first."""
    case = access.case
    return [
        ReopeningShown(
            row.at,
            row.agency.name,
            access.opened(row.because, sealing.Place("reopening", row.id, "because", case.received_by_id)),
            row.closed_at,
            access.closing(row.closed_because),
        )
        for row in models.Reopening.objects.filter(case=case).select_related("agency").order_by("at", "id")
    ]


@dataclasses.dataclass(frozen=True)
class SignalShown:
    """A signal of the case as the viewer may read it: words only for the agency that took it. `narrative`: what it says
    now; `versions`: what it said before it was corrected; `is_error`: it was entered in error; `copies`: others
    with the same words that the viewer's agency received; `has_mailbox`: that agency can write to whoever sent it;
    `withdrawn_at`: when they took their consent back."""

    id: uuid.UUID
    reference: str
    channel: str
    receiver: str
    received_at: datetime.datetime
    arrived_at: datetime.datetime
    is_ours: bool
    narrative: str
    answers: Mapping[str, str]
    versions: Sequence[VersionShown] = ()
    is_error: bool = False
    copies: Sequence[copying.CopyShown] = ()
    has_mailbox: bool = False
    withdrawn_at: datetime.datetime | None = None

    @property
    def channel_words(self) -> str:
        """Say how the contact was made."""
        return str(Channel(self.channel).label)


@dataclasses.dataclass(frozen=True, slots=True)
class VersionShown:
    """What a note said until it was corrected; who corrected it then, and why."""

    text: str
    at: datetime.datetime
    by: str
    because: str


@dataclasses.dataclass(frozen=True, slots=True)
class NoteHead:
    """A note the viewer may read, without its words: for a list that shows some of them. `written_as`: the role of
    whoever wrote it; `for_role`: whom it's addressed to."""

    id: uuid.UUID
    at: datetime.datetime
    by: str
    agency: str
    is_ours: bool
    audience: str
    written_as: str
    for_role: str
    pinned_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class NoteShown:
    """A note the viewer may read: what it says now, and what it said before, newest first."""

    head: NoteHead
    text: str
    versions: Sequence[VersionShown]

    @property
    def corrections(self) -> int:
        """Return how often it was corrected."""
        return len(self.versions)


@dataclasses.dataclass(frozen=True)
class TenureShown:
    """Who led from when to when."""

    agency: str
    from_at: datetime.datetime
    to_at: datetime.datetime | None


def find(viewer: viewers.Viewer, typed: str) -> Access:
    """Open a case by its reference for somebody who may look at it, in one query. NoSuchCase."""
    try:
        return _seen(viewer, Q(reference=reference.read(typed)))
    except reference.UnreadableReference:
        raise NoSuchCase from None


def taking_part(case_id: uuid.UUID, *, at: datetime.datetime) -> Sequence[str]:
    """List the codes of the agencies that took part in a case at an instant: whoever works on it there could see it.
    Who was kept away from it, or opened it in an emergency, is a row of its own with its own time."""
    newest = models.Participant.objects.filter(Q(to_at=None) | Q(to_at__gt=at), case=case_id, from_at__lte=at)
    earlier = models.EarlierPart.objects.filter(case=case_id, from_at__lte=at, to_at__gt=at)
    return sorted({*newest.values_list("agency__code", flat=True), *earlier.values_list("agency__code", flat=True)})


def _seen(viewer: viewers.Viewer, which: Q) -> Access:
    parts = models.Participant.objects.filter(case=OuterRef("id"), agency_id=viewer.agency_id).order_by("id")
    key = wrapping.now(OuterRef("id"))
    case = (
        models.Case.objects.filter(which)
        .select_related("lead", "received_by")
        .annotate(
            parts=ArraySubquery(parts.values(part=JSONObject(relation="relation", to_at="to_at"))),
            emergency=Exists(
                models.Emergency.objects.filter(case=OuterRef("id"), by_id=viewer.user_id, until__gt=functions.Now())
            ),
            told=ArraySubquery(
                models.Emergency.objects.filter(case=OuterRef("id"))
                .order_by("at", "id")
                .values(each=JSONObject(by=agencies.name_of("by_id"), agency="agency__name", at="at"))
            ),
            key_root=key.root,
            key_wrapped=key.wrapped,
            key_commitment=key.commitment,
        )
        .first()
    )
    if case is None:
        raise NoSuchCase
    is_lead = case.lead_id == viewer.agency_id
    takes_part = is_lead or any(part["to_at"] is None for part in case.parts)
    if not takes_part and not case.emergency and not case.parts:
        raise NoSuchCase
    return Access(
        case=case,
        sight=Sight.CASE if takes_part or case.emergency else Sight.HISTORY,
        relations=tuple(part["relation"] for part in case.parts),
        is_lead=is_lead,
        emergencies=[EmergencyShown(each["by"], each["agency"], _instant(each["at"])) for each in case.told],
        key=keys.opened(case.id, case.key_root, case.key_wrapped, case.key_commitment) if case.key_wrapped else None,
    )


def _instant(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def signal_ids(access: Access) -> Sequence[uuid.UUID]:
    """List the signals of a case that the viewer opened, oldest first."""
    rows = models.CaseSignal.objects.filter(case=access.case).order_by("received_at", "signal_id")
    return list(rows.values_list("signal_id", flat=True))


def signals(viewer: viewers.Viewer, case_id: uuid.UUID) -> Sequence[SignalShown]:
    """List a case's signals, oldest first; the words of another agency's signal never leave the database."""
    ours = Q(receiver_id=viewer.agency_id)
    key = wrapping.now(OuterRef("signal_id"))
    ours_only = Signal.objects.filter(id=OuterRef("signal_id"))  # a join would lose the rows that row security hides
    mailbox = Mailbox.objects.filter(signal=OuterRef("signal_id"), agency=viewer.agency_id)
    rows = (
        models.CaseSignal.objects.filter(case_id=case_id)
        .order_by("received_at", "signal_id")
        .values_list(
            "signal_id",
            "receiver_id",
            key.root,
            key.wrapped,
            key.commitment,
            "reference",
            "channel",
            "receiver__name",
            "received_at",
            "arrived_at",
            When(Then(ours, then=True), default=False),
            When(
                Then(ours, then=Subquery(ours_only.values("narrative"))), default=Value(b"", output_field=BinaryField())
            ),
            When(Then(ours, then=Subquery(ours_only.values("answers"))), default=Value({}, output_field=JSONField())),
            When(
                Then(ours, then=Subquery(ours_only.values("likeness"))), default=Value(b"", output_field=BinaryField())
            ),
            Exists(mailbox),
            Subquery(mailbox.values("withdrawn_at")),
        )
    )
    kept = list(rows)
    corrected = correcting.of_all([row[0] for row in kept if row[10]], by=viewer)
    copies = copying.of_all(viewer, [row[13] for row in kept])
    shown = []
    for (
        signal_id,
        receiver_id,
        root,
        wrapped,
        proof,
        code,
        channel,
        receiver,
        received_at,
        arrived_at,
        is_ours,
        sealed,
        answers,
        likeness,
        has_mailbox,
        withdrawn_at,
    ) in kept:
        words = ""
        if sealed:
            place = sealing.Place("signal", signal_id, "narrative", receiver_id)
            key_of_it = keys.opened(signal_id, root, wrapped, proof) if wrapped else None
            words = keys.shown(key_of_it, sealed, place)
        shown.append(
            SignalShown(
                signal_id,
                code,
                channel,
                receiver,
                received_at,
                arrived_at or received_at,
                is_ours,
                *_as_corrected(words, corrected.get(signal_id, ()), answers),
                copying.others(copies.get(bytes(likeness or b""), ()), code),
                has_mailbox,
                withdrawn_at,
            )
        )
    return shown


def _as_corrected(
    words: str, corrections: Sequence[correcting.Correction], answers: Mapping[str, str]
) -> tuple[str, Mapping[str, str], Sequence[VersionShown], bool]:
    """Return what a signal says now, its answers, what it said before, and whether it was entered in error."""
    versions, is_error = [], False
    for each in corrections:
        versions.append(VersionShown(words, each.at, each.by, each.because))
        words, is_error = each.words, each.is_error
    return words, answers, versions, is_error


def note_heads(viewer: viewers.Viewer, access: Access) -> Sequence[NoteHead]:
    """List the notes the viewer may read, oldest first, without opening any: their own agency's always, the team's
    while they take part."""
    columns = ("id", "at", agencies.name_of("by_id"), "agency__name", "agency_id", "audience", "written_as", "for_role")
    rows = _readable(viewer, access).order_by("at", "id").values_list(*columns, "pinned_at")
    return [
        NoteHead(note_id, at, by, agency, agency_id == viewer.agency_id, audience, written_as, for_role, pinned_at)
        for note_id, at, by, agency, agency_id, audience, written_as, for_role, pinned_at in rows
    ]


def open_notes(access: Access, heads: Sequence[NoteHead]) -> Sequence[NoteShown]:
    """Open these notes, in this order, in two queries however many they are."""
    ids = [head.id for head in heads]
    if not ids:
        return []
    first: dict[uuid.UUID, str] = {}
    for note_id, agency_id, sealed in models.Note.objects.filter(id__in=ids).values_list("id", "agency_id", "text"):
        first[note_id] = access.opened(sealed, sealing.Place("note", note_id, "text", agency_id))
    texts = {note_id: [text] for note_id, text in first.items()}
    versions: dict[uuid.UUID, list[VersionShown]] = {note_id: [] for note_id in ids}
    corrections = models.NoteCorrection.objects.filter(note_id__in=ids).annotate(who=agencies.name_of("by_id"))
    for row in corrections.order_by("note_id", "number"):

        def opened(field: str, sealed: bytes | memoryview, row: models.NoteCorrection = row) -> str:
            return access.opened(sealed, sealing.Place("note_correction", row.id, field, row.agency_id))

        wordings = texts[row.note_id]
        versions[row.note_id].insert(0, VersionShown(wordings[-1], row.at, row.who, opened("because", row.because)))
        wordings.append(opened("text", row.text))
    return [NoteShown(head, texts[head.id][-1], versions[head.id]) for head in heads]


def notes(viewer: viewers.Viewer, access: Access) -> Sequence[NoteShown]:
    """List and open every note the viewer may read, oldest first."""
    return open_notes(access, note_heads(viewer, access))


def _readable(viewer: viewers.Viewer, access: Access) -> QuerySet[models.Note]:
    mine = Q(agency_id=viewer.agency_id)
    team = Q(audience=models.Note.Audience.TEAM)
    return models.Note.objects.filter(mine | team if access.sight is Sight.CASE else mine, case=access.case)


def tenures(case_id: uuid.UUID) -> Sequence[TenureShown]:
    """List who led, oldest first."""
    rows = models.Tenure.objects.filter(case_id=case_id).order_by("from_at", "id")
    return [TenureShown(*row) for row in rows.values_list("agency__name", "from_at", "to_at")]


@dataclasses.dataclass(frozen=True)
class FactsShown:
    """A version of a case's facts, and why it came to be; no reason for the first."""

    version: int
    at: datetime.datetime
    facts: Mapping[str, str]
    why: str
    place: places.Place


def facts_history(access: Access) -> Sequence[FactsShown]:
    """List every version of a case's facts, newest first."""
    if access.case.facts_version == 1:
        return ()  # the facts as they came in: nothing that a history would add
    rows = models.CaseFacts.objects.filter(case=access.case).order_by("-version")
    return [
        FactsShown(
            row.version,
            row.at,
            row.facts,
            access.opened(row.why, sealing.Place("case_facts", row.id, "why", access.case.received_by_id)),
            places.Place(row.state, row.district),
        )
        for row in rows
    ]
