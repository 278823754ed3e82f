"""The kinds of duties, and where duties come from."""

from __future__ import annotations

import enum


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
