"""Guessing is slow and locks out nobody else: strangers exhaust their own; a known browser and a passkey go on."""

from __future__ import annotations

import contextlib
import http.cookies
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from allauth.account import app_settings as account_settings
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import hashers
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone

from nowrongdoor.access import browsers, limits, row_security, viewers
from nowrongdoor.access.limits import Budget
from nowrongdoor.access.models import CacheEntry, RateLimit
from nowrongdoor.agencies import forms, guessing, passwords
from nowrongdoor.agencies.models import User
from tests import claims, signing_in
from tests.agencies import test_crowd
from tests.agencies.test_coming_in import PASSWORD, somebody

pytestmark = pytest.mark.django_db
ONE, OTHER, OWNER = "198.51.100.1", "198.51.100.2", "203.0.113.5"


def password(client: Client, name: str, given: str = PASSWORD) -> HttpResponse:
    return client.post(reverse("sign_in"), {"login": name, "password": given})  # type: ignore[return-value]


def code(client: Client, given: str) -> HttpResponse:
    return client.post(reverse("mfa_authenticate"), {"code": given})  # type: ignore[return-value]


def comes_in(client: Client, person: User, secret: str) -> bool:
    """Both steps; the code is made fresh, because one works once."""
    cache.clear()
    password(client, person.name)
    code(client, signing_in.code(secret))
    return bool(client.get("/cases").status_code == 200)


def exhaust(name: str, address: str, *, given: str = "wrong") -> HttpResponse:
    """Somebody tries until they are told to wait."""
    stranger = Client(REMOTE_ADDR=address)
    for _ in range(limits.BURSTS[Budget.SIGN_IN_OF_STRANGERS] + 1):
        answer = password(stranger, name, given)
        if answer.status_code == 429:
            return answer
    raise AssertionError("nobody was told to wait")


