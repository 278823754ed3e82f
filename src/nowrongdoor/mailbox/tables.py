"""What the tables of mailboxes let whom see and write, and how their words are kept.

Note [A sender's receipt is their name]: whoever visits is known by the hash of their receipt alone, and is shown the
one mailbox that it opens, its signal, and nothing else.
"""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import ME, MINE, SEES_CASES, SIGNED, SYSTEM, VISITOR, system_or
from nowrongdoor.audit import words
from nowrongdoor.mailbox import models
from nowrongdoor.vault import inventory

_OPENED = f"(opener = {VISITOR} AND ends_at > statement_timestamp())"
_DESK = f"({MINE} AND {SEES_CASES})"
_OPEN = "m.ends_at > statement_timestamp()"
_VISITED = f"EXISTS (SELECT FROM nowrongdoor_mailbox m WHERE m.id = @.mailbox_id AND m.opener = {VISITOR} AND {_OPEN})"
_ANSWERED = f"EXISTS (SELECT FROM nowrongdoor_mailbox m WHERE m.id = @.mailbox_id AND m.agency_id = {ME})"
_FOR_IT = "EXISTS (SELECT FROM nowrongdoor_mailbox m WHERE m.id = @.mailbox_id AND m.agency_id = @.agency_id)"
_NOT_SENT = f"NOT EXISTS (SELECT FROM nowrongdoor_mailbox m WHERE m.opener = {VISITOR})"
_OVER = f"({SYSTEM} AND ends_at <= statement_timestamp())"
PHRASES: policies.Phrases = (
    (_OPENED, "the mailbox that the visitor's receipt opens, until it ends"),
    (_VISITED, "in the mailbox that the visitor's receipt opens, until it ends"),
    (_ANSWERED, "in a mailbox that its own agency answers"),
    (_FOR_IT, "for the agency that answers it"),
    (_NOT_SENT, "until it is sent"),
)
DECLARED = (
    policies.Rows(
        model=models.Mailbox,
        see=system_or(_OPENED, _DESK),
        add=_OPENED,
        change=system_or(_OPENED, _DESK),
        columns=("agency_id", "read_at", "withdrawn_at", "erasure_asked_at"),
        later={"ends_at": "366 days"},
    ),
    inventory.Columns(
        models.Mailbox,
        sealed=("question", "answer"),
        tokens=("opener",),
        plain={
            "reference": inventory.REFERENCE,
            "stance": inventory.CODES,
            "language": inventory.CODES,
            "heard": inventory.CODES,
        },
    ),
    policies.Rows(
        model=models.Post,
        see=system_or(_VISITED, f"({SEES_CASES} AND {_ANSWERED})"),
        add=f"(by_id IS NULL AND {_VISITED} AND {_FOR_IT}) OR ({SEES_CASES} AND {SIGNED} AND {_ANSWERED})",
        change=f"{_VISITED} OR ({SEES_CASES} AND {_ANSWERED})",
        columns=("read_at", "read_by_id"),
    ),
    inventory.Columns(models.Post, sealed=("words",), plain={"kind": inventory.CODES}),
    policies.Rows(
        model=models.Unfinished,
        see=f"(opener = {VISITOR} AND ends_at > statement_timestamp() AND {_NOT_SENT}) OR {_OVER}",
        add=f"opener = {VISITOR} AND {_NOT_SENT}",
        change=f"opener = {VISITOR}",
        columns=("words", "kept_at", "ends_at"),
        remove=f"opener = {VISITOR} OR {_OVER}",
        later={"ends_at": "7 days"},
    ),
    inventory.Columns(models.Unfinished, sealed=("words",), tokens=("opener",)),
    words.Verb("mailbox.opened", "got a contact through the public form"),
    words.Verb("mailbox.visited", "was visited by the sender of a contact"),
    words.Verb("mailbox.written", "got a message from the sender of a contact"),
    words.Verb("mailbox.learned", "was asked by the person who is responsible now, and said so"),
    words.Verb("mailbox.withdrawn", "was told by the sender of a contact that they withdraw their consent"),
    words.Verb("mailbox.erasure_asked", "was asked by the sender of a contact to erase it"),
    words.Verb("mailbox.listed", "viewed the list of senders"),
    words.Verb("mailbox.read", "read what the sender of a contact wrote"),
    words.Verb("mailbox.answered", "wrote to the sender of a contact"),
    words.Verb("mailbox.handed_over", "handed a sender’s mailbox over to the agency that succeeds"),
)
