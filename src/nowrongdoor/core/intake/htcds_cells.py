"""The fields of the Human Trafficking Case Data Standard 2.0 and what a cell of each may hold.

Promise: a cell is either understood, in one normal form, or refused with a reason; nothing is
guessed. Source: Human Trafficking Case Data Standard 2.0 (field list in htcds_fields.csv).
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import functools
import importlib.resources
import math
import re
import unicodedata
from collections.abc import Mapping

from nowrongdoor.core.intake import text_lines
from nowrongdoor.core.language import gettext as _

LONGEST_CELL = 32_000
"""Characters; a workbook cell holds at most 32,767, and longer text would be cut in export."""

CASE_ID, PERSON_ID = "CaseId", "PersonId"
PERSON, VICTIM = "Person", "Person - Victim Context"
PERPETRATOR, CONSENT = "Person - Perpetrator Context", "Consent"
PERSONAL = frozenset({PERSON, VICTIM, PERPETRATOR, CONSENT})
"""Sections whose lines are about one person, so that a PersonId is kept with them."""

OTHER = "Other columns"
"""The section that keeps columns which the standard does not have."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_DAY_NUMBER = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SEPARATOR = re.compile(r"[;|\n]")
_COUNTRY = re.compile(r"[A-Z]{2,3}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


class CellError(ValueError):
    """A cell does not hold what its field allows; the message is fit to show."""


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    section: str
    full_name: str
    label: str
    kind: str
    is_deprecated: bool
    codelist: str
    choices: Mapping[str, str]
    """Lower-case value name or label -> value name."""


@functools.cache
def fields() -> Mapping[str, Field]:
    """Every field by its lower-case full name."""
    text = importlib.resources.files(__package__).joinpath("htcds_fields.csv").read_text(encoding="utf-8")
    by_heading: dict[str, Field] = {}
    for line in csv.DictReader(text.splitlines()):
        names = line["value_names"].split("|") if line["value_names"] else []
        labels = line["value_labels"].split("|") if line["value_labels"] else []
        choices = {label.lower(): name for name, label in zip(names, labels, strict=True)}
        choices.update({name.lower(): name for name in names})
        by_heading[line["full_name"].lower()] = Field(
            section=line["section"],
            full_name=line["full_name"],
            label=line["label"],
            kind=line["kind"],
            is_deprecated=line["deprecated"] == "yes",
            codelist=line["codelist"],
            choices=choices,
        )
    return by_heading


@functools.cache
def sections() -> tuple[str, ...]:
    """The sections in the order of the standard."""
    return tuple(dict.fromkeys(field.section for field in fields().values()))


def clean(text: str) -> str:
    """Trim a cell and give its line ends one form, or refuse what no cell may hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if _SURROGATE.search(text):
        raise CellError(_("is not UTF-8: save the file as CSV UTF-8"))
    if _CONTROL.search(text):
        raise CellError(_("holds a control character"))
    if len(text) > LONGEST_CELL:
        raise CellError(_("is longer than %(longest_cell)s characters") % {"longest_cell": LONGEST_CELL})
    return text


def identifier(text: str) -> str:
    """Return an id without what nobody sees: invisible characters, and spaces around it or doubled in it."""
    shown = "".join(c for c in text.replace("\xa0", " ") if unicodedata.category(c) != "Cf")
    return " ".join(shown.split())


def understood(field: Field, text: str) -> tuple[str, ...]:
    """Return the normal form of a non-empty cell; several parts only for a multiselect."""
    if field.kind.startswith("Multiselect"):
        return tuple(dict.fromkeys(name for part in _SEPARATOR.split(text) for name in _choices(field, part)))
    if field.kind.startswith("Picklist") and field.kind != "Picklist or Text":
        return (_choice(field, text),)
    if field.kind == "Date":
        return (_date(text).isoformat(),)
    if field.kind == "Checkbox":
        return (_checkbox(text),)
    if field.kind in {"Number", "Geolocation"}:
        return (_number(field, text),)
    return (text,)


def _choices(field: Field, part: str) -> tuple[str, ...]:
    """One choice, or several between commas or spaces, as survey forms export them, when each of them is one."""
    if not part.strip():
        return ()
    whole: CellError
    try:
        return (_choice(field, part),)
    except CellError as error:
        whole = error
    for pieces in (part.split(","), part.split()):
        if len(pieces) > 1:
            try:
                return tuple(_choice(field, piece) for piece in pieces if piece.strip())
            except CellError:
                continue
    raise whole


def _choice(field: Field, part: str) -> str:
    choice = text_lines.heading(part)
    if field.choices:
        name = field.choices.get(choice) or field.choices.get(choice.replace("labor", "labour"))
        if name is None:
            raise CellError(_("is not one of the standard's values"))
        return name
    # The code lists are outside the standard: the shape of a code is checked, not its existence.
    if field.codelist == "iso3166":
        if not _COUNTRY.fullmatch(choice.upper()):
            raise CellError(_("must be a two- or three-letter ISO 3166 country code"))
        return choice.upper()
    if field.codelist == "iso639":
        if not _LANGUAGE.fullmatch(choice):
            raise CellError(_("must be a two- or three-letter ISO 639 language code"))
        return choice
    return part


def _date(text: str) -> datetime.date:
    if _DAY_NUMBER.fullmatch(text):
        raise CellError(
            _("must be a date as YYYY-MM-DD; this is a spreadsheet's number of a day: format the column as dates")
        )
    parts = _DATE.fullmatch(text)
    try:
        if parts is None:
            return datetime.date.fromisoformat(text)
        return datetime.date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        raise CellError(_("must be a date as YYYY-MM-DD")) from None


def _checkbox(text: str) -> str:
    word = text.lower()
    if word in _TRUE:
        return "true"
    if word in _FALSE:
        return "false"
    raise CellError(_("must be true or false"))


def _number(field: Field, text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        raise CellError(_("must be a number")) from None
    if not math.isfinite(number):
        raise CellError(_("must be a number"))
    if field.full_name.endswith("Latitude"):
        limits = (-90.0, 90.0)
    elif field.full_name.endswith("Longitude"):
        limits = (-180.0, 180.0)
    else:
        limits = (0.0, 130.0)
        if not number.is_integer():
            raise CellError(_("must be a whole number"))
    if not limits[0] <= number <= limits[1]:
        raise CellError(
            _("must lie between %(limits)s and %(limits_2)s")
            % {"limits": f"{limits[0]:g}", "limits_2": f"{limits[1]:g}"}
        )
    return f"{number:g}" if number.is_integer() else repr(number)
