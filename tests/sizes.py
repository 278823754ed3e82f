"""How long the storms are: short in `make test`, full in `make storm`, which is run before a release.

The promise: nothing is made smaller in silence. `make test` ends with a line that names what it left.
"""

from __future__ import annotations

import dataclasses
import os

IS_FULL = bool(os.environ.get("NWD_STORM"))


@dataclasses.dataclass(frozen=True, slots=True)
class Size:
    """A number of times: each time that the suite runs, and before a release."""

    what: str
    each_time: int
    full: int

    @property
    def now(self) -> int:
        return self.full if IS_FULL else self.each_time


STEPS = Size("random steps of four processes (T4)", 2_500, 100_000)
ROUNDS = Size("rounds of two agencies that want the same lead (T5)", 200, 1_000)
SUBMISSIONS = Size("submissions while everything is killed (T1)", 400, 2_000)
KILLS = Size("kills under them (T1)", 10, 50)
SEQUENCE = Size("verbs in each sequence of verbs", 3, 4)
MACHINES = Size("runs of 30 steps of the state machine", 20, 500)
FLOOD = Size("public forms that one address floods us with (T12)", 1_000, 10_000)
CALLERS = Size("people who call, text or chat while everything is killed", 18, 120)
NIGHT = Size("contacts of a night in the browser, at 20 times the speed", 9, 60)
LINE_KILLS = Size("kills under them", 8, 60)
ALL = (STEPS, ROUNDS, SUBMISSIONS, KILLS, SEQUENCE, MACHINES, FLOOD, CALLERS, LINE_KILLS, NIGHT)


def words() -> str:
    """Return one line that says what was left to `make storm`."""
    left = [f"{each.full:,} {each.what} (here {each.each_time:,})" for each in ALL if each.now < each.full]
    return f"Left to `make storm`: {'; '.join(left)}." if left else "The storms ran at full length."