def use_up(name: str) -> None:
    """What strangers at many addresses leave: nobody who is not known may try this name or its codes any more."""
    for budget in (Budget.SIGN_IN_OF_STRANGERS, Budget.CODE_OF_STRANGERS):
        with pytest.raises(limits.TooMany):  # noqa: PT012  the last of many
            for _ in range(limits.BURSTS[budget] + 5):
                limits.spend(budget, browsers.tag(name), at=timezone.now())


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 as it is, at a strength for tests: hundreds of passwords are tried here."""
    monkeypatch.setattr(passwords.Argon2, "memory_cost", 64)
    monkeypatch.setattr(passwords.Argon2, "parallelism", 1)
    passwords._hash_of_nobody.cache_clear()


def test_a_stranger_who_guesses_locks_out_nobody_but_their_own_address() -> None:
    person = somebody()
    secret = signing_in.enrol(person)
    answer = exhaust(person.name, ONE)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert "Too many wrong passwords for this sign-in name. Wait 1 minute" in answer.content.decode()
    assert "A passkey, or a browser you have signed in with before, works right away." in answer.content.decode()
    assert password(Client(REMOTE_ADDR=ONE), person.name).status_code == 429  # not even the right one
    assert comes_in(Client(REMOTE_ADDR=OWNER), person, secret)
    other = somebody()
    signing_in.enrol(other)
    assert password(Client(REMOTE_ADDR=ONE), other.name)["Location"] == reverse("mfa_authenticate")


def test_an_owner_at_a_browser_that_is_known_comes_in_whatever_strangers_do() -> None:
    person = somebody()
    secret = signing_in.enrol(person)
    owner = Client(REMOTE_ADDR=OWNER)
    assert comes_in(owner, person, secret)
    owner.post(reverse("sign_out"))
    exhaust(person.name, OWNER)
    use_up(person.name)
    told = password(Client(REMOTE_ADDR="192.0.2.200"), person.name)
    assert told.status_code == 429  # a browser nobody knows, at an address where nobody tried
    assert comes_in(owner, person, secret)
    assert password(Client(REMOTE_ADDR="192.0.2.200"), person.name).status_code == 302  # and that forgave the strangers


def test_who_mistypes_at_a_known_browser_is_counted_there_alone() -> None:
    person = somebody()
    secret = signing_in.enrol(person)
    owner = Client(REMOTE_ADDR=OWNER)
    assert comes_in(owner, person, secret)
    owner.post(reverse("sign_out"))
    said = [password(owner, person.name, "wrong").status_code for _ in range(limits.BURSTS[Budget.SIGN_IN] + 1)]
    assert (said[-2], said[-1]) == (200, 429)
    assert comes_in(Client(REMOTE_ADDR=OWNER), person, secret)


def test_wrong_codes_lock_out_nobody_at_a_known_browser_and_no_passkey() -> None:
    person = somebody()
    secret = signing_in.enrol(person)
    owner = Client(REMOTE_ADDR=OWNER)
    assert comes_in(owner, person, secret)
    owner.post(reverse("sign_out"))
    for address in (ONE, OTHER, OWNER):  # somebody who has the password
        thief = Client(REMOTE_ADDR=address)
        password(thief, person.name)
        said = [code(thief, "000000") for _ in range(limits.BURSTS[Budget.CODE] + 1)]
        assert said[-1].status_code == 429
        assert "Too many wrong codes. Wait" in said[-1].content.decode()
        assert "A passkey works right away." in said[-1].content.decode()
        assert code(thief, signing_in.code(secret)).status_code == 429
        key = thief.post(reverse("mfa_authenticate"), {"credential": "{}"})
        assert key.status_code == 200  # looked at, and refused as it deserves: nobody counts it
    assert comes_in(owner, person, secret)


@pytest.mark.parametrize("url", ["account_reauthenticate", "account_change_password", "mfa_reauthenticate"])
def test_who_is_signed_in_is_counted_alone_and_told_to_wait(client: Client, url: str) -> None:
    person = somebody()
    secret = signing_in.enrol(person)
    assert comes_in(client, person, secret)
    use_up(person.name)
    del client.cookies[browsers.COOKIE]  # a browser sends it to the sign-in's own pages alone
    new = {"oldpassword": PASSWORD.upper(), **dict.fromkeys(("password1", "password2"), "a better long one")}
    wrong = {"account_reauthenticate": {"password": PASSWORD.upper()}, "mfa_reauthenticate": {"code": "000000"}}.get(
        url, new
    )
    said = [client.post(reverse(url), wrong) for _ in range(limits.BURSTS[Budget.SIGN_IN] + 1)]
    assert [answer.status_code for answer in said[:-1]] == [200] * (len(said) - 1)
    assert said[-1].status_code == 429
    assert "Too many wrong" in said[-1].content.decode()


def test_nothing_else_counts_tries() -> None:
    assert account_settings.RATE_LIMITS == mfa_settings.RATE_LIMITS == {}


def test_a_name_that_nobody_has_is_told_and_counted_alike() -> None:
    person = somebody()

    def told(name: str) -> list[tuple[int, str]]:
        client = Client(REMOTE_ADDR=ONE)
        said = [password(client, name, "wrong") for _ in range(limits.BURSTS[Budget.SIGN_IN] + 1)]
        return [(each.status_code, alert(each)) for each in said]

    one, other = told(person.name), told("nobody-has-this")
    assert one == other
    assert one[0][0] == 200
    assert one[-1][0] == 429


def alert(answer: HttpResponse) -> str:
    return answer.content.decode().partition('role="alert"')[2].partition("</form>")[0].partition("</div>")[0]


def test_an_unknown_name_and_one_whose_password_is_wrong_cost_the_same_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: what Argon2 is asked to do."""
    from argon2 import low_level

    asked: list[str] = []
    verify: Callable[..., bool] = low_level.verify_secret

    def counting(hash: bytes, secret: bytes, type: object) -> bool:
        asked.append(hash.decode().rpartition("$")[0].rpartition("$")[0])  # with which parameters
        return verify(hash, secret, type)

    person = somebody()
    passwords.check("warm", "up")
    monkeypatch.setattr(
        "argon2.PasswordHasher.verify", lambda _, h, s: counting(h.encode(), s.encode(), low_level.Type.ID)
    )
    for name in (person.name, "nobody-has-this", person.name.upper()):
        asked.append(name)
        passwords.check(name, "wrong")
    assert asked[0::2] == [person.name, "nobody-has-this", person.name.upper()]
    assert len(asked) == 6
    assert len(set(asked[1::2])) == 1


def test_a_code_is_refused_as_long_as_it_would_be_right() -> None:
    person = somebody()
    secret = signing_in.enrol(person)
    taken = signing_in.code(secret)
    client = Client(REMOTE_ADDR=OWNER)
    password(client, person.name)
    assert code(client, taken).status_code == 302
    with row_security.entry():
        key = totp.TOTP(Authenticator.objects.get(user=person))._get_used_cache_key(taken)
    (row,) = CacheEntry.objects.all()
    assert cache.get(key) == "y"
    left = (row.expires_at - timezone.now()).total_seconds()
    assert forms.RIGHT_FOR - 20 < left <= forms.RIGHT_FOR == 90


def kept_by(response: HttpResponse) -> http.cookies.Morsel[str]:
    return response.cookies[browsers.COOKIE]


def test_the_cookie_says_no_name_and_goes_to_the_sign_in_alone() -> None:
    person = somebody(role=viewers.Role.ANALYST)
    client = Client()
    morsel = kept_by(password(client, person.name))
    assert (morsel["path"], morsel["httponly"], morsel["samesite"], morsel["secure"]) == ("/sign-in", True, "Lax", "")
    assert int(morsel["max-age"]) == 90 * 24 * 3600
    assert person.name not in str(signing.loads(morsel.value, salt=browsers.SALT))
    with override_settings(SESSION_COOKIE_SECURE=True):
        assert kept_by(password(Client(), person.name))["secure"] is True
    assert browsers.COOKIE not in password(Client(), person.name, "wrong").cookies


