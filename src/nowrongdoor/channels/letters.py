"""Reading a mail: who wrote it, what it says, and whether a person wrote it at all.

The promise: a mail is one event, by whichever way and however often it comes, and no way of writing one, by mistake or
by malice, stops the reading. What a program wrote is never an event that somebody could answer.
"""

from __future__ import annotations

import codecs
import datetime
import email
import email.errors
import email.header
import email.policy
import email.utils
import enum
import hashlib
import re
from collections.abc import Sequence
from email.message import Message

from nowrongdoor.channels import markup
from nowrongdoor.channels.protocol import Event, Kind, Unreadable
from nowrongdoor.core.language import gettext, ngettext
from nowrongdoor.core.line import Medium

LONGEST = 100_000  # characters that are kept of the words
LONGEST_SOURCE = 1_000_000  # characters of HTML that are read
LONGEST_HEADER = 2_000
MOST_PARTS = 20  # that can hold others: the reading of each line asks every one of them
MOST_PIECES = 5_000  # lines that may begin a part, each of which is kept in memory
LONGEST_TYPE = 10_000  # bytes of a header about a part: the library copies the rest of it for each semicolon
MOST_HOPS = 50  # as in Postfix

# One address, as we write and answer it. Narrower than the standard: no quotes, comments or routes.
ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,253}")
# Left out of words: control characters, of which PostgreSQL takes no zero, and halves of characters.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Encodings of Python that no mail is written in, and that can be made to take very long.
_NO_CHARSET = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"})
# What senders call by these names was nearly always written in the other one.
_MEANT = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
_TYPES = re.compile(rb"(?:^|[\r\n])content-[a-z-]+[ \t]*:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*")
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")


class Why(enum.Enum):
    """Why a mail is dropped: nobody waits for an answer to it."""

    BOUNCE = "bounce"  # from a mail server, without a return path
    AUTOMATIC = "automatic"  # an answer while somebody is away, a newsletter, a receipt (RFC 3834)
    LOOP = "loop"  # our own mail, or one that goes around


def address_of(text: str) -> str:
    """Return the address that a text such as "Ann <ann@example.org>" names, in small letters, or nothing."""
    try:
        _name, address = email.utils.parseaddr(text[:LONGEST_HEADER])
    except RecursionError:  # comments inside of comments
        return ""
    return address.lower() if ADDRESS.fullmatch(address) else ""


def conversation(address: str, sender: str) -> str:
    """Return the name of what belongs together: our address and theirs."""
    return f"{address} {sender}"


def ref_of(name: str, address: str, key: str) -> str:
    """Return the Message-ID of a mail of ours: the same for the same key. After the @ stands what the sender's address
    shows anyway, and no machine."""
    digest = hashlib.sha256("\0".join((name, address, key)).encode()).hexdigest()
    return f"<{digest[:48]}@{address.rpartition('@')[2]}>"


def is_ref(message_id: str, address: str) -> bool:
    """Return whether a Message-ID is one that we give."""
    return bool(re.fullmatch(rf"<[0-9a-f]{{48}}@{re.escape(address.rpartition('@')[2])}>", message_id))


