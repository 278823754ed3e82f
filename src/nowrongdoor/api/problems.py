"""What is answered when something is wrong: sentences, whatever it was."""

from __future__ import annotations

import ninja


class Problem(ninja.Schema):
    """What is wrong, in sentences that say what to do."""

    problems: list[str]
