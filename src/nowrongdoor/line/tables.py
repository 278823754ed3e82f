"""What the tables of the line let whom see and write, and how their words are kept.

Note [Who works the line]: whoever opens cases at the agency that has the line. Providers and clocks come in the
system's own context, which holds no contact and signs nothing. Whoever chats is known by the token of their
conversation alone, and is shown that chat, both sides of it, and nothing else: not what colleagues whisper, and nothing
once they left.
"""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import MINE, NOBODY, PERSON, SEES_CASES, SYSTEM, VISITOR, system_or
from nowrongdoor.audit import words
from nowrongdoor.line import models
from nowrongdoor.vault import inventory

# Whoever is kept away from the case that a contact became is kept from the contact, but not while they have it.
_NOT_KEPT = f"(@.signal_id IS NULL OR @.person_id = {PERSON} OR NOT nwd_kept_from_signal(@.signal_id))"
_OURS = f"({MINE} AND {SEES_CASES})"
_OURS_SIGNED = f"({SEES_CASES} AND {MINE} AND by_id = {PERSON})"
_OF_OURS = "EXISTS (SELECT FROM nowrongdoor_contact c WHERE c.id = @.contact_id AND c.agency_id = @.agency_id)"
_CHAT = (
    f"(conversation = {VISITOR} AND medium = 'chat' AND left_at IS NULL"
    " AND (over_at IS NULL OR over_at > statement_timestamp() - interval '1 hour'))"
)
# The contact is itself shown as _CHAT says, so not once its visitor left (access/policies.py, Note [No circles]).
_IN_CHAT = (
    "(way IN ('in', 'out') AND EXISTS (SELECT FROM nowrongdoor_contact c WHERE c.id = @.contact_id"
    f" AND c.conversation = {VISITOR}))"
)
PHRASES: policies.Phrases = (
    (_CHAT, "the visitor's own chat, until they leave it, or an hour after its end"),
    (_IN_CHAT, "what both sides wrote in the visitor's own chat, while it is shown that"),
    (_OF_OURS, "of a contact of the same agency that it sees"),
    (_NOT_KEPT, "unless its person is kept away from the case that it became, and does not have it"),
    (f"person_id = {PERSON}", "its own person's"),
)
DECLARED = (
    policies.Rows(
        model=models.Contact,
        see=system_or(f"({_OURS} AND {_NOT_KEPT})", _CHAT),
        add=system_or(f"({SEES_CASES} AND {MINE} AND person_id = {PERSON})"),
        change=system_or(f"({_OURS} AND {_NOT_KEPT})"),
        columns=(
            *("reach", "is_danger", "language", "state", "at_group", "person_id", "asked_id", "since", "asked_at"),
            *("ends_at", "due_at", "answered_at", "left_at", "over_at", "signal_id"),
        ),
        later={"ends_at": "1 hour", "due_at": "72 hours"},
    ),
    inventory.Columns(
        models.Contact,
        sealed=("reach",),
        tokens=("conversation", "caller"),
        plain=dict.fromkeys(("line", "medium", "use", "language", "skill", "state", "at_group"), inventory.CODES),
    ),
    policies.Rows(
        model=models.Seat,
        see=system_or(_OURS),
        add=f"({SEES_CASES} AND {MINE} AND person_id = {PERSON})",
        change=system_or(f"({SEES_CASES} AND {MINE} AND person_id = {PERSON})"),
        columns=("groups", "languages", "skills", "telephone", "texts", "seen_at", "ready_since", "ended_at", "words"),
    ),
    inventory.Columns(
        models.Seat,
        sealed=("words",),
        plain={
            **dict.fromkeys(("groups", "languages", "skills"), inventory.CODES),
            "telephone": "of a desk at the agency",
        },
    ),
    policies.Rows(
        model=models.Leg,
        see=system_or(f"({_OURS} AND {_OF_OURS})"),
        add=f"({_OURS_SIGNED} AND kind <> 'held' AND {_OF_OURS})",
        change=f"({_OURS} AND kind <> 'held')",
        columns=("began_at", "ended_at"),
    ),
    inventory.Columns(models.Leg, sealed=("words",), plain=dict.fromkeys(("kind", "to_whom"), inventory.CODES)),
    policies.Rows(
        model=models.ContactMessage,
        see=system_or(f"({_OURS} AND {_OF_OURS})", _IN_CHAT),
        add=f"({SYSTEM} AND by_id IS NULL AND {_OF_OURS}) OR "
        f"({_OURS_SIGNED} AND way IN ('out', 'whisper') AND {_OF_OURS})",
        change=SYSTEM,
        columns=("outcome", "ref", "sent_as", "tries", "try_at", "recording", "fetched_at", "gone_at"),
    ),
    inventory.Columns(
        models.ContactMessage,
        sealed=("words", "ref", "recording"),
        tokens=("sent_as",),
        plain=dict.fromkeys(("way", "outcome"), inventory.CODES),
    ),
    policies.Rows(model=models.LineEvent, see=system_or(_OURS), add=SYSTEM, change=NOBODY),
    inventory.Columns(
        models.LineEvent,
        tokens=("event",),
        plain={"provider": "a name of the operator's settings", **dict.fromkeys(("kind", "how"), inventory.CODES)},
    ),
    policies.Rows(
        model=models.CallBack,
        see=system_or(f"({_OURS} AND {_OF_OURS})"),
        add=f"({SYSTEM} AND by_id IS NULL AND {_OF_OURS}) OR ({_OURS_SIGNED} AND {_OF_OURS})",
        change=system_or(_OURS),
        columns=("number", "taken_by_id", "taken_at", "tries", "over_at", "outcome"),
        later={"until": "7 days"},
    ),
    inventory.Columns(
        models.CallBack,
        sealed=("number",),
        plain=dict.fromkeys(("at_group", "otherwise", "outcome"), inventory.CODES),
    ),
    policies.Rows(model=models.Stop, see=system_or(_OURS), add=SYSTEM, change=SYSTEM, columns=("ended_at",)),
    inventory.Columns(models.Stop, tokens=("caller",), plain={"line": inventory.CODES}),
    words.Verb("shift.begun", "began a shift on the line"),
    words.Verb("shift.left", "ended a shift on the line"),
    words.Verb("shift.lost", "was off the line, because nothing was heard from the page"),
    words.Verb("contact.rang", "got a contact on the line"),
    words.Verb("contact.begun", "wrote down a contact that did not come by the line"),
    words.Verb("contact.answered", "answered a contact"),
    words.Verb("contact.overflowed", "asked another group to answer a contact"),
    words.Verb("contact.asked", "asked a colleague to take over a contact"),
    words.Verb("contact.declined", "said no to a colleague who asked, or took the question back"),
    words.Verb("contact.in_danger", "noted that somebody in contact is in danger"),
    words.Verb("contact.handed_on", "took over a contact from a colleague who asked"),
    words.Verb("contact.taken_over", "took over a contact from a colleague"),
    words.Verb("contact.handed_outside", "handed somebody in contact on to another line, or to somebody outside"),
    words.Verb("interpreter.asked", "began to wait for an interpreter or a relay in a contact"),
    words.Verb("interpreter.came", "noted that an interpreter or a relay joined a contact"),
    words.Verb("interpreter.left", "noted that an interpreter or a relay left a contact, or did not come"),
    words.Verb("contact.returned", "let a contact ring again, because whoever had it was gone"),
    words.Verb("contact.listed", "put a contact on a list, with a deadline"),
    words.Verb("contact.left", "was told that somebody hung up"),
    words.Verb("contact.abandoned", "lost a contact before anybody answered"),
    words.Verb("contact.ended", "ended a contact"),
    words.Verb("contact.became", "made a contact a signal"),
    words.Verb("contact.read", "read what was written in a contact"),
    words.Verb("contact.erased", "erased what was written in a contact that became no signal"),
    words.Verb("shift.erased", "erased what was said at the end of a shift"),
    words.Verb("contact.heard", "listened to a voicemail"),
    words.Verb("call_back.asked", "noted that somebody wants to be called back"),
    words.Verb("call_back.taken", "opened a number to call back"),
    words.Verb("call_back.over", "ended a call back"),
    words.Verb("line.stopped", "was told by somebody that they want no more messages"),
    words.Verb("line.started", "was told by somebody that they want messages again"),
    words.Verb("floor.viewed", "viewed who is on the line"),
)