def read(content: bytes, *, mail_from: str, address: str) -> Event | Why:
    """Read a mail that was delivered to an address of ours (in small letters). `mail_from`: its return path, empty or
    "<>" for none. Unreadable."""
    message = _parsed(content)
    if message.get_content_type() == "multipart/report" or mail_from in ("", "<>"):
        return _bounced(message, address) or Why.BOUNCE
    if _raw(message, "Auto-Submitted").partition(";")[0].strip().lower() not in ("", "no"):
        return Why.AUTOMATIC
    sender = address_of(_raw(message, "From")) or address_of(mail_from)
    message_id = _raw(message, "Message-ID").strip()
    hops = [_one_line(value) for name, value in message.raw_items() if name.lower() == "received"]
    if sender == address or is_ref(message_id, address) or len(hops) > MOST_HOPS:
        return Why.LOOP
    words, files = _words(message)
    subject = " ".join(_header(message, "Subject").split())
    event_id = _id(
        "wrote",
        address,
        sender,
        # Whoever sets no Message-ID is known by the first server that took the mail, and when.
        message_id or f"{hops[-1] if hops else ''} {_raw(message, 'Date')}",
        subject,
        words,
        str(files),
    )
    return Event(
        event_id,
        Kind.WROTE,
        Medium.MAIL,
        conversation(address, sender or event_id),
        address,
        sender,
        _at(hops[0].rpartition(";")[2] if hops else _raw(message, "Date")),
        words=_whole(subject, words, files),
        thread=message_id if re.fullmatch(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>", message_id) else "",
    )


def _parsed(content: bytes) -> Message:
    """The library reads whatever comes, but some of it for hours; that isn't read."""
    lowered = content.lower()
    about = [match[0] for match in _TYPES.finditer(lowered)]
    # Each holder of parts has a header of its own that says so; words of a mail may say it as often as they like.
    holders = sum(b"multipart/" in each or b"message/" in each for each in about)
    if holders > MOST_PARTS or (holders and len(re.findall(rb"[\r\n]--", lowered)) > MOST_PIECES):
        raise Unreadable("too many parts")
    if any(len(each) > LONGEST_TYPE for each in about):
        raise Unreadable("a header is too long")
    try:
        return email.message_from_bytes(content, policy=email.policy.compat32)
    except RecursionError:
        raise Unreadable("too many parts") from None
    except (TypeError, ValueError):  # a boundary that is said in two ways at once, or has a zero in it
        raise Unreadable("no boundary") from None


def _bounced(message: Message, address: str) -> Event | None:
    """Says that a mail of ours failed, where a report (RFC 3464) names it; a delay is no failure."""
    has_failed, ref, to = False, "", ""
    for part in message.walk():
        kind = part.get_content_type()
        has_failed = has_failed or _raw(part, "Action").strip().lower() == "failed"  # a block of delivery-status
        original: Message | None = None
        if kind == "text/rfc822-headers":
            original = email.message_from_bytes(_bytes(part), policy=email.policy.compat32)
        elif kind == "message/rfc822" and part.is_multipart():
            original = part.get_payload(0)  # type: ignore[assignment]  # a message, where there are parts
        if original is not None and is_ref(_raw(original, "Message-ID").strip(), address):
            ref, to = _raw(original, "Message-ID").strip(), address_of(_raw(original, "To"))
    if not (has_failed and ref):
        return None
    return Event(
        _id("failed", address, ref),
        Kind.FAILED,
        Medium.MAIL,
        conversation(address, to),
        address,
        to,
        _at(_raw(message, "Date")),
        ref=ref,
    )


def _id(*parts: str) -> str:
    """The digest of what makes a mail itself. White space is none of it: servers on the way wrap and strip lines."""
    return "mail:" + hashlib.sha256("\0".join(" ".join(part.split()) for part in parts).encode()).hexdigest()


def _at(text: str) -> datetime.datetime | None:
    try:
        instant = email.utils.parsedate_to_datetime(text.strip()[:100])
    except (ValueError, TypeError, OverflowError):
        return None
    return instant.astimezone(datetime.UTC) if instant.tzinfo else None


def _whole(subject: str, words: str, files: int) -> str:
    """The subject, the words, and what was not kept of it."""
    parts = [subject, words[:LONGEST]]
    if len(words) > LONGEST:
        parts.append(f"[{gettext('The rest of this mail was too long and was not kept.')}]")
    if files:
        sentence = ngettext("%(count)s attachment was not kept.", "%(count)s attachments were not kept.", files)
        parts.append(f"[{sentence % {'count': files}}]")
    return "\n\n".join(part for part in parts if part)


def _words(message: Message) -> tuple[str, int]:
    """The text of a mail, and how many files it has that are no text. Where there is nothing else, a file of plain text
    is the text: telephones send a message with a picture like that."""
    texts, files = _gathered(message)
    if not texts:
        texts, files = _gathered(message, ("text/plain",))
    return "\n\n".join(texts), files


def _gathered(part: Message, read_files: Sequence[str] = ()) -> tuple[Sequence[str], int]:
    kind = part.get_content_type()
    is_file = part.get_content_disposition() == "attachment" and kind not in read_files
    if kind.startswith("message/") or is_file:
        return (), 1
    if part.is_multipart():
        children = part.get_payload()
        assert isinstance(children, list)  # of a part that has parts
        gathered = [_gathered(child, read_files) for child in children if isinstance(child, Message)]
        files = sum(count for _texts, count in gathered)
        if kind != "multipart/alternative":
            return [text for texts, _count in gathered for text in texts], files
        plain = (
            texts
            for child, (texts, _count) in zip(children, gathered, strict=True)
            if isinstance(child, Message) and child.get_content_type() == "text/plain"
        )
        others = (texts for texts, _count in gathered)
        return next((texts for texts in (*plain, *others) if texts), ()), files
    if kind == "text/html":
        text = markup.text(_decoded(_bytes(part), _charset(part))[:LONGEST_SOURCE])
    elif kind == "text/plain" or kind.startswith("multipart/"):  # parts that never begin are text
        text = _decoded(_bytes(part), _charset(part))
    else:
        return (), 0 if kind in _SIGNATURES else 1
    text = _clean(text)
    return ([text] if text else []), 0


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (TypeError, ValueError):  # one that is said in two ways at once, or has a zero in it
        return None


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _decoded(content: bytes, charset: str | None) -> str:
    """The text of bytes, by what their charset says, then by what it nearly always is, and with signs for what no
    charset explains."""
    try:
        name = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError, UnicodeError):
        name = "utf-8"
    for each in (*(["utf-8"] if name == "ascii" else []), _MEANT.get(name, name), name, "utf-8"):
        if each not in _NO_CHARSET:
            try:
                return content.decode(each)
            except (LookupError, UnicodeError):  # no text, or another one
                continue
    return content.decode("cp1252", "replace")


def _clean(text: str) -> str:
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _raw(message: Message, name: str) -> str:
    """A header as it came, without line breaks; bytes that are no ASCII are read as UTF-8."""
    return _one_line(next((value for key, value in message.raw_items() if key.lower() == name.lower()), ""))


def _one_line(header: object) -> str:
    value = str(header)[:LONGEST_HEADER].replace("\r", "").replace("\n", "")
    return _decoded(value.encode("ascii", "surrogateescape"), "utf-8")


def _header(message: Message, name: str) -> str:
    """A header as its reader sees it."""
    raw = _raw(message, name)
    try:
        pieces = email.header.decode_header(raw)
    except email.errors.HeaderParseError:
        pieces = [(raw, None)]
    # Where some of it was encoded, the rest is what `decode_header` made of it, which is this codec and no charset.
    return _clean(
        "".join(
            piece
            if isinstance(piece, str)
            else piece.decode("raw-unicode-escape", "replace")
            if charset is None
            else _decoded(piece, charset)
            for piece, charset in pieces
        )
    )
