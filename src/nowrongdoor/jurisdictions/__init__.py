"""The countries as data, a folder each: what the law asks of a case, who answers for it, and the places, holidays,
numbers and words that go with it.

The promise: nothing here is Python but this file. Text goes out; `core` reads it into frozen values, and knows no
country by name.
"""

from __future__ import annotations

import functools
import importlib.resources

INSTALLED = "us"


@functools.cache
def text(name: str) -> str:
    """Return the text of one of the installed country's files, such as `facts.toml` or `words/en.toml`."""
    folder = importlib.resources.files(__package__) / INSTALLED
    return folder.joinpath(*name.split("/")).read_text(encoding="utf-8")


def has(name: str) -> bool:
    """Return whether the installed country has a file that not every country needs."""
    return (importlib.resources.files(__package__) / INSTALLED).joinpath(*name.split("/")).is_file()
