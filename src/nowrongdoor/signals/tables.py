"""What the table of signals lets whom see and write, and how its words are kept."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import HANDS_IN, ME, SEES_CASES, THIS_CASE, system_or
from nowrongdoor.audit import words
from nowrongdoor.signals import models
from nowrongdoor.vault import inventory

_TAKEN = f"(receiver_id = {ME} AND ({SEES_CASES} OR {HANDS_IN}))"
# Which signals a case holds, the room of cases keeps: whoever opened it is shown them.
_OF_CASE = f"EXISTS (SELECT FROM nowrongdoor_case_signal cs WHERE cs.signal_id = @.id AND cs.case_id = {THIS_CASE})"
PHRASES: policies.Phrases = ((_OF_CASE, "a signal of the case it opened"),)
DECLARED = (
    policies.Rows(
        model=models.Signal,
        see=system_or(_TAKEN, _OF_CASE),
        add=system_or(_TAKEN),
        change=system_or(_TAKEN),
        columns=("routed_at",),
    ),
    inventory.Columns(
        models.Signal,
        sealed=("narrative", "people", "raw"),
        tokens=("key", "digest"),
        plain={
            **dict.fromkeys(("facts", "answers"), inventory.FACTS),
            **dict.fromkeys(("state", "district"), inventory.PLACE),
            "door": inventory.CODES,
            "reference": inventory.REFERENCE,
        },
    ),
    words.Verb("signal.read", "viewed a signal"),
    words.Verb("signal.taken", "recorded a signal"),
)
