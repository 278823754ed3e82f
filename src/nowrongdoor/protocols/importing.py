"""The library from a file, and as a file: a table in CSV, shown first with what it would change.

The promise: nothing is written before somebody saw what changes, and then exactly that or nothing; a file with a fault
is refused whole, each fault with its line and column; and a recipient that the file doesn't name stays as it is.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import hashlib
import io
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import country_words, formulas, places, protocols
from nowrongdoor.core.language import pgettext
from nowrongdoor.core.protocols import Immigration
from nowrongdoor.protocols import library, models
from nowrongdoor.publishing import csv_out
from nowrongdoor.uploads import refusing, scanning

COLUMNS = (
    *("state", "county", "kind", "choice", "agency", "unit", "person", "telephone", "email", "hours", "wants"),
    "immigration",
)
MOST = 5_000  # lines of a file
LARGEST = 600_000  # bytes: the page that shows it sends it again, three times as long at worst


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file: the line as a text editor counts it, the column by its name, and what to write."""

    line: int
    column: str
    words: str


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """A column whose value changes."""

    column: str
    was: str
    becomes: str


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What a line of the file does. `row`: the recipient that it changes; none for a new one."""

    line: int
    recipient: library.Recipient
    row: uuid.UUID | None
    fields: Sequence[Field]

    @property
    def kind_words(self) -> str:
        """Name the kind."""
        known = protocols.installed().kind(self.recipient.kind)
        return country_words.worded(known.name) if known else self.recipient.kind


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do. `same`: how many lines change nothing; `digest`: of all that it would do now."""

    changes: Sequence[Change]
    same: int
    faults: Sequence[Fault]
    digest: str

    @property
    def added(self) -> Sequence[Change]:
        """List the new recipients."""
        return [each for each in self.changes if each.row is None]

    @property
    def changed(self) -> Sequence[Change]:
        """List the recipients that change."""
        return [each for each in self.changes if each.row is not None]


class ChangedMeanwhile(RuntimeError):
    """The library, or the file, is not what was shown: it is shown again."""

    def __init__(self) -> None:
        super().__init__(
            pgettext("importing recipients", "The library changed meanwhile. Look again at what this file changes.")
        )


