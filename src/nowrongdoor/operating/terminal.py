"""The language at a terminal: what NWD_LANGUAGE says, else what the machine is set to, else English.

The promise: a command and its help speak the language of whoever types it, as far as the country offers it; what a
server keeps or writes to its log does not change with it.
"""

from __future__ import annotations

import copy
import dataclasses
import gettext
import inspect
import os
from collections.abc import Iterator

import click

from nowrongdoor import jurisdictions
from nowrongdoor.core import country, entries, language

VARIABLE = "NWD_LANGUAGE"
_SET_TO = (VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG")
AS_WRITTEN = "\b\n"  # begins a paragraph whose lines click leaves alone


@dataclasses.dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a command's help, and whether its lines stay as they are."""

    message: str
    is_as_written: bool


def paragraphs(text: str) -> Iterator[Paragraph]:
    """Take the help of a command apart, as catalogs hold it."""
    for part in inspect.cleandoc(text).partition("\f")[0].split("\n\n"):
        is_as_written = part.lstrip("\n").startswith("\b")
        message = part.lstrip("\n").removeprefix("\b").strip("\n")
        if message.strip():
            yield Paragraph(message if is_as_written else " ".join(message.split()), is_as_written)


def chosen() -> str:
    """Return the language of whoever is at the terminal."""
    wanted = next((os.environ[each] for each in _SET_TO if os.environ.get(each)), "")
    try:
        # Read past the caches: the command may name another country before it reads anything.
        offered = country.read(jurisdictions.text.__wrapped__(country.FILE)).offered
    except (jurisdictions.NoSuchCountry, jurisdictions.NoSuchFile, entries.Unreadable):
        return language.SOURCE  # the command that is called will tell
    return language.matching(wanted, offered) or language.SOURCE


_spoken: list[str] = []


def spoken() -> str | None:
    """Return the language that this process speaks to whoever started it at a terminal; None for a server."""
    return _spoken[-1] if _spoken else None


def speak() -> None:
    """Say everything in the language of whoever is at the terminal from now on, click's own words too."""
    code = chosen()
    _spoken[:] = [code]
    language.follow(lambda: code)
    os.environ["LANGUAGE"] = language.locale_of(code)  # gettext's own variable, which click's words follow
    gettext.bindtextdomain(language.DOMAIN, str(language.folder_of(code)))
    gettext.textdomain(language.DOMAIN)


def localized(command: click.Command) -> click.Command:
    """Return a command with its help in the language of whoever is at the terminal."""
    spoken = copy.copy(command)
    spoken.help, spoken.epilog = _said(command.help), _said(command.epilog)
    spoken.params = [_option(each) for each in command.params]
    if isinstance(command, click.Group) and isinstance(spoken, click.Group):
        spoken.commands = {name: localized(each) for name, each in command.commands.items()}
    return spoken


def _option(given: click.Parameter) -> click.Parameter:
    if not isinstance(given, click.Option) or not given.help:
        return given
    spoken = copy.copy(given)
    spoken.help = _said(given.help)
    return spoken


def _said(text: str | None) -> str | None:
    if not text:
        return text
    return "\n\n".join(
        f"{AS_WRITTEN if each.is_as_written else ''}{language.gettext(each.message)}" for each in paragraphs(text)
    )
