"""How often somebody may knock: one budget per token or address, shared by every web process through PostgreSQL.

The promise: honest use is never refused, a flood is capped whichever process it reaches, and no address is kept: a row
is named by a keyed hash that changes each day. The table is unlogged, because a crash may forgive. A form that anybody
may send is slowed down once its budget is spent, and never refused (proving.py).

Note [One row, one instant]: a budget is a leaky bucket kept as the instant at which it will be full again (the "generic
cell rate algorithm", ATM Forum TM 4.0). Spending moves that instant on, in one statement, so two processes never both
take the last of it. A refusal changes nothing, so whoever keeps knocking does not lock themselves out for longer. No
budget is full later than if it were spent now: an instant beyond that is of a clock that went wrong and was set back.
It counts as nothing, because it would lock out whoever knocked meanwhile, for as long as the clock was ahead.
"""

from __future__ import annotations

import datetime
import hashlib
import math
import threading

from django import http, shortcuts
from django.conf import settings
from django.db import connection, models
from django.db.models import F
from django.utils import deprecation, timezone

from nowrongdoor.access import addresses, browsers, guards
from nowrongdoor.access.models import RateLimit
from nowrongdoor.core.language import gettext as _


class Budget(models.TextChoices):
    """What is counted; BURSTS and EACH say how much."""

    TOKEN = "token"  # noqa: S105  calls of one agency's system
    UNKNOWN_TOKEN = "unknown token"  # noqa: S105  calls from one address whose token nobody knows
    CALENDAR = "calendar"  # reads of one person's calendar by their programs
    PUBLIC_FORM = "public form"  # forms that anybody may send, from one address, in units (proving.py)
    PUBLIC_FORMS = "public forms"  # those that store something, from everywhere together
    PATIENCE = "patience"  # waits of one address that end after the first time
    PASS = "pass"  # noqa: S105  what somebody may send who waited or worked once, in units
    RECEIPT = "receipt"  # receipts tried from one address
    RECEIPTS = "receipts"  # receipts tried from everywhere together
    DIRECTORY = "directory"  # reads of the directory by programs from one address
    ENTRANCE = "entrance"  # one form of coming in, from one address: a whole shift may begin at once
    KNOWN_BROWSER = "known browser"  # the same, from a browser in which somebody signed in before
    SAFETY_ANSWER = "safety answer"  # answers to one person's safety question; a right one is given back
    # Wrong tries alone; agencies/guessing.py says whose. A right one is given back.
    SIGN_IN = "sign-in"  # passwords for one name, from one browser, person or address
    SIGN_IN_OF_STRANGERS = "sign-in of strangers"  # passwords for one name, from all browsers that are not known
    CODE = "code"  # one-time codes of one person, from one browser, person or address
    CODE_OF_STRANGERS = "code of strangers"  # one-time codes of one person, from all browsers that are not known
    SETUP_CODE = "setup code"  # setup codes of one person, from one browser or address
    SETUP_CODE_OF_STRANGERS = "setup code of strangers"  # the same, from all browsers that are not known


