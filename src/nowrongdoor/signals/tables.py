"""What the table of signals lets whom see and write, and how its words are kept."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import HANDS_IN, ME, MINE, SEES_CASES, SIGNED, SYSTEM, THIS_CASE, VISITOR, system_or
from nowrongdoor.audit import words
from nowrongdoor.signals import models
from nowrongdoor.vault import inventory

_TAKEN = f"(receiver_id = {ME} AND ({SEES_CASES} OR {HANDS_IN}))"
_OURS = f"({MINE} AND {SEES_CASES})"
_RECEIVED = f"(receiver_id = {ME} AND {SEES_CASES})"
# Which signals a case holds, the room of cases keeps: whoever opened it is shown them.
_OF_CASE = f"EXISTS (SELECT FROM nowrongdoor_case_signal cs WHERE cs.signal_id = @.id AND cs.case_id = {THIS_CASE})"
# What somebody sends through the public form belongs to the mailbox that their receipt opens, which is made first.
_SENT = (
    "EXISTS (SELECT FROM nowrongdoor_mailbox m WHERE m.signal_id = @.{id} AND m.agency_id = @.receiver_id "
    f"AND m.opener = {VISITOR})"
)
_SENDS = f"(door = 'web' AND taken_by_id IS NULL AND routed_at IS NULL AND {_SENT.format(id='id')})"
_SENT_TELLING = _SENT.format(id="signal_id")
# A draft is nobody's but its writer's: not their agency's, nor the system's, which only takes it away once it ended.
_IS_OVER = "ends_at <= statement_timestamp()"
_ENDED = f"({SYSTEM} AND {_IS_OVER})"
_OWN_DRAFT = f"({SEES_CASES} AND {SIGNED} AND ends_at > statement_timestamp())"
PHRASES: policies.Phrases = (
    (_OF_CASE, "a signal of the case it opened"),
    (_SENDS, "through the public form, by whoever's receipt opens its mailbox"),
    (_SENT.format(id="id"), "the contact that the visitor sent"),
    (_SENT_TELLING, "of the contact that the visitor sent"),
    (_IS_OVER, "once it ended"),
    ("ends_at > statement_timestamp()", "until it ends"),
)
DECLARED = (
    policies.Rows(
        model=models.Signal,
        see=system_or(_TAKEN, _OF_CASE, _SENT.format(id="id")),
        add=system_or(_TAKEN, _SENDS),
        change=system_or(_TAKEN),
        columns=("routed_at",),
    ),
    inventory.Columns(
        models.Signal,
        sealed=("narrative", "people", "raw"),
        tokens=("key", "digest", "likeness"),
        plain={
            **dict.fromkeys(("facts", "answers"), inventory.FACTS),
            **dict.fromkeys(("state", "district"), inventory.PLACE),
            "door": inventory.CODES,
            "reference": inventory.REFERENCE,
        },
    ),
    words.Verb("signal.read", "viewed a signal"),
    words.Verb("signal.taken", "recorded a signal"),
    # Who told us, and how to reach them
    policies.Rows(
        model=models.Telling,
        see=system_or(_RECEIVED, _SENT_TELLING),
        add=system_or(_RECEIVED, _SENT_TELLING),
        change=system_or(_RECEIVED, _SENT_TELLING),
        columns=("way_back", "way_back_until"),
    ),
    inventory.Columns(models.Telling, sealed=("answers", "way_back")),
    words.Verb("way_back.dropped", "erased how to reach somebody"),
    words.Verb("way_back.ended", "let run out how to reach somebody"),
    # What a signal says from now on, by whoever took it; and who called back
    policies.Rows(
        model=models.SignalCorrection,
        see=system_or(_OURS),
        add=f"({SEES_CASES} AND {SIGNED})",
    ),
    inventory.Columns(models.SignalCorrection, sealed=("narrative", "because")),
    words.Verb("signal.corrected", "corrected what a signal says"),
    words.Verb("signal.in_error", "marked a signal as entered in error"),
    policies.Rows(model=models.ReturnedCall, see=system_or(_OURS), add=f"({SEES_CASES} AND {SIGNED})"),
    inventory.Columns(models.ReturnedCall, plain={"result": inventory.CODES}),
    words.Verb("call.returned", "called somebody back"),
    # Signals that are still being written
    policies.Rows(
        model=models.Draft,
        see=f"{_OWN_DRAFT} OR {_ENDED}",
        add=_OWN_DRAFT,
        change=_OWN_DRAFT,
        columns=("words", "version", "saved_at", "ends_at"),
        remove=f"{_OWN_DRAFT} OR {_ENDED}",
    ),
    inventory.Columns(models.Draft, sealed=("words",)),
    words.Verb("draft.begun", "began a draft of a signal"),
    words.Verb("draft.read", "opened their draft of a signal again"),
    words.Verb("draft.erased", "erased a draft of a signal"),
    words.Verb("draft.taken", "saved a draft as a signal"),
    words.Verb("draft.ended", "let a draft of a signal run out"),
)
