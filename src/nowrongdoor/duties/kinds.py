"""The kinds of duties, and where duties come from."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping

from nowrongdoor.core.language import gettext_lazy

# How the deadlines are called that ask which of some facts is right. A number follows.
CORRECTION = "which-"
_CORRECTION = re.compile(rf"{CORRECTION}[0-9a-f]{{12}}")


def is_correction(clock: str) -> bool:
    """Return whether a deadline asks for facts to be corrected: it ends with the correction, and in no other way."""
    return _CORRECTION.fullmatch(clock) is not None


# What tasks and requests between agencies ask, by the code that is kept as their rule; the name of the other agency
# comes in.
WORDS: Mapping[str, str] = {
    "offer-declined": gettext_lazy("{agency} declined the lead that your agency offered. Your agency still leads."),
    "offer-expired": gettext_lazy(
        "{agency} didn’t answer in time when your agency offered the lead. Your agency still leads."
    ),
    "request": gettext_lazy("{agency} leads this case and asks your agency for something. Answer it, or say why not."),
    "request-asked": gettext_lazy("Your agency asked {agency} for something. Their answer is due by then."),
    "request-answered": gettext_lazy("{agency} answered what your agency asked for."),
    "request-refused": gettext_lazy("{agency} refused what your agency asked for, and says why."),
    "request-withdrawn": gettext_lazy("{agency} withdrew what it asked of your agency. Nothing is left to do."),
    "message": gettext_lazy("{agency} wrote to your agency about this case."),
}


BENEFITS_LETTER = "benefits_letter"  # a thing of which no other agency hears, and not every role
_WAITS = "request-asked"


def ends_by_itself(rule: str) -> bool:
    """Return whether a task ends with what it waits for, and nobody can say that it is done."""
    return rule == _WAITS


def words(rule: str, agency: str) -> str:
    """Say what a task or a request asks."""
    return str(WORDS.get(rule, "{agency}")).format(agency=agency)


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
