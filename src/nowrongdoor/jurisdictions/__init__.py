"""The countries as data, a folder each: what the law asks of a case, who answers for it, and the places, holidays,
numbers and words that go with it.

The promise: nothing here is Python but this file. Text goes out; `core` reads it into frozen values, and knows no
country by name. An installation has one country: a folder of this package, or a folder anywhere else, which needs no
line of code.
"""

from __future__ import annotations

import functools
import importlib.resources
import os
import pathlib
from importlib.resources.abc import Traversable

VARIABLE = "NWD_COUNTRY"
DEFAULT = "us"


class NoSuchCountry(ValueError):
    """What names the country names no folder."""

    def __init__(self, named: str) -> None:
        super().__init__(
            f"{VARIABLE} names no country: {named}. Write the path of a country's folder, or one that comes along: "
            f"{', '.join(shipped())}."
        )


class UnusableFile(ValueError):
    """A file of a country's folder gives no text; the message says why, and what to do."""


class NoSuchFile(UnusableFile):
    """A country's folder lacks a file."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{folder()}: {name} is missing (docs/jurisdictions.md lists the files of a country).")


class NotUtf8(UnusableFile):
    """A file was saved in another encoding."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(f"{name}, line {line}: the text is not UTF-8 from here on. Save the file as UTF-8.")


def named() -> str:
    """Return what names the country of this process: a folder's path, or the name of one that comes along."""
    return os.environ.get(VARIABLE) or DEFAULT


def shipped() -> list[str]:
    """List the countries that come along."""
    return sorted(
        each.name for each in importlib.resources.files(__package__).iterdir() if (each / "facts.toml").is_file()
    )


def folder() -> Traversable:
    """Return the country's folder. NoSuchCountry."""
    chosen = named()
    if chosen in shipped():
        return importlib.resources.files(__package__) / chosen
    path = pathlib.Path(chosen)
    if os.sep not in chosen or not path.is_dir():
        raise NoSuchCountry(chosen)
    return path.resolve()


@functools.cache
def text(name: str) -> str:
    """Return the text of one of the country's files, such as `facts.toml` or `words/en.toml`. NoSuchCountry,
    NoSuchFile, NotUtf8."""
    file = folder().joinpath(*name.split("/"))
    if not file.is_file():
        raise NoSuchFile(name)
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise NotUtf8(name, error.object.count(b"\n", 0, error.start) + 1) from None


def has(name: str) -> bool:
    """Return whether the country has a file that not every country needs. NoSuchCountry."""
    return folder().joinpath(*name.split("/")).is_file()
