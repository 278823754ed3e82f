"""Work or patience: what a form that anybody may send is asked for in a flood, and never otherwise.

The promise: nobody is crowded out. Once an address, or the whole installation, has spent its budget, the next form is
not refused. It is answered with a calm page that holds everything that was sent and asks for one of two things: *work*,
which a script does by itself in a moment, or *patience*, which asks for nothing but a short wait and a button. Nobody
meets a puzzle. A wait is never longer than a minute, and whoever waited three times is let in whatever goes on: two
minutes in all. Whoever did either has a budget of their own for the rest of what they write, apart from whoever floods
their address.

Note [Units]: what a flood is after is to fill the agencies' lists, so a form that stores something weighs ten times as
much as a step that only leads to the next question. Thirty people behind one address who each take ten steps and send,
in one minute, spend 600 of the 1,200 units that the address has at once, and ten come back each second.

Note [Ticket]: the wait is in one field of the page, sealed: who may go on, when, with which content, and to which
address. So the server keeps nothing of whom it asked, a page left open on a borrowed phone tells nothing in its source,
and the challenge of the work is bound to what was sent. A ticket is used once (a keyed hash in `rate_limit` says so,
until the ticket ends by itself). The work is that of Hashcash (A. Back, 2002): find a number so that SHA-256 of
challenge and number begins with so many zero bits.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import math
import secrets
import zlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from cryptography import fernet
from django import forms, http, shortcuts
from django.utils import deprecation, timezone

from nowrongdoor.access import carrying, edge, guards, limits, turns
from nowrongdoor.access.limits import Budget
from nowrongdoor.core.language import gettext as _

V = TypeVar("V", bound=Callable[..., http.HttpResponseBase])

TICKET, WORK, PASS = "ticket", "work", "passed"  # fields that we put into a form
OURS = frozenset({TICKET, WORK, PASS, "csrfmiddlewaretoken"})  # what nobody typed
BITS = 17  # of work: 130,000 hashes on average, which take a slow phone a few seconds
WAITS = (20, 40, 60)  # seconds of patience, the first time and when the address has too many who wait
STORING = 10  # units of a form that stores something; a step that stores nothing is one
LASTS = datetime.timedelta(hours=1)  # of a ticket: a page may be left open
PASS_LASTS = datetime.timedelta(hours=2)
HELD = edge.SMALL_LIMIT - 4_000  # characters of a ticket that can be sent back, with the rest of its form
EVERYBODY = "everybody"
USE = b"nwd proving"


@dataclasses.dataclass(frozen=True, slots=True)
class Ticket:
    """Somebody who was asked to wait or to work. `form`: where to it was sent; `content`: what, by field; `turn`: how
    often they were asked before. Instants are seconds since 1970."""

    name: str
    form: str
    content: Sequence[tuple[str, Sequence[str]]]
    turn: int
    made_at: float
    ready_at: float

    @property
    def challenge(self) -> str:
        """Return what the work is about: this ticket, with this content, for this form."""
        made_of = json.dumps([self.name, self.form, self.content], ensure_ascii=False).encode("utf-8", "surrogatepass")
        return hashlib.sha256(made_of).hexdigest()[:32]

    @property
    def ends_at(self) -> float:
        """Return until when it can be used."""
        return self.made_at + LASTS.total_seconds()

    def post(self) -> http.QueryDict:
        """Return what was sent, as a view reads it."""
        sent = http.QueryDict(mutable=True)
        for name, values in self.content:
            sent.setlist(name, list(values))
        sent._mutable = False
        return sent


class Proving(deprecation.MiddlewareMixin):
    """Counts every form that anybody may send, and answers the next one with the page that asks for work or patience
    once a budget is spent. The views need not think of it."""

    def process_view(
        self, request: http.HttpRequest, view: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> http.HttpResponse | None:
        """Let a form through to its view, as it was first sent, or ask."""
        if request.method != "POST" or guards.guard_of(view) != guards.PUBLIC:
            return None
        at = timezone.now()
        asked = _redeemed(request, at=at) if request.POST.get(TICKET) else None
        if asked is not None:
            return asked
        return _counted(request, STORING if _is_storing(view, request) else 1, at=at)

    def process_exception(self, request: http.HttpRequest, exception: Exception) -> http.HttpResponse | None:
        """Ask for patience where too many wait for something slow: the public on the page that keeps what they typed,
        and whoever has signed in by saying so."""
        if not isinstance(exception, turns.Crowded) or request.method != "POST":
            return None
        if request.resolver_match and guards.guard_of(request.resolver_match.func) == guards.PUBLIC:
            return ask(request, at=timezone.now())
        return turns.too_many(request)


class Again(forms.Form):
    """The files of a form, which a page cannot hold: each is chosen once more."""

    says_optional = False

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(auto_id="again-%s")
        for name in names:
            label = _("Your file isn’t kept. Choose it again.")
            self.fields[name] = forms.FileField(label=label, required=False, widget=forms.FileInput)


def storing_when(is_storing: Callable[[http.HttpRequest], bool]) -> Callable[[V], V]:
    """Say of a public view which of its forms store something; without it, all do. Declare it under the guard."""

    def declared(view: V) -> V:
        view.is_storing = is_storing  # type: ignore[attr-defined]
        return view

    return declared


def for_receipt(request: http.HttpRequest) -> http.HttpResponse | None:
    """Count a receipt that somebody tries, before it is hashed: None, or the page that asks for work or patience.
    Return that page then; the form comes again by itself, as it was."""
    if passed(request):
        return None  # they were asked for this very form, or for one before it
    at = timezone.now()
    try:
        limits.spend(Budget.RECEIPT, limits.address_of(request), at=at)
        limits.spend(Budget.RECEIPTS, EVERYBODY, at=at)
    except limits.TooMany:
        return ask(request, at=at)
    return None


def ask(request: http.HttpRequest, *, at: datetime.datetime, turn: int = 0) -> http.HttpResponse:
    """Answer a form with the page that holds all of it and asks for work or patience."""
    content = [(name, values) for name, values in request.POST.lists() if name not in OURS]
    now = at.timestamp()
    ticket = Ticket(secrets.token_urlsafe(12), request.get_full_path(), content, turn, now, now + WAITS[turn])
    return _show(request, ticket, at=at, is_early=False)


def passed(request: http.HttpRequest) -> str:
    """Return the pass that the next form of this page carries (access/_passed.html), empty for nobody asked."""
    return str(getattr(request, PASS, ""))


def is_work(challenge: str, number: str) -> bool:
    """Return whether a number is the work that a challenge asks for."""
    if not number.isascii() or not number.isdigit() or len(number) > 16:
        return False
    digest = hashlib.sha256(f"{challenge}:{number}".encode()).digest()
    return int.from_bytes(digest) >> (256 - BITS) == 0


def _redeemed(request: http.HttpRequest, *, at: datetime.datetime) -> http.HttpResponse | None:
    """Take a ticket, and put what it holds in the place of the form; or ask once more."""
    ticket, number = _opened(request.POST[TICKET]), request.POST.get(WORK, "")
    if ticket is None or ticket.form != request.get_full_path():
        return None  # nobody whom we asked: counted as any other form
    request.POST = ticket.post()  # type: ignore[assignment]  # whatever comes now, nothing that was typed is lost
    if at.timestamp() >= ticket.ends_at:
        return None
    has_worked = is_work(ticket.challenge, number)
    if not has_worked and at.timestamp() < ticket.ready_at:
        return _show(request, ticket, at=at, is_early=True)
    made_at, ends_at = (
        datetime.datetime.fromtimestamp(each, datetime.UTC) for each in (ticket.made_at, ticket.ends_at)
    )
    if not limits.is_first(f"ticket {ticket.name}", at=made_at, until=ends_at):
        return None
    if not has_worked and ticket.turn + 1 < len(WAITS):
        try:
            limits.spend(Budget.PATIENCE, limits.address_of(request), at=at)
        except limits.TooMany:
            return ask(request, at=at, turn=ticket.turn + 1)
    _give_pass(request, f"{secrets.token_urlsafe(12)} {(at + PASS_LASTS).timestamp():.0f}")
    return None


def _counted(request: http.HttpRequest, units: int, *, at: datetime.datetime) -> http.HttpResponse | None:
    """Count a form by its pass, or else by its address and with everybody's."""
    name = passed(request) or request.POST.get(PASS, "")
    opened = _text(name) if name else None
    try:
        if opened and float(opened.partition(" ")[2]) > at.timestamp():
            limits.spend(Budget.PASS, opened, at=_day_of(opened), times=units)
            setattr(request, PASS, name)
        else:
            limits.spend(Budget.PUBLIC_FORM, limits.address_of(request), at=at, times=units)
            if units == STORING:
                limits.spend(Budget.PUBLIC_FORMS, EVERYBODY, at=at)
    except limits.TooMany:
        return ask(request, at=at)
    return None


