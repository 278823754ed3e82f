"""Wrong tries at a name: counted so that guessing is slow, and so that nobody is locked out by somebody else.

The promise: whoever is signed in, or sits at a browser in which this name signed in before, is counted alone. Strangers
are counted by their address, and all of them together by the name; they exhaust only their own. A passkey is never
counted, because nobody guesses one. Right tries cost nothing, and a whole sign-in forgives what strangers did. A name
that nobody has is counted and told alike.

What remains: while strangers keep trying a name from many addresses, its owner comes in at a new browser with a passkey
or their agency's own sign-in alone, or after signing in once at a browser that is known.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import enum
import math
from collections.abc import Iterator

from allauth.account.internal import userkit
from django import http
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import exceptions
from django.utils import timezone

from nowrongdoor.access import browsers, limits, row_security
from nowrongdoor.access.limits import Budget
from nowrongdoor.agencies import models
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext_lazy

HOUR = datetime.timedelta(hours=1)


class Secret(enum.Enum):
    """What is guessed: the budget of one browser, person or address, and that of all strangers."""

    PASSWORD = Budget.SIGN_IN, Budget.SIGN_IN_OF_STRANGERS
    CODE = Budget.CODE, Budget.CODE_OF_STRANGERS
    SETUP_CODE = Budget.SETUP_CODE, Budget.SETUP_CODE_OF_STRANGERS


WORDS = {
    Secret.PASSWORD: gettext_lazy(
        "Too many wrong passwords for this sign-in name. Wait {wait}, then try again. A passkey, or a "
        "browser you have signed in with before, works right away."
    ),
    Secret.CODE: gettext_lazy("Too many wrong codes. Wait {wait}, then try again. A passkey works right away."),
    Secret.SETUP_CODE: gettext_lazy(
        "Too many wrong setup codes. Wait {wait}, then try again. Your code still works until it expires."
    ),
}


class TooManyTries(limits.TooMany):
    """Somebody guessed too often. The message says how long to wait, and what works meanwhile."""

    def __init__(self, secret: Secret, seconds: int) -> None:
        super().__init__(seconds)
        minutes = math.ceil(seconds / 60)
        self.args = (WORDS[secret].format(wait="1 minute" if minutes == 1 else f"{minutes} minutes"),)


@dataclasses.dataclass(frozen=True, slots=True)
class Try:
    """One try that was counted as a wrong one, until it turns out to be right."""

    spent: tuple[tuple[Budget, str], ...]
    at: datetime.datetime

    def was_right(self) -> None:
        """Take the count back."""
        for budget, whose in self.spent:
            limits.give_back(budget, whose, at=self.at)


def begin(request: http.HttpRequest, name: str, secret: Secret) -> Try:
    """Count a try at a name before it is looked at, so that no two at once are counted as one. TooManyTries."""
    at, begun = timezone.now(), Try((), timezone.now())
    for budget, whose in _counted(request, name, secret):
        try:
            limits.spend(budget, whose, at=at)
        except limits.TooMany as refusal:
            begun.was_right()  # a refusal costs nothing
            raise TooManyTries(secret, refusal.seconds) from None
        begun = Try((*begun.spent, (budget, whose)), at)
    return begun


@contextlib.contextmanager
def counted(request: http.HttpRequest, name: str, secret: Secret) -> Iterator[None]:
    """Count a try; it was right unless the block raises. TooManyTries."""
    begun = begin(request, name, secret)
    try:
        yield
    except exceptions.ValidationError:
        note_wrong(name, secret)
        raise
    begun.was_right()


def note_wrong(name: str, secret: Secret) -> None:
    """Note in the trail that somebody tried a wrong one at a name that is somebody's: once an hour, so that no flood
    fills it. A name that nobody has belongs to no agency; it takes the same steps, but for the event."""
    at = timezone.now()
    hour = at.replace(minute=0, second=0, microsecond=0)
    with row_security.entry():
        what = f"wrong {secret.name} {browsers.tag(name)} {hour.hour}"
        is_first = limits.is_first(what, at=hour, until=hour + HOUR)
        person = userkit.get_user_by_username(name)
        if is_first and isinstance(person, models.User):
            deed = record.Deed("session.refused", person.agency_id, person.id, details={"what": secret.name.lower()})
            record.record(deed, at=at)


def forgive_strangers(name: str) -> None:
    """Forget what strangers tried: the owner came in. Not their setup codes: whoever enters one has come in so far."""
    for secret in (Secret.PASSWORD, Secret.CODE):
        limits.forgive(secret.value[1], browsers.tag(name), at=timezone.now())


def _counted(request: http.HttpRequest, name: str, secret: Secret) -> Iterator[tuple[Budget, str]]:
    of_one, of_strangers = secret.value
    tag = browsers.tag(name)
    person: AbstractBaseUser | None = getattr(request, "user", None)
    # Whoever enters a setup code showed a password alone, which may be a thief's: the browser is counted.
    if person is not None and person.is_authenticated and secret is not Secret.SETUP_CODE:
        yield of_one, f"person {person.pk}"
    elif browser := browsers.known(request, name):
        yield of_one, f"browser {browser} {tag}"
    else:
        yield of_one, f"address {limits.address_of(request)} {tag}"
        yield of_strangers, tag
