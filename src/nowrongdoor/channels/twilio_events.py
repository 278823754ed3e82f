"""What a Twilio-compatible provider says happened, by webhook or in a list, as events.

The promise: both ways lead through the same functions here, so a thing has the same id by both; and whole messages that
mean stop are read alike, whatever the provider makes of them.
"""

from __future__ import annotations

import datetime
import email.utils
from collections.abc import Mapping

from nowrongdoor.channels.protocol import Event, Kind, Unreadable
from nowrongdoor.core.language import ngettext
from nowrongdoor.core.line import Medium

# Whole messages by which carriers and their trade group (CTIA, Messaging Principles) have somebody left alone, and the
# Spanish for them. HELP is not here and is no keyword at all: on this line it is a cry for help, and goes to a person.
STOP = frozenset(
    ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "alto", "parar", "cancelar")
)
# YES is not here: in the middle of a talk it is an answer. It counts where the provider says so (`OptOutType`).
START = frozenset(("start", "unstop"))

# How a call that is over stands at the provider.
OVER = frozenset(("completed", "busy", "failed", "no-answer", "canceled"))
BECAME: Mapping[str, Kind] = {
    "delivered": Kind.DELIVERED,
    "read": Kind.DELIVERED,
    "failed": Kind.FAILED,
    "undelivered": Kind.FAILED,
    "canceled": Kind.FAILED,
}
# What stands for a number that is hidden: words, and the words spelled on a telephone's keys.
HIDDEN = frozenset(
    (
        *("anonymous", "restricted", "unavailable", "unknown", "private", "blocked"),
        *("266696687", "2562533", "7378742833", "8566696", "8656696", "86282452253"),
    )
)


def of_webhook(fields: Mapping[str, str], query: Mapping[str, str]) -> list[Event]:
    """Read a webhook that is signed. `query`: what our own address for it holds (`twilio_calls`). Unreadable."""
    if sid := fields.get("RecordingSid"):
        status = fields.get("RecordingStatus", "completed")
        return recorded(sid, _needed(fields, "CallSid"), status, fields.get("RecordingDuration"), _at(fields))
    if sid := fields.get("MessageSid", fields.get("SmsSid", "")):
        return _of_message(sid, fields)
    sid = _needed(fields, "CallSid")
    if fields.get("Direction", "inbound") != "inbound":
        return []  # the telephone that a call was connected with
    address, sender = _needed(fields, "To"), fields.get("From", "")
    status = _needed(fields, "CallStatus")
    if status in OVER:
        return [left(sid, address, sender, _at(fields))]
    if dialed := fields.get("DialCallStatus"):
        return [connected(sid, query.get("dial", ""), dialed, address, sender)]
    if query.get("ask") and fields.get("Digits"):
        return [_pressed(sid, query["ask"], fields["Digits"], address, sender)]
    return [rang(sid, address, sender, None)]  # it asks again what to do: still the same call, which began once


def rang(sid: str, address: str, sender: str, at: datetime.datetime | None) -> Event:
    """Return the beginning of a call."""
    return Event(f"{sid}:rang", Kind.RANG, Medium.VOICE, sid, address, shown(sender), at)


def connected(sid: str, dial: str, status: str, address: str, sender: str) -> Event:
    """Return what became of connecting a call with a telephone: that it is over, or that nobody picked up. `dial`: made
    for that one connection, so five sendings share it and the next desk has another."""
    kind = Kind.TALKED if status in ("completed", "answered") else Kind.UNANSWERED
    return Event(f"{sid}:{kind.value}:{dial}", kind, Medium.VOICE, sid, address, shown(sender), None)


def left(sid: str, address: str, sender: str, at: datetime.datetime | None) -> Event:
    """Return the end of a call."""
    return Event(f"{sid}:left", Kind.LEFT, Medium.VOICE, sid, address, shown(sender), at)


def recorded(sid: str, call: str, status: str, seconds: str | None, at: datetime.datetime | None) -> list[Event]:
    """Return that a message was left, nothing where it is not finished or nobody spoke. The provider names neither
    side here: the call does (`conversation`)."""
    if status != "completed":
        return []
    length = int(seconds) if seconds and seconds.isdecimal() else 0
    return [Event(sid, Kind.RECORDED, Medium.VOICE, call, "", "", at, media=sid, seconds=length)]


def wrote(  # one argument for each thing that a provider says of a text
    sid: str,
    address: str,
    sender: str,
    words: str,
    *,
    pictures: str | None,
    opt_out: str = "",
    at: datetime.datetime | None,
) -> Event:
    """Return a text to us. `opt_out`: what the provider took it for, by words of its own."""
    return Event(
        sid,
        _meant(words, opt_out),
        Medium.TEXT,
        talk(address, sender),
        address,
        shown(sender),
        at,
        words + _without(pictures),
    )


def became(sid: str, status: str, ours: str, theirs: str, at: datetime.datetime | None) -> list[Event]:
    """Return what became of a text of ours, nothing while it is under way."""
    kind = BECAME.get(status)
    if kind is None:
        return []
    return [Event(f"{sid}:{kind.value}", kind, Medium.TEXT, talk(ours, theirs), ours, shown(theirs), at, ref=sid)]


def talk(ours: str, theirs: str) -> str:
    """Return what the texts between two numbers have in common."""
    return f"{ours} {theirs}"


def shown(sender: str) -> str:
    """Return a caller's number, empty where it is hidden."""
    return "" if sender.strip().lstrip("+").lower() in HIDDEN else sender.strip()


def _of_message(sid: str, fields: Mapping[str, str]) -> list[Event]:
    ours_or_theirs = _needed(fields, "From"), _needed(fields, "To")
    status = fields.get("MessageStatus") or fields.get("SmsStatus", "")
    if "Body" not in fields and status not in ("receiving", "received"):
        return became(sid, status, *ours_or_theirs, _at(fields))
    sender, address = ours_or_theirs
    return [
        wrote(
            sid,
            address,
            sender,
            fields.get("Body", ""),
            pictures=fields.get("NumMedia"),
            opt_out=fields.get("OptOutType", ""),
            at=_at(fields),
        )
    ]


def _pressed(sid: str, ask: str, keys: str, address: str, sender: str) -> Event:
    """Five sendings of one answer share the name of the question, which was made for that question alone; whoever is
    asked again is asked under another name."""
    return Event(f"{sid}:pressed:{ask}", Kind.PRESSED, Medium.VOICE, sid, address, shown(sender), None, keys)


def _meant(words: str, opt_out: str) -> Kind:
    word = "".join(each for each in words.casefold() if each.isalnum())
    if word in STOP or opt_out.upper() == "STOP":
        return Kind.STOPPED
    return Kind.STARTED if word in START or opt_out.upper() == "START" else Kind.WROTE


def _without(pictures: str | None) -> str:
    count = int(pictures) if pictures and pictures.isdecimal() else 0
    if not count:
        return ""
    note = ngettext("[%(count)s picture or file was not kept]", "[%(count)s pictures or files were not kept]", count)
    return f"\n{note % {'count': count}}"


def _needed(fields: Mapping[str, str], name: str) -> str:
    if not (value := fields.get(name, "")):
        raise Unreadable(name)
    return value


def _at(fields: Mapping[str, str]) -> datetime.datetime | None:
    """When it happened, where the provider says so: RFC 2822, as `Timestamp`."""
    try:
        at = email.utils.parsedate_to_datetime(fields.get("Timestamp", ""))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=datetime.UTC)