def request_with(value: str) -> HttpRequest:
    request = RequestFactory().get("/")
    request.COOKIES[browsers.COOKIE] = value
    return request


def given(*names: str, start: str = "") -> str:
    value = start
    for name in names:
        response = HttpResponse()
        browsers.remember(request_with(value), response, name)
        value = kept_by(response).value
    return value


def test_a_browser_is_known_for_its_names_alone_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    value = given("pat", "Lee")
    known = browsers.known(request_with(value), "pat")
    assert known
    assert browsers.known(request_with(value), "LEE ") == known  # one browser, whoever signs in
    assert browsers.known(request_with(value)) == known
    for wrong in ("", "x", value[:-1], value.swapcase()):
        assert browsers.known(request_with(wrong), "pat") is None
    assert browsers.known(request_with(value), "kim") is None
    assert browsers.known(request_with(given("pat"))) != known
    full = given(*(f"somebody-{number}" for number in range(browsers.AT_MOST)), start=value)
    assert browsers.known(request_with(full), "pat") is None
    assert browsers.known(request_with(full), "somebody-0") == known
    assert len(full) < 2_000
    later = time.time() + browsers.LASTS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert browsers.known(request_with(value), "pat") is None


def test_what_is_counted_names_nobody() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=OWNER)
    guessing.begin(request, "pat@hotline.test", guessing.Secret.PASSWORD)
    rows = [bytes(row.key) for row in RateLimit.objects.all()]
    assert len(rows) == 2
    assert not [row for row in rows if b"pat" in row or OWNER.encode() in row]


def test_an_old_hash_is_made_anew_at_the_next_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    person = somebody()
    before = person.password
    monkeypatch.setattr(passwords.Argon2, "time_cost", 3)
    assert passwords.check(person.name, "wrong").person is None
    assert passwords.check(person.name, PASSWORD).person == person
    person.refresh_from_db()
    assert person.password != before
    assert "t=3" in person.password
    assert hashers.check_password(PASSWORD, person.password)


def test_an_account_that_is_deactivated_is_told_so_only_with_the_right_password() -> None:
    person = somebody()
    User.objects.filter(id=person.id).update(is_active=False)
    assert password(Client(), person.name)["Location"] == reverse("account_inactive")
    assert b"not correct" in password(Client(), person.name, "wrong").content


@contextlib.contextmanager
def waiting(line: threading.BoundedSemaphore, count: int) -> Iterator[None]:
    """As many wait already as there are places."""
    places = [line.acquire(blocking=False) for _ in range(count)]
    assert claims.every(places)
    assert not line.acquire(blocking=False)
    try:
        yield
    finally:
        for _ in places:
            line.release()


def test_where_too_many_strangers_wait_the_next_is_told_when_to_come_back_and_who_is_known_comes_in() -> None:
    person = somebody()
    secret = signing_in.enrol(person)
    owner = Client(REMOTE_ADDR=OWNER)
    assert comes_in(owner, person, secret)
    with waiting(passwords._strangers, passwords.OF_STRANGERS):
        told = password(Client(REMOTE_ADDR=OTHER), person.name)
        assert (told.status_code, told["Retry-After"]) == (503, "60")
        assert "Nothing was saved. Try again in a minute." in told.content.decode()
        again = owner.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert again.status_code == 302  # whoever is signed in
        owner.post(reverse("sign_out"))
        assert comes_in(owner, person, secret)  # and at a browser that is known
    assert password(Client(REMOTE_ADDR=OTHER), person.name).status_code == 302


@pytest.mark.parametrize("given", [PASSWORD, "wrong"])
def test_who_is_told_to_come_back_was_neither_counted_nor_looked_at(given: str) -> None:
    person = somebody()
    signing_in.enrol(person)
    with waiting(passwords.TURNS._line, passwords.TURNS.at_once + passwords.TURNS.in_line):
        said = [password(Client(REMOTE_ADDR=ONE), person.name, given) for _ in range(limits.BURSTS[Budget.SIGN_IN] + 5)]
        assert {answer.status_code for answer in said} == {503}
    assert password(Client(REMOTE_ADDR=ONE), person.name).status_code == 302


def test_who_waits_too_long_for_a_turn_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords.TURNS, "longest", 0.05)
    person = somebody()
    signing_in.enrol(person)
    passwords._of_nobody()
    with waiting(passwords.TURNS._turns, passwords.TURNS.at_once):
        assert password(Client(REMOTE_ADDR=ONE), person.name).status_code == 503
    assert password(Client(REMOTE_ADDR=ONE), person.name).status_code == 302


def test_a_line_is_long_enough_for_a_whole_shift_that_reaches_one_process() -> None:
    assert passwords.OF_STRANGERS > test_crowd.CROWD
    assert passwords.TURNS.in_line - passwords.OF_STRANGERS > test_crowd.CROWD  # of whom a browser knows