def _day_of(opened: str) -> datetime.datetime:
    """When a pass was given: it is never filled up, and it stays the same on the next day."""
    return datetime.datetime.fromtimestamp(float(opened.partition(" ")[2]), datetime.UTC) - PASS_LASTS


def _give_pass(request: http.HttpRequest, text: str) -> None:
    setattr(request, PASS, carrying.cipher(USE).encrypt(text.encode()).decode())


def _is_storing(view: object, request: http.HttpRequest) -> bool:
    asked: Callable[[http.HttpRequest], bool] | None = getattr(view, "is_storing", None)
    return asked is None or asked(request)


def _show(request: http.HttpRequest, ticket: Ticket, *, at: datetime.datetime, is_early: bool) -> http.HttpResponse:
    sealed = _seal(ticket)
    if len(sealed) > HELD:  # more than any of our forms takes: nobody typed this
        return limits.too_many(request, limits.TooMany(WAITS[0]))
    view = request.resolver_match.func if request.resolver_match else None
    context = {
        "ticket": sealed,
        "challenge": ticket.challenge,
        "bits": BITS,
        "seconds": max(1, math.ceil(ticket.ready_at - at.timestamp())),
        "is_early": is_early,
        "has_token": not getattr(view, "csrf_exempt", False),
        "again": Again(list(request.FILES)) if request.FILES else None,
    }
    return shortcuts.render(request, "access/wait.html", context)


def _seal(ticket: Ticket) -> str:
    text = json.dumps(dataclasses.astuple(ticket), ensure_ascii=False, separators=(",", ":"))
    return carrying.cipher(USE).encrypt(zlib.compress(text.encode("utf-8", "surrogatepass"), 6)).decode()


def _opened(sealed: str) -> Ticket | None:
    """Open a ticket that was sealed here, or return None."""
    try:
        text = zlib.decompress(carrying.cipher(USE).decrypt(sealed.encode()))
        name, form, content, turn, made_at, ready_at = json.loads(text.decode("utf-8", "surrogatepass"))
    except (fernet.InvalidToken, zlib.error, ValueError):
        return None
    return Ticket(name, form, [(field, values) for field, values in content], turn, made_at, ready_at)


def _text(sealed: str) -> str | None:
    try:
        return carrying.cipher(USE).decrypt(sealed.encode()).decode()
    except (fernet.InvalidToken, ValueError):
        return None
