"""What a person wants others to be told, as the facts of a case say it."""

from __future__ import annotations

from collections.abc import Mapping

from nowrongdoor.core.mandates import facts as facts_of

WHOLE = "wishes"
KINDS_ASKED = ("wish_police", "wish_federal", "wish_immigration")  # asked of the person by kind of agency
ALL = (WHOLE, *KINDS_ASKED)
SERVICES_ONLY = "services_only"


def taken_back(asked: facts_of.Vocabulary) -> Mapping[str, str]:
    """Return the wish of somebody who took their consent back, as far as it is asked about: services only, and no to
    each kind of agency."""
    wish = {WHOLE: SERVICES_ONLY, **dict.fromkeys(KINDS_ASKED, "no")}
    return {name: code for name, code in wish.items() if asked.asks(name, code)}
