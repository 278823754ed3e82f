"""What the two desks rest on, each with its source and how well it is founded.

None of it is legal advice, and none of it decides anything: whether something must be handed over, counsel says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from nowrongdoor.core.language import gettext_lazy as _


@dataclasses.dataclass(frozen=True, slots=True)
class Statement:
    """One sentence about the law, its citation and its evidence."""

    words: str
    citation: str
    evidence: str


OF_DEMANDS: Sequence[Statement] = (
    Statement(
        _(
            "A grantee that helps victims discloses nothing that identifies someone without their informed, written, "
            "time-limited consent. Where a statute or a court compels it, the grantee makes reasonable attempts to "
            "notify the person, and takes steps to protect their privacy and safety."
        ),
        "34 USC 12291(b)(2); 28 CFR 94.115(a)-(b)",
        "statute+secondary",
    ),
    Statement(
        _(
            "Homeland Security, Justice, and State may not tell anyone outside whether someone asked for T, U, or VAWA "
            "relief."
        ),
        "8 USC 1367(a)(2)",
        "statute",
    ),
    Statement(
        _("A court can quash or change a subpoena. The motion has to be on time: ask counsel for the date."),
        "Fed. R. Civ. P. 45(d)(3); Fed. R. Crim. P. 17(c)(2)",
        "unverified",
    ),
    Statement(
        _(
            "What a grand jury has before it, and whether a suspicious activity report exists, isn’t written here. "
            "Write only who holds it."
        ),
        "Fed. R. Crim. P. 6(e); 31 USC 5318(g)(2)",
        "unverified",
    ),
)
OF_BREACHES: Sequence[Statement] = (
    Statement(
        _(
            "Awards require notice of an actual or imminent breach within 24 hours. The clock here starts when it was "
            "noticed. Read your award: some start when it happened."
        ),
        "award condition on breaches of personally identifiable information",
        "policy+unverified",
    ),
    Statement(
        _("State law and health-privacy law may require more notices, to other offices and to the people concerned."),
        "45 CFR 164.400-414",
        "unverified",
    ),
)