# How many at once, and then how long until one more. Whole offices and shelters share one address. A hundred wrong
# passwords in a row are what NIST SP 800-63B, section 5.2.2, lets be tried on one account. A code is right three times
# in a million, so that one of strangers comes true in about three years of trying day and night.
BURSTS = {
    Budget.TOKEN: 6_000,
    Budget.UNKNOWN_TOKEN: 60,
    Budget.CALENDAR: 60,
    Budget.PUBLIC_FORM: 1_200,
    Budget.PUBLIC_FORMS: 600,
    Budget.PATIENCE: 60,
    Budget.PASS: 30,
    Budget.RECEIPT: 60,
    Budget.RECEIPTS: 600,
    Budget.DIRECTORY: 600,
    Budget.ENTRANCE: 300,
    Budget.KNOWN_BROWSER: 30,
    Budget.SAFETY_ANSWER: 10,
    Budget.SIGN_IN: 10,
    Budget.SIGN_IN_OF_STRANGERS: 100,
    Budget.CODE: 10,
    Budget.CODE_OF_STRANGERS: 20,
    Budget.SETUP_CODE: 10,
    Budget.SETUP_CODE_OF_STRANGERS: 20,
}
EACH = {  # seconds
    Budget.TOKEN: 0.01,
    Budget.UNKNOWN_TOKEN: 1.0,
    Budget.CALENDAR: 10.0,
    Budget.PUBLIC_FORM: 0.1,
    Budget.PUBLIC_FORMS: 0.05,
    Budget.PATIENCE: 1.0,
    Budget.PASS: 7_200.0,  # it ends before there is one more
    Budget.RECEIPT: 2.0,
    Budget.RECEIPTS: 0.2,
    Budget.DIRECTORY: 0.2,
    Budget.ENTRANCE: 0.5,
    Budget.KNOWN_BROWSER: 2.0,
    Budget.SAFETY_ANSWER: 60.0,
    Budget.SIGN_IN: 60.0,
    Budget.SIGN_IN_OF_STRANGERS: 60.0,
    Budget.CODE: 120.0,
    Budget.CODE_OF_STRANGERS: 300.0,
    Budget.SETUP_CODE: 120.0,
    Budget.SETUP_CODE_OF_STRANGERS: 300.0,
}
GIVEN_BACK = frozenset(
    {
        *(Budget.SAFETY_ANSWER, Budget.SIGN_IN, Budget.SIGN_IN_OF_STRANGERS, Budget.CODE, Budget.CODE_OF_STRANGERS),
        *(Budget.SETUP_CODE, Budget.SETUP_CODE_OF_STRANGERS),
    }
)
ONCE = """
INSERT INTO rate_limit (key, full_at) VALUES (%(key)s, %(until)s) ON CONFLICT (key) DO NOTHING RETURNING key
"""
REMEMBERED = 10_000  # refusals that one process keeps in mind, so that a flood does not reach the database

_FROM = "CASE WHEN kept.full_at > %(impossible)s THEN %(now)s ELSE greatest(kept.full_at, %(now)s) END"
SPEND = f"""
INSERT INTO rate_limit AS kept (key, full_at) VALUES (%(key)s, %(after_one)s)
ON CONFLICT (key) DO UPDATE SET full_at = {_FROM} + (%(after_one)s - %(now)s)
    WHERE {_FROM} + (%(after_one)s - %(now)s) <= %(at_most)s
RETURNING full_at
"""  # noqa: S608  it is put together of our own words alone
MARGIN = datetime.timedelta(seconds=60)  # by which the clocks of two hosts may differ


class TooMany(Exception):
    """The budget is spent. `seconds` from now there is room for one more."""

    def __init__(self, seconds: int) -> None:
        wait = "a second" if seconds == 1 else f"{seconds} seconds"
        super().__init__(
            _("That was too much at once. Nothing was stored. Wait %(wait)s, then send it again.") % {"wait": wait}
        )
        self.seconds = seconds


_shut: dict[tuple[bytes, int], float] = {}
_shut_lock = threading.Lock()


def spend(budget: Budget, whose: str, *, at: datetime.datetime, times: int = 1) -> None:
    """Count one knock of somebody (an address from `address_of`, a token's digest, a sign-in name), or raise TooMany.
    `times`: one that weighs as much as so many. Call it outside a transaction: its row is locked until the end of one.
    """
    key = _key(budget, whose, at)
    each = datetime.timedelta(seconds=EACH[budget])
    most = each * BURSTS[budget]
    until = _shut.get((key, times))
    if until is not None and at.timestamp() < until <= (at + most + MARGIN).timestamp():
        raise TooMany(math.ceil(until - at.timestamp()))
    given: dict[str, bytes | datetime.datetime | None] = {
        "key": key,
        "now": at,
        "after_one": at + each * times,
        "at_most": at + most,
        "impossible": at + most + MARGIN,
    }
    with connection.cursor() as cursor:
        if cursor.execute(SPEND, given) and cursor.fetchone():
            return
        cursor.execute("SELECT full_at FROM rate_limit WHERE key = %(key)s", given)
        (full_at,) = cursor.fetchone() or (at,)
    room_at = full_at + each * times - most
    if budget not in GIVEN_BACK:  # there may be room sooner
        with _shut_lock:
            if len(_shut) >= REMEMBERED:
                _shut.clear()
            _shut[key, times] = room_at.timestamp()
    raise TooMany(max(1, math.ceil((room_at - at).total_seconds())))