def text_of(content: bytes) -> str:
    """Return the text of a file that somebody sent, of which nothing is kept but the cells. refusing.Refused."""
    if len(content) > LARGEST:
        words = pgettext("importing recipients", "This file is too large: send at most %(limit)d kB.")
        raise refusing.Refused(words % {"limit": LARGEST // 1_000})
    scanning.scan(content)
    try:
        text = content.decode("utf-8-sig")
        if "\x00" in text:
            raise UnicodeDecodeError("utf-8", content, 0, 1, "a NUL")
        return _with_one_kind_of_line(text)
    except UnicodeDecodeError:
        words = pgettext("importing recipients", "This isn’t a CSV file in UTF-8. Save the table as “CSV UTF-8.”")
        raise refusing.Refused(words) from None


def _with_one_kind_of_line(text: str) -> str:
    """Break lines as a form sends them back, so that the file that was shown is the one that is carried out."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plan(text: str, *, by: viewers.Viewer, at: datetime.datetime) -> Plan:
    """Say what a file would change in the viewer's library now. Nothing is written."""
    lines, faults = read(text)
    with row_security.looking(by):
        there = {each.recipient.slot: each for each in library.of_agency(by, at=at)}
    changes, same = [], 0
    for line, recipient in lines:
        known = there.get(recipient.slot)
        if known is None:
            changes.append(Change(line, recipient, None, ()))
            continue
        was, becomes = cells(known.recipient), cells(recipient)
        fields = [
            Field(column, old, new)
            for column, old, new in zip(COLUMNS, was, becomes, strict=True)
            if old != new and column != "county"  # it differs in its capitals alone
        ]
        if fields:
            changes.append(Change(line, recipient, known.id, fields))
        else:
            same += 1
    shown = [[str(each.row), cells(each.recipient), [each_field.was for each_field in each.fields]] for each in changes]
    digest = hashlib.sha256(json.dumps(shown).encode()).hexdigest()
    return Plan(changes, same, sorted(faults, key=lambda fault: fault.line), digest)


def carry_out(text: str, *, seen: str, by: viewers.Viewer, at: datetime.datetime) -> Plan:
    """Do what a file does, as it was shown (`seen`: the digest of that plan). What changes is not proved any more.
    ChangedMeanwhile."""
    text = _with_one_kind_of_line(text)
    with row_security.looking(by):
        library.alone(by)
        doing = plan(text, by=by, at=at)
        if doing.faults or doing.digest != seen:
            raise ChangedMeanwhile
        library.add_all([each.recipient for each in doing.added], by=by, at=at)
        changed = {each.row: each.recipient for each in doing.changed}
        rows = models.Protocol.objects.select_for_update().filter(id__in=[*changed], retired_at=None)
        kept = list(rows.order_by("id"))
        if len(kept) != len(changed):
            raise ChangedMeanwhile
        for row in kept:
            library.apply(row, dataclasses.replace(changed[row.id], county=row.county))
        details: dict[str, record.Detail] = {"added": len(doing.added), "changed": len(changed)}
        record.record(record.Deed("protocols.imported", by.agency_id, by.agency_id, by.user_id, details=details), at=at)
    return doing


def written(viewer: viewers.Viewer, *, at: datetime.datetime) -> Iterator[str]:
    """Write the viewer's library as the file that `plan` reads."""
    with row_security.looking(viewer):
        there = library.of_agency(viewer, at=at)
        record.looked("protocols.exported", viewer.agency_id, by=viewer, at=at)
    return csv_out.lines(COLUMNS, [cells(each.recipient) for each in there])


def cells(recipient: library.Recipient) -> list[str]:
    """Return the cells of a recipient, in the order of COLUMNS."""
    contact = recipient.contact
    return [
        *(recipient.state, recipient.county, recipient.kind, str(recipient.choice)),
        *(contact.body, contact.unit, contact.person, contact.telephone, contact.email, contact.hours, contact.wants),
        recipient.immigration.value,
    ]


def read(text: str) -> tuple[list[tuple[int, library.Recipient]], list[Fault]]:
    """Read the recipients of a file, each with its line, and all that is wrong."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    recipients: list[tuple[int, library.Recipient]] = []
    faults: list[Fault] = []
    slots: dict[tuple[str, str, str, int], int] = {}
    begins = 1
    header: list[str] = []
    try:
        for row in reader:
            line, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if not header:
                header = [cell.strip().casefold() for cell in row]
                faults += _of_header(header, line)
                if faults:
                    return [], faults
                continue
            if len(row) != len(header):
                words = pgettext(
                    "importing recipients", "This line has %(here)d cells, and the first one has %(there)d."
                )
                faults.append(Fault(line, "", words % {"here": len(row), "there": len(header)}))
                continue
            named = {name: formulas.plain(cell).strip() for name, cell in zip(header, row, strict=True)}
            recipient = _recipient(named, line, faults)
            if recipient is None:
                continue
            if recipient.slot in slots:
                words = pgettext("importing recipients", "Line %(line)d has the same place, kind, and choice.")
                faults.append(Fault(line, "choice", words % {"line": slots[recipient.slot]}))
                continue
            slots[recipient.slot] = line
            recipients.append((line, recipient))
            if len(recipients) > MOST:
                words = pgettext("importing recipients", "Send at most %(limit)d lines at once.")
                return [], [*faults, Fault(line, "", words % {"limit": MOST})]
    except csv.Error:
        words = pgettext("importing recipients", "This line isn’t CSV: a quotation mark has no partner.")
        faults.append(Fault(begins, "", words))
    if not header:
        faults.append(Fault(1, "", pgettext("importing recipients", "The file is empty.")))
    return recipients, faults


def _of_header(header: Sequence[str], line: int) -> Iterator[Fault]:
    for name in COLUMNS:
        if name not in header:
            words = pgettext("importing recipients", "The column “%(name)s” is missing in the first line.")
            yield Fault(line, name, words % {"name": name})
    for name in header:
        if name not in COLUMNS or header.count(name) > 1:
            words = pgettext("importing recipients", "There is no column “%(name)s,” or it is there twice.")
            yield Fault(line, name, words % {"name": name})


def _recipient(named: Mapping[str, str], line: int, faults: list[Fault]) -> library.Recipient | None:
    """Read a line, or note its first fault."""

    def wrong(column: str, words: str) -> library.Recipient | None:
        faults.append(Fault(line, column, words))
        return None

    known = protocols.installed()
    state, kind = named["state"].upper(), named["kind"].casefold()
    if state not in places.installed().states:
        words = pgettext("importing recipients", "“%(code)s” isn’t a state code. Write %(how)s.")
        return wrong("state", words % {"code": named["state"], "how": places.installed().spelled})
    if known.kind(kind) is None:
        words = pgettext("importing recipients", "Write one of these: %(codes)s.")
        return wrong("kind", words % {"codes": ", ".join(each.code for each in known.kinds)})
    if not (named["choice"].isascii() and named["choice"].isdigit()):
        return wrong("choice", pgettext("importing recipients", "Write a number: 1 for the first choice."))
    answer = named["immigration"].casefold() or Immigration.UNKNOWN.value
    if answer not in [each.value for each in Immigration]:
        return wrong("immigration", pgettext("importing recipients", "Write yes, no, or unknown."))
    recipient = library.Recipient(
        kind=kind,
        state=state,
        county=named["county"],
        choice=int(named["choice"]),
        immigration=Immigration(answer),
        contact=library.Contact(
            body=named["agency"],
            **{name: named[name] for name in ("unit", "person", "telephone", "email", "hours", "wants")},
        ),
    )
    try:
        library.check(recipient)
    except library.Refused as refusal:
        return wrong("agency" if refusal.field == "body" else refusal.field, str(refusal))
    return recipient
