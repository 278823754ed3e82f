"""What this room's tables let whom see and write, how their words are kept, and what it tells the trail.

Advocates and coordinators of an agency report and read its library; coordinators keep it. Other agencies of a case see
what came of a report, and no word of it.
"""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import ME, MINE, SIGNED, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases import tables as cases
from nowrongdoor.protocols import models
from nowrongdoor.vault import inventory

REPORTERS = (viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)
KEEPERS = (viewers.Role.COORDINATOR,)
_REPORTS, _KEEPS = policies.role_is(*REPORTERS), policies.role_is(*KEEPERS)
# A signal that the agency received, unless the viewer is kept away from the case that holds it.
_OF_SIGNAL = (
    f"(EXISTS (SELECT FROM nowrongdoor_signal s WHERE s.id = @.signal_id AND s.receiver_id = {ME}) "
    "AND NOT nwd_kept_from_signal(@.signal_id))"
)
_OF_REPORT = "EXISTS (SELECT FROM nowrongdoor_report r WHERE r.id = @.report_id AND r.agency_id = @.agency_id)"
PHRASES: policies.Phrases = (
    (_REPORTS, "as advocate or coordinator"),
    (_OF_SIGNAL, "of a signal that its agency received, unless kept away from the case that holds it"),
    (_OF_REPORT, "of a report that it sees"),
)
DECLARED = (
    # The library: each agency keeps its own
    policies.Rows(
        model=models.Protocol,
        see=system_or(f"({MINE} AND {_REPORTS})"),
        add=f"({SIGNED} AND {_KEEPS})",
        change=f"({MINE} AND {_KEEPS})",
        columns=(
            *("contact", "immigration", "choice", "proved_at", "proved_by_id", "prove_again_at"),
            *("retired_at", "retired_by_id"),
        ),
        later={"prove_again_at": "366 days"},
    ),
    inventory.Columns(
        models.Protocol,
        sealed=("contact",),
        plain={
            **dict.fromkeys(("kind", "immigration"), inventory.CODES),
            "state": inventory.PLACE,
            "county": "the county that a public body serves; it says nothing of any case",
        },
    ),
    words.Verb("protocols.listed", "viewed the protocol library"),
    words.Verb("protocol.read", "viewed a recipient of reports"),
    words.Verb("protocol.added", "added a recipient of reports"),
    words.Verb("protocol.changed", "changed a recipient of reports"),
    words.Verb("protocol.proved", "confirmed a recipient of reports"),
    words.Verb("protocol.retired", "retired a recipient of reports"),
    words.Verb("protocols.imported", "imported recipients of reports from a file"),
    words.Verb("protocols.exported", "downloaded the protocol library"),
    # Reports
    policies.Rows(
        model=models.Report,
        see=system_or(f"({MINE} AND {_REPORTS} AND ({cases.took_part(cases.OF_CASE)} OR {_OF_SIGNAL}))"),
        add=f"({SIGNED} AND {_REPORTS} AND ({cases.takes_part(cases.OF_CASE)} OR {_OF_SIGNAL}))",
        change=f"({MINE} AND {_REPORTS} AND ({cases.takes_part(cases.OF_CASE)} OR {_OF_SIGNAL}))",
        columns=(
            *("protocol_id", "words", "version", "words_at", "words_by_id", "in_danger", "danger_because"),
            *(
                "review_due_at",
                "reviewed_at",
                "reviewed_by_id",
                "reviewed_version",
                "returned_at",
                "returned_by_id",
                "comment",
            ),
        ),
        later={"review_due_at": "24 hours"},
    ),
    inventory.Columns(
        models.Report,
        sealed=("words", "danger_because", "comment"),
        plain={"edition": "which edition of the country's template; a number"},
    ),
    words.Verb("reports.listed", "viewed reports to law enforcement"),
    words.Verb("report.read", "viewed a report to law enforcement"),
    words.Verb("report.considered", "viewed who may be told of a case or a signal"),
    words.Verb("report.written", "wrote a report to law enforcement"),
    words.Verb("report.changed", "changed a report to law enforcement"),
    words.Verb("report.reviewed", "reviewed a report to law enforcement"),
    words.Verb("report.returned", "sent a report to law enforcement back to its writer"),
    words.Verb("report.sent", "noted that a report to law enforcement left"),
    words.Verb("report.confirmed", "noted that a report to law enforcement arrived"),
    words.Verb("report.outcome", "noted what came of a report to law enforcement"),
    policies.Rows(
        model=models.Sending,
        see=system_or(f"({MINE} AND {_OF_REPORT})"),
        add=f"({SIGNED} AND {_REPORTS} AND {_OF_REPORT})",
        change=f"({MINE} AND {_REPORTS} AND {_OF_REPORT})",
        columns=("confirmed_at", "confirmed_by_id", "confirmation", "confirmed_name"),
    ),
    inventory.Columns(
        models.Sending,
        sealed=("recipient", "confirmation", "confirmed_name"),
        plain={"how": inventory.CODES},
    ),
    # What came of it, for everybody who works on the case
    policies.Rows(
        model=models.Outcome,
        see=system_or(f"({MINE} AND {_OF_REPORT})", cases.takes_part(cases.OF_CASE)),
        add=f"({SIGNED} AND {_REPORTS} AND {_OF_REPORT})",
    ),
    inventory.Columns(models.Outcome, plain=dict.fromkeys(("kind", "result"), inventory.CODES)),
)