def give_back(budget: Budget, whose: str, *, at: datetime.datetime) -> None:
    """Take back one knock that was counted at this instant."""
    one_less = F("full_at") - datetime.timedelta(seconds=EACH[budget])
    RateLimit.objects.filter(key=_key(budget, whose, at)).update(full_at=one_less)


def forgive(budget: Budget, whose: str, *, at: datetime.datetime) -> None:
    """Take back every knock of the day."""
    RateLimit.objects.filter(key=_key(budget, whose, at)).delete()


def is_first(what: str, *, at: datetime.datetime, until: datetime.datetime) -> bool:
    """Return whether something is used for the first time, and note that it was used. `at`: when it was made, so that
    it is the same thing on the next day; `until`: when it ends by itself."""
    with connection.cursor() as cursor:
        cursor.execute(ONCE, {"key": _hashed(f"once {what}", at), "until": until})
        return cursor.fetchone() is not None


def address_of(request: http.HttpRequest) -> str:
    """Name where a request comes from: an IPv4 address, or the /64 that one IPv6 household or host has."""
    return addresses.sender(str(request.META.get("REMOTE_ADDR") or ""))


def forget_full(*, at: datetime.datetime) -> int:
    """Take away the rows that say nothing any more, and count them."""
    return RateLimit.objects.filter(full_at__lte=at).delete()[0]


class Limits(deprecation.MiddlewareMixin):
    """Counts every form of coming in, by address; the views need not think of it. The API counts by itself, and forms
    that anybody may send are counted by proving.py.

    Forms of coming in are counted one by one, so that a flood of passwords keeps nobody from a passkey, and apart from
    the address where the browser is known, so that it keeps nobody out who came in there before."""

    def process_view(
        self, request: http.HttpRequest, view: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> http.HttpResponse | None:
        """Answer 429, before the view runs, when an address or a browser sent too many."""
        if request.method != "POST" or guards.guard_of(view) != guards.ENTRANCE:
            return None
        browser = browsers.known(request)
        form = request.resolver_match.view_name if request.resolver_match else ""
        budget = Budget.KNOWN_BROWSER if browser else Budget.ENTRANCE
        try:
            spend(budget, f"{form} {browser or address_of(request)}", at=timezone.now())
        except TooMany as error:
            return too_many(request, error)
        return None


def too_many(request: http.HttpRequest, error: TooMany) -> http.HttpResponse:
    """Answer a person with 429, and say how long to wait."""
    answer = shortcuts.render(request, "429.html", {"problem": str(error)}, status=429)
    answer["Retry-After"] = str(error.seconds)
    return answer


def _key(budget: Budget, whose: str, at: datetime.datetime) -> bytes:
    return _hashed(f"{budget.value} {whose}", at)


def _hashed(text: str, at: datetime.datetime) -> bytes:
    """Nobody who holds the table can tell an address by trying all four billion: the hash is keyed, and for a day."""
    day = at.astimezone(datetime.UTC).date().isoformat()
    return hashlib.blake2b(f"{day} {text}".encode(), key=_secret(), digest_size=16).digest()


def _secret() -> bytes:
    return hashlib.blake2b(settings.SECRET_KEY.encode(), person=b"nwd limits").digest()
