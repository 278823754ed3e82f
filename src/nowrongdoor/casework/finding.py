"""Finding a case or a signal by what somebody reads from a paper or hears on the telephone: our reference, or the id
that whoever sent a signal gave it.

The promise: only what the viewer may see is found, or offered as near; what was typed is never guessed at in silence: a
reference that is mistyped is answered with what is wrong about it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nowrongdoor.access import viewers
from nowrongdoor.cases.models import Case
from nowrongdoor.core import reference
from nowrongdoor.signals.models import Signal
from nowrongdoor.vault import keys

SHOWN = 5  # as many as somebody looks through
LONGEST = 200  # of a sender's id (signals/actions.py, KEY_LIMIT)


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What was found: the reference of a case, or of a signal that the viewer's agency took."""

    case: str = ""
    signal: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Near:
    """References that are one slip away from what was typed, of cases and of signals that the viewer may see."""

    cases: Sequence[str] = ()
    signals: Sequence[str] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Missed:
    """Why nothing was found, and what is near it."""

    problem: str
    near: Near = Near()


def find(viewer: viewers.Viewer, typed: str) -> Found | Missed:
    """Find by a reference or a sender's id, in five queries at most."""
    typed = typed.strip()
    letters = reference.letters_of(typed)
    if not typed:
        return Missed(_("Enter a reference, like K7QM-2XWD-94HT, or the sender’s ID."))
    if len(typed) > LONGEST or "\x00" in typed:
        return Missed(_("No reference and no ID is this long. Check what you entered."))
    if reference.is_whole(letters):
        code = reference.read(typed)
        if Case.objects.filter(reference=code).exists():
            return Found(case=code)
        if Signal.objects.filter(reference=code, receiver=viewer.agency_id).exists():
            return Found(signal=code)
    token = keys.index(viewer.agency_id).token("signal key", typed)
    sent = Signal.objects.filter(receiver=viewer.agency_id, key=token).values_list("reference", flat=True).first()
    if sent:
        return Found(signal=sent)
    return Missed(_problem(letters), near(viewer, typed))


def near(viewer: viewers.Viewer, typed: str) -> Near:
    """List what the viewer may see that is one slip away from a reference as it was typed, in two queries at most."""
    slips = list(reference.slips(typed))
    if not slips:
        return Near()
    cases = Case.objects.filter(reference__in=slips)
    signals = Signal.objects.filter(reference__in=slips, receiver=viewer.agency_id)
    return Near(_known(cases), _known(signals))


def _known(rows: QuerySet[Case] | QuerySet[Signal]) -> Sequence[str]:
    return sorted(rows.values_list("reference", flat=True))[:SHOWN]


def _problem(letters: str) -> str:
    """Say what is wrong with it as a reference."""
    odd = sorted(set(letters) - set(reference.ALPHABET))
    if odd:
        words = ngettext(
            "No reference has the character %(odd)s, only letters and digits. No signal that your agency took has "
            "this as the sender’s ID, either.",
            "No reference has the characters %(odd)s, only letters and digits. No signal that your agency took has "
            "this as the sender’s ID, either.",
            len(odd),
        )
        return words % {"odd": " ".join(odd)}
    if len(letters) != reference.LENGTH:
        words = ngettext(
            "This has %(count)d letter or digit. A reference has 12. No signal that your agency took has it as the "
            "sender’s ID, either.",
            "This has %(count)d letters and digits. A reference has 12. No signal that your agency took has it as the "
            "sender’s ID, either.",
            len(letters),
        )
        return words % {"count": len(letters)}
    return _(
        "Your agency has no case or signal with this reference, and no signal that it took has this as the sender’s "
        "ID. Check it letter by letter: one may be wrong, or two may have changed places."
    )
