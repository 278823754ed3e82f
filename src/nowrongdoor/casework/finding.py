"""Finding a case or a signal by what somebody reads from a paper or hears on the telephone: our reference, or the id
that whoever sent a signal gave it.

The promise: only what the viewer may see is found, or offered as near; what was typed is never guessed at in silence: a
reference that is mistyped is answered with what is wrong about it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nowrongdoor.access import viewers
from nowrongdoor.cases.models import Case
from nowrongdoor.core import reference
from nowrongdoor.signals.models import Signal
from nowrongdoor.vault import keys

LENGTH = 12
NEAR = 5  # as many as somebody looks through
LONGEST = 200  # of a sender's id (signals/actions.py, KEY_LIMIT)


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What was found: the reference of a case, or of a signal that the viewer's agency took."""

    case: str = ""
    signal: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Missed:
    """Why nothing was found, and what is near it."""

    problem: str
    cases: Sequence[str] = ()
    signals: Sequence[str] = ()


def find(viewer: viewers.Viewer, typed: str) -> Found | Missed:
    """Find by a reference or a sender's id, in three queries at most."""
    typed = typed.strip()
    letters = reference.letters_of(typed)
    if not typed:
        return Missed(_("Enter a reference, like K7QM-2XWD-94HT, or the sender’s ID."))
    if len(typed) > LONGEST or "\x00" in typed:
        return Missed(_("No reference and no ID is this long. Check what you entered."))
    if is_whole(letters):
        code = reference.read(typed)
        if Case.objects.filter(reference=code).exists():
            return Found(case=code)
        if Signal.objects.filter(reference=code, receiver=viewer.agency_id).exists():
            return Found(signal=code)
    token = keys.index(viewer.agency_id).token("signal key", typed)
    sent = Signal.objects.filter(receiver=viewer.agency_id, key=token).values_list("reference", flat=True).first()
    if sent:
        return Found(signal=sent)
    near = list(_near(letters)) if abs(len(letters) - LENGTH) <= 1 else []
    return Missed(
        _problem(letters),
        _known(Case.objects.filter(reference__in=near).values_list("reference", flat=True)),
        _known(
            Signal.objects.filter(reference__in=near, receiver=viewer.agency_id).values_list("reference", flat=True)
        ),
    )


def is_whole(letters: str) -> bool:
    """Return whether this spells a reference."""
    return len(letters) == LENGTH and not set(letters) - set(reference.ALPHABET)


def _known(rows: Iterable[str]) -> list[str]:
    return sorted(rows)[:NEAR]


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
    if len(letters) != LENGTH:
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


def _near(letters: str) -> Iterator[str]:
    """Write every reference that is one slip away: a letter wrong, missing or too many, or two that changed places."""
    slips = set()
    for at in range(len(letters)):
        slips.add(letters[:at] + letters[at + 1 :])
        slips.add(letters[:at] + letters[at + 1 : at + 2] + letters[at] + letters[at + 2 :])
        slips |= {letters[:at] + each + letters[at + 1 :] for each in reference.ALPHABET}
    slips |= {letters[:at] + each + letters[at:] for at in range(len(letters) + 1) for each in reference.ALPHABET}
    return (reference.spelled(each) for each in slips if is_whole(each))
