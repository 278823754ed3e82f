"""On what grounds something about a victim may cross an agency border without the victim's consent.

The rule is consent: 34 USC 12291(b)(2) lets no personally identifying information out without informed, written,
reasonably time-limited consent, however it was encoded, encrypted or hashed (legal gate G01). What follows are the
exceptions, each with what it rests on, and each with the notice that the victim is owed.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Mapping


class Ground(enum.Enum):
    """Why it may be told without consent."""

    MANDATE = "mandate"
    CHILD = "child"
    DANGER = "danger"


@dataclasses.dataclass(frozen=True, slots=True)
class Law:
    """What a ground rests on, and how well that is founded: statute, secondary, unverified."""

    words: str
    citation: str
    evidence: str


GROUNDS: Mapping[Ground, Law] = {
    Ground.MANDATE: Law("A statute or a court compels it", "34 USC 12291(b)(2)", "statute"),
    Ground.CHILD: Law("A child is abused", "hotline practice (gate G09); reporting law of the state", "secondary"),
    Ground.DANGER: Law("Somebody is about to be harmed", "hotline practice (gate G09)", "secondary"),
}
# The statute asks for notice to the victim and names no limit; this one is our policy.
TELL_WITHIN = datetime.timedelta(hours=72)
TELL = "Tell the person, when it is safe, what was told to whom and why, and do what protects their safety and privacy."
TELL_CITATION = "34 USC 12291(b)(2)"
LONGEST_CONSENT = datetime.timedelta(days=365)  # "reasonably time-limited"; the number is our policy
IMMIGRATION_GATE = (
    "Immigration matters stay inside one department: 8 USC 1367(a)(2) forbids telling anything about an applicant for "
    "T, U or VAWA relief to anybody else (gate G04). Take that part out."
)
