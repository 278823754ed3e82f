"""The kinds of duties, and where duties come from."""

from __future__ import annotations

import enum
import re

# How the deadlines are called that ask which of some facts is right. A number follows.
CORRECTION = "which-"
_CORRECTION = re.compile(rf"{CORRECTION}[0-9a-f]{{12}}")


def is_correction(clock: str) -> bool:
    """Return whether a deadline asks for facts to be corrected: it ends with the correction, and in no other way."""
    return _CORRECTION.fullmatch(clock) is not None


class Kind(enum.StrEnum):
    """What a duty asks for."""

    NOTICE = "notice"  # acknowledge that your agency was told; or tell somebody by hand
    DEADLINE = "deadline"
    REQUEST = "request"
    TASK = "task"
    ANSWER = "answer"  # to an offer of the lead, which has the same id


class Source(enum.StrEnum):
    """What made a duty. Only what the mandate table asked for can it take back."""

    MANDATE = "mandate"
    DISCLOSURE = "disclosure"
    OFFER = "offer"
    PERSON = "person"
