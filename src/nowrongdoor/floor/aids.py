"""What stands beside a conversation: saved replies, the mode of yes and no, and what to say by what is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from nowrongdoor.core import line, public_help
from nowrongdoor.floor import forms
from nowrongdoor.intake import forms as intake
from nowrongdoor.line import models, queries, replies, writing

Way = models.ContactMessage.Way


@dataclasses.dataclass(frozen=True, slots=True)
class Scripts:
    """What to say first: `is_minor`: they may be under 18, by what was written down so far."""

    is_voice: bool
    is_danger: bool
    is_minor: bool
    wishes: Sequence[public_help.Wish]


def offer(row: queries.Row) -> replies.Offer | None:
    """Return the saved replies to whoever writes here, None where they call, or get a letter."""
    medium = line.Medium(row.medium.value)
    return replies.offered(row.language, medium) if medium in replies.WRITTEN else None


def short(row: queries.Row, talk: Sequence[writing.Said]) -> dict[str, object]:
    """Say whether only yes or no is asked of whoever writes, and what changes that with one press."""
    if line.Medium(row.medium.value) not in replies.WRITTEN:
        return {}
    both = ((each.way is Way.OUT, each.words) for each in talk if each.way in (Way.IN, Way.OUT))
    is_short = replies.asks_yes_or_no(both)
    code = replies.FREELY if is_short else replies.ONLY
    return {"is_short": is_short, "to_short": forms.OneReplyForm.of(code)}


def scripts(row: queries.Row, form: intake.SignalForm | None) -> Scripts:
    """Say what to say, by the medium and by what was written down so far."""
    known = form.given if form else {}
    return Scripts(
        row.medium is models.Medium.VOICE,
        row.is_danger or known.get("urgency") == "immediate_danger",
        known.get("age") == "under_18",
        public_help.installed().wishes,
    )
