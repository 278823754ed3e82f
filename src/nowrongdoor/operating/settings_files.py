"""Files of settings that a variable of the environment names."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable
from typing import TypeVar

from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _

Read = TypeVar("Read")


def named_by(variable: str, read: Callable[[str, str], Read], *, otherwise: Read) -> Read:
    """Read the file that a variable names, or return what holds without one. `read`: of its text and its name.
    entries.Unreadable."""
    named = os.environ.get(variable)
    if not named:
        return otherwise
    file = pathlib.Path(named)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else _("it isn’t text in UTF-8")
        words = _("%(variable)s names %(file)s, which can’t be read: %(reason)s.")
        raise entries.Unreadable(words % {"variable": variable, "file": file.name, "reason": reason}) from None
    return read(text, file.name)
