"""The parts of what is known of a person, because no single role or agency needs all of them.

Immigration matters stand apart: whoever agreed and whatever compels, they stay inside the department that wrote them
down. The law behind it is the country's (grounds.toml). Which parts there are is code: row policies are made of them.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping

from nowrongdoor.core.language import gettext_lazy


class Part(enum.Enum):
    """One part of a person's details."""

    IDENTITY = "identity"
    LOCATION = "location"
    IMMIGRATION = "immigration"

    @property
    def words(self) -> str:
        """Say what the part holds."""
        return _WORDS[self]


_WORDS = {
    Part.IDENTITY: gettext_lazy("who the person is"),
    Part.LOCATION: gettext_lazy("where the person is and how to reach them"),
    Part.IMMIGRATION: gettext_lazy("immigration matters"),
}
# What a form asks; none of it has to be given. The names of the Case Data Standard (HTCDS 2.0) are kept as they are.
FIELDS: Mapping[str, tuple[Part, str]] = {
    "called": (Part.IDENTITY, gettext_lazy("What the person wants to be called")),
    "name": (Part.IDENTITY, gettext_lazy("Full name")),
    "born": (Part.IDENTITY, gettext_lazy("Date of birth")),
    "age": (Part.IDENTITY, gettext_lazy("Age, or a guess")),
    "gender": (Part.IDENTITY, gettext_lazy("Gender, in the person’s own words")),
    "language": (Part.LOCATION, gettext_lazy("Languages the person prefers")),
    "phone": (Part.LOCATION, gettext_lazy("Phone")),
    "email": (Part.LOCATION, gettext_lazy("Email")),
    "address": (Part.LOCATION, gettext_lazy("Where the person is")),
    "safe_way": (Part.LOCATION, gettext_lazy("Safe ways and times to be in touch")),
    "lawyer": (Part.LOCATION, gettext_lazy("The person’s own lawyer, and how to reach them")),
    "immigration": (Part.IMMIGRATION, gettext_lazy("Immigration matters")),
}
LAWYER = "lawyer"  # whoever has one is reached through them
_LOCATION = re.compile(r"prs_(Mailing|HomePhone|MobilePhone|Email)")
_NUMBERS = {"phone", "prs_HomePhone", "prs_MobilePhone", "prs_IdentityNumber"}
_NAMES = {"called", "name", "prs_FirstName", "prs_MiddleName", "prs_SecondName"}
_MAILS = {"email", "prs_Email"}


def part_of(name: str) -> Part:
    """Say to which part a detail belongs; one that nobody knows is treated as naming the person."""
    if name in FIELDS:
        return FIELDS[name][0]
    return Part.LOCATION if _LOCATION.match(name) else Part.IDENTITY


def label_of(name: str) -> str:
    """Return the words under which a detail is shown."""
    return FIELDS[name][1] if name in FIELDS else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removeprefix("prs_"))


def split(details: Mapping[str, str]) -> dict[Part, dict[str, str]]:
    """Sort details by part, leaving out what is empty."""
    sorted_: dict[Part, dict[str, str]] = {}
    for name, value in details.items():
        if value.strip():
            sorted_.setdefault(part_of(name), {})[name] = value.strip()
    return sorted_


def searchable(details: Mapping[str, str]) -> Iterator[str]:
    """List what a person can be found again by: each word of a name, each number, each address of mail."""
    for name, value in details.items():
        if name in _NUMBERS:
            yield from filter(None, map(_number, value.split(";")))
        elif name in _NAMES:
            yield from words(value)
        elif name in _MAILS:
            yield from (mail.strip().casefold() for mail in value.split(";") if mail.strip())


def words(typed: str) -> list[str]:
    """Read what somebody types to find a person: words, numbers and mail addresses, as they are indexed."""
    if "@" in typed:
        return [typed.strip().casefold()]
    number = _number(typed)
    if len(number) >= 5 and not re.search(r"[^\W\d_]", typed):
        return [number]
    return [word.casefold() for word in re.findall(r"[^\W_]+", typed)]


def _number(typed: str) -> str:
    digits = re.sub(r"\D", "", typed)
    return digits[-10:]  # with or without the country's code
