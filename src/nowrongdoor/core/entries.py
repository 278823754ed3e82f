"""Reading the plain files of a country's folder: each entry has what it needs, of the right kind, and nothing else.

The promise: a file that does not read is refused with its name, the entry and what to write instead; a key that nobody
reads, which is nearly always a misspelt one, is refused too.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import rules

EVIDENCE = tuple(each.value for each in rules.Evidence)


class Unreadable(ValueError):
    """A file of the country's folder cannot be read; the message names the file, the entry and what to write."""


class Entry:
    """One table of a file. Whoever reads it asks for each key, and then says that this was all (`end`)."""

    def __init__(self, content: Mapping[str, object], where: str) -> None:
        self._content, self._where, self._read = content, where, set[str]()

    def has(self, key: str) -> bool:
        """Return whether a key is there."""
        return key in self._content

    def left(self) -> Sequence[str]:
        """List the keys that nobody has read yet."""
        return [key for key in self._content if key not in self._read]

    def text(self, key: str, otherwise: str | None = None) -> str:
        """Return a text; one without a default has to be there. Unreadable."""
        value = self._value(key, otherwise)
        if not isinstance(value, str) or (otherwise is None and not value.strip()):
            raise self.wrong(key, _("write it as text"))
        return value

    def texts(self, key: str, otherwise: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts. Unreadable."""
        value = self._value(key, otherwise)
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) and each.strip() for each in value):
            raise self.wrong(key, _('write it as a list of texts, like ["a", "b"]'))
        return tuple(value)

    def number(self, key: str, low: int, high: int, otherwise: int | None = None) -> int:
        """Return a whole number between two others. Unreadable."""
        value = self._value(key, otherwise)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, _("write a whole number from %(low)s to %(high)s") % {"low": low, "high": high})
        return value

    def yes(self, key: str) -> bool:
        """Return whether something is so; what isn't there is not. Unreadable."""
        value = self._value(key, otherwise=False)
        if not isinstance(value, bool):
            raise self.wrong(key, _("write true or false"))
        return value

    def day(self, key: str) -> datetime.date:
        """Return a day. Unreadable."""
        value = self._value(key, None)
        if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
            raise self.wrong(key, _("write a day, like 2026-12-25, without quotes"))
        return value

    def one(self, key: str) -> Entry:
        """Return a table inside this one. Unreadable."""
        value = self._value(key, None)
        if not isinstance(value, dict):
            raise self.wrong(key, _("write it under [%(key)s]") % {"key": key})
        return Entry(value, f"{self._where}, [{key}]")

    def each(self, key: str) -> Iterator[Entry]:
        """Return the tables of a list, none where it is not there. Unreadable."""
        value = self._value(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(each, dict) for each in value):
            raise self.wrong(key, _("write each entry under [[%(key)s]]") % {"key": key})
        for number, each in enumerate(value, start=1):
            name = each.get("id") or each.get("code") or each.get("name") or number
            yield Entry(each, f"{self._where}, {key} {name}")

    def leave(self, *keys: str) -> None:
        """Leave some keys to another reader of the same file."""
        self._read.update(keys)

    def end(self) -> None:
        """Refuse a key that nobody read. Unreadable."""
        if left := self.left():
            known = ", ".join(sorted(self._read)) or "nothing"
            raise Unreadable(
                _("%(where)s: '%(left)s' is no part of this: it has %(known)s.")
                % {"where": self._where, "left": left[0], "known": known}
            )

    def wrong(self, key: str, right: str) -> Unreadable:
        """Make the refusal of a key: what to write instead."""
        what = (
            _("is missing")
            if key not in self._content
            else (_("cannot be %(content)s") % {"content": f"{self._content[key]!r}"})
        )
        return Unreadable(f"{self._where}: '{key}' {what}; {right}.")

    def _value(self, key: str, otherwise: object) -> object:
        self._read.add(key)
        return self._content.get(key, otherwise)


def evidence(entry: Entry) -> str:
    """Return how well an entry's `citation` is founded: "statute", or "statute+secondary" of parts. Unreadable."""
    value = entry.text("evidence")
    if not set(value.split("+")) <= set(EVIDENCE):
        raise entry.wrong("evidence", _("write one of %(names)s") % {"names": ", ".join(EVIDENCE)})
    return value


def read(text: str, file: str) -> Entry:
    """Read a file's text. Unreadable."""
    try:
        return Entry(tomllib.loads(text), file)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(
            _("%(file)s: %(error)s. Mend the line that it names.") % {"file": file, "error": error}
        ) from None
