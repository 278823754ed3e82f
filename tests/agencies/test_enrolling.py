"""Adding the first second factor: it takes a setup code, or the sitting in which somebody joined, and no password alone
adds one, by whichever way."""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import uuid
from collections.abc import Callable, Mapping

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nowrongdoor.access import guards, limits, row_security, viewers
from nowrongdoor.access.limits import Budget
from nowrongdoor.agencies import entrance, inviting, setting_up
from nowrongdoor.agencies.models import SetupCode, User
from nowrongdoor.audit.models import Event
from tests import signing_in
from tests.agencies.test_coming_in import PASSWORD, first_step, somebody
from tests.leads import stories

in_one = pytest.mark.django_db  # transaction
Context = Callable[[], contextlib.AbstractContextManager[None]]
CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b")
INSERT = (
    "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%(person)s, %(type)s, %(data)s, now())"
)
WRONG = "7KQ2-M9TX-4HJD-W8RB"


def enter(client: Client, code: str) -> HttpResponse:
    return client.post(reverse("setup_code"), {"code": code})  # type: ignore[return-value]


def add_app(client: Client) -> HttpResponse:
    """Adds an authenticator app by its page, as far as the page lets one."""
    client.get(reverse("mfa_activate_totp"))
    secret = client.session.get("mfa.totp.secret", "A" * 32)
    return client.post(reverse("mfa_activate_totp"), {"code": signing_in.code(secret)})  # type: ignore[return-value]


def kinds(person: User) -> list[str]:
    with row_security.entry():
        return sorted(Authenticator.objects.filter(user=person).values_list("type", flat=True))


def insert(context: Context, shown: str, row: Mapping[str, str | uuid.UUID]) -> None:
    """Adds a factor past our own code, and shows something for it."""
    with context(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('nwd.setup', %s, true)", [shown])
        cursor.execute(INSERT, row)


def administrator(code: str = "HOTLINE") -> viewers.Viewer:
    return stories.person(code, viewers.Role.ADMINISTRATOR)


def half_in(person: User, **environment: str) -> Client:
    """Somebody who showed the password of a person without a factor."""
    client = Client(**environment)  # type: ignore[arg-type]
    first_step(client, person)
    assert client.get("/cases")["Location"] == reverse("mfa_index")
    return client


def events(person: User, kind: str) -> list[tuple[str, uuid.UUID | None]]:
    found = Event.objects.filter(subject_id=person.id, verb__startswith=f"{kind}.").order_by("id")
    return [(each.verb, each.by_id) for each in found]


def test_whoever_has_a_setup_code_adds_their_first_factor_and_then_is_in(committed_db: None) -> None:
    person = somebody()
    by = administrator()
    code = inviting.make_setup_code(person.id, by=by, at=timezone.now()).code
    client = half_in(person)
    assert "Enter setup code" in client.get(reverse("mfa_index")).content.decode()
    assert client.get(reverse("mfa_activate_totp"))["Location"] == reverse("setup_code")
    assert "I need a setup code for No Wrong Door." in client.get(reverse("setup_code")).content.decode()
    assert enter(client, code.lower().replace("-", " "))["Location"] == reverse("mfa_index")
    assert "Enter setup code" not in client.get(reverse("mfa_index")).content.decode()
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    secret = client.session["mfa.totp.secret"]
    assert add_app(client).status_code == 302
    assert client.get("/cases").status_code == 200
    assert client.get(reverse("mfa_view_recovery_codes"))["Location"].startswith("/sign-in/again")  # asked once more
    assert kinds(person) == ["recovery_codes", "totp"]
    assert entrance.SETUP not in client.session
    with row_security.entry():
        assert secret not in str(Authenticator.objects.get(user=person, type="totp").data)
    assert client.get(reverse("setup_code"))["Location"] == reverse("mfa_index")  # nothing to enter any more
    assert client.get(reverse("mfa_add_webauthn"))["Location"].startswith("/sign-in/again")  # a second one: as before
    assert events(person, "setup_code") == [("setup_code.made", by.user_id), ("setup_code.used", person.id)]
    written = json.dumps(list(Event.objects.values_list("details", flat=True)))
    assert setting_up.read(code) not in written
    assert code not in written


@in_one
@pytest.mark.parametrize("way", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"])
def test_a_password_alone_adds_nothing_by_any_page(way: str) -> None:
    person = somebody()
    client = half_in(person)
    session = client.session
    session["mfa.totp.secret"] = "A" * 32
    session.save()
    answer = client.post(reverse(way), {"code": signing_in.code("A" * 32), "name": "Mine", "credential": "{}"})
    refused = "Add one of those first." if way.endswith("codes") else reverse("setup_code")
    assert refused in answer.content.decode() + answer.get("Location", "")
    assert kinds(person) == []


@in_one
def test_whoever_comes_from_their_agencys_own_sign_in_needs_a_code_too() -> None:
    person, client = somebody(), Client()
    client.force_login(person)
    session = client.session
    session[guards.STEPS] = [{"method": "socialaccount", "at": 0, "provider": "fbi", "uid": "s-1"}]
    session[f"{guards.STEPS}_user"] = str(person.id)
    session.save()
    assert client.get("/cases")["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_activate_totp"))["Location"] == reverse("setup_code")
    assert enter(client, signing_in.setup_code(person)).status_code == 302
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


@in_one
@pytest.mark.parametrize("kind", ["totp", "webauthn", "recovery_codes"])
@pytest.mark.parametrize("context", [row_security.entry, row_security.system])
@pytest.mark.parametrize("shown", ["", WRONG, "a code of somebody else", "a code that was used"])
def test_no_statement_of_the_run_time_role_adds_a_first_factor(kind: str, context: Context, shown: str) -> None:
    person, other = somebody(), somebody("HSI")
    code = setting_up.read(signing_in.setup_code(person))
    if shown == "a code of somebody else":
        shown = setting_up.read(signing_in.setup_code(other))
    elif shown == "a code that was used":
        signing_in.enrol(person)
        with row_security.entry():
            Authenticator.objects.filter(user=person).delete()
        shown = code
    row: dict[str, str | uuid.UUID] = {"person": person.id, "type": kind, "data": "{}"}
    with pytest.raises(IntegrityError, match="the first factor of somebody is added with a setup code"):
        insert(context, shown, row)
    assert kinds(person) == []
    right = setting_up.read(signing_in.setup_code(person))
    with row_security.entry(), setting_up.showing(right), connection.cursor() as cursor:
        cursor.execute(INSERT, {**row, "type": "totp"})
        cursor.execute(INSERT, {**row, "type": "recovery_codes"})
    assert kinds(person) == ["recovery_codes", "totp"]


@in_one
def test_nobody_makes_their_own_factor_somebody_elses() -> None:
    person, thief = somebody(), somebody("HSI")
    signing_in.enrol(thief)
    with pytest.raises(IntegrityError, match="a factor stays the person's"), row_security.entry():
        Authenticator.objects.filter(user=thief).update(user=person)
    with row_security.entry():
        assert Authenticator.objects.filter(user=thief).update(last_used_at=timezone.now()) == 1
    assert kinds(person) == []


def switch_off_and_on(person: User, by: viewers.Viewer) -> None:
    for on in ("no", "yes"):
        inviting.switch(person.id, on=on, by=by)


ENDS: dict[str, Callable[[User, viewers.Viewer], object]] = {
    "another one was made": lambda person, by: inviting.make_setup_code(person.id, by=by, at=timezone.now()),
    "reset again": lambda person, by: inviting.reset_second_factor(person.id, by=by, at=timezone.now()),
    "another role": lambda person, by: inviting.set_role(person.id, "advocate", by=by),
    "switched off and on": lambda person, by: switch_off_and_on(person, by),
    "whoever made it is no administrator any more": lambda person, by: inviting.set_role(
        signing_in.person(by).id, "analyst", by=administrator()
    ),
}


@in_one
@pytest.mark.parametrize("how", ENDS)
def test_a_setup_code_ends(how: str) -> None:
    person, by = somebody(), administrator()
    code = inviting.make_setup_code(person.id, by=by, at=timezone.now()).code
    secret = setting_up.read(code)
    assert setting_up.opens(person, secret, at=timezone.now())
    ENDS[how](person, by)
    assert not setting_up.opens(person, secret, at=timezone.now())
    answer = enter(half_in(person), code)
    assert answer.status_code == 422
    assert "This setup code doesn’t work" in answer.content.decode()
    with pytest.raises(setting_up.NotLetIn), row_security.entry(), setting_up.showing(secret):
        Authenticator.objects.create(user=person, type="totp", data={})
    fresh = inviting.make_setup_code(person.id, by=administrator(), at=timezone.now())
    assert enter(half_in(person), fresh.code)["Location"] == reverse("mfa_index")


@in_one
def test_a_setup_code_ends_after_a_day() -> None:
    person, day = somebody(), datetime.timedelta(hours=24)
    with row_security.system():
        old = setting_up.read(setting_up.make(person, by=None, at=timezone.now() - day - datetime.timedelta(hours=1)))
    assert not setting_up.opens(person, old, at=timezone.now())
    with pytest.raises(setting_up.NotLetIn), row_security.entry(), setting_up.showing(old):
        Authenticator.objects.create(user=person, type="totp", data={})
    with row_security.system():
        young = setting_up.make(person, by=None, at=timezone.now() - day + datetime.timedelta(minutes=5))
    assert enter(half_in(person), young)["Location"] == reverse("mfa_index")


def test_a_code_is_for_one_person(committed_db: None) -> None:
    person, other = somebody(), somebody()
    code = signing_in.setup_code(other)
    assert enter(half_in(person), code).status_code == 422
    client = half_in(other)
    assert enter(client, code).status_code == 302
    assert add_app(client).status_code == 302
    assert kinds(other) == ["recovery_codes", "totp"]


def test_of_two_windows_with_one_code_the_first_adds_a_factor(committed_db: None) -> None:
    """Whoever reads along as the code is entered is refused by whatever the owner adds first."""
    person = somebody()
    code = signing_in.setup_code(person)
    owner, thief = half_in(person), half_in(person)
    assert enter(owner, code).status_code == enter(thief, code).status_code == 302
    assert thief.get(reverse("mfa_activate_totp")).status_code == 200
    assert add_app(owner).status_code == 302
    with row_security.entry():
        Authenticator.objects.filter(user=person).delete()  # even where it is taken away again
    assert add_app(thief)["Location"] == reverse("setup_code")
    assert kinds(person) == []


def test_a_reset_shows_a_code_once_to_the_administrator_and_the_person_goes_on_with_it(committed_db: None) -> None:
    person, by = somebody(), administrator()
    secret = signing_in.enrol(person)
    client = Client()
    first_step(client, person)
    client.post(reverse("mfa_authenticate"), {"code": signing_in.code(secret)})
    assert client.get("/cases").status_code == 200
    at_desk = signing_in.sign_in(Client(), by)
    page = at_desk.post(f"/staff/{person.id}/reset-factor", follow=True).content.decode()
    (code,) = set(CODE.findall(page))
    assert "Setup code for Pat of HOTLINE (shown only once)" in page
    assert CODE.findall(at_desk.get("/staff").content.decode()) == []
    assert client.get("/cases")["Location"].startswith("/sign-in")  # their sessions ended
    assert kinds(person) == []
    again = half_in(person)
    assert enter(again, code).status_code == 302
    assert add_app(again).status_code == 302
    assert again.get("/cases").status_code == 200
    assert events(person, "setup_code")[-2:] == [("setup_code.made", by.user_id), ("setup_code.used", person.id)]


@in_one
def test_a_code_is_made_by_another_administrator_of_the_agency_alone() -> None:
    person, by = somebody(), administrator()
    address = f"/staff/{person.id}/setup-code"
    for viewer in (administrator("HSI"), stories.person("HOTLINE", viewers.Role.COORDINATOR)):
        assert signing_in.sign_in(Client(), viewer).post(address).status_code == 404
    mine = signing_in.sign_in(Client(), by).post(f"/staff/{by.user_id}/setup-code", follow=True)
    assert "You can’t change this for yourself." in mine.content.decode()
    assert SetupCode.objects.count() == 0
    page = signing_in.sign_in(Client(), by).post(address, follow=True).content.decode()
    assert len(set(CODE.findall(page))) == 1
    kept = SetupCode.objects.get()
    assert (kept.person_id, kept.by_id, kept.expires_at - kept.at) == (
        person.id,
        by.user_id,
        datetime.timedelta(hours=24),
    )
    signing_in.enrol(person)
    told = signing_in.sign_in(Client(), by).post(address, follow=True).content.decode()
    assert "They have two-factor sign-in." in told
    assert CODE.findall(told) == []


def join(client: Client) -> tuple[User, str]:
    """Somebody takes up an invitation."""
    invited = inviting.invite("nina", "Nina New", "advocate", by=administrator(), at=timezone.now())
    sent = {"code": invited.secret, "password": PASSWORD, "again": PASSWORD}
    assert client.post(reverse("join"), sent)["Location"] == reverse("sign_in")
    return User.objects.get(name="nina"), invited.secret


def test_whoever_joins_adds_a_factor_in_the_same_sitting_without_a_code(committed_db: None) -> None:
    client = Client()
    person, _ = join(client)
    first_step(client, person)
    assert "Enter setup code" not in client.get(reverse("mfa_index")).content.decode()
    assert add_app(client).status_code == 302
    assert client.get("/cases").status_code == 200
    assert events(person, "setup_code") == []


@pytest.mark.parametrize("how", ["another browser", "signed out since", "half an hour later"])
def test_after_the_sitting_in_which_somebody_joined_they_need_a_code(committed_db: None, how: str) -> None:
    client = Client()
    if how == "half an hour later":
        long_ago = timezone.now() - setting_up.SITTING
        invited = inviting.invite("nina", "Nina New", "advocate", by=administrator(), at=long_ago)
        with row_security.entry():
            person = inviting.accept(invited.secret, password=PASSWORD, at=long_ago)
        secret = invited.secret
    else:
        person, secret = join(client)
    first_step(client, person)
    if how == "signed out since":
        client.post(reverse("sign_out"))
        first_step(client, person)
    elif how == "another browser":
        client = half_in(person)
    else:
        session = client.session
        session[entrance.SETUP] = secret
        session.save()
    assert add_app(client)["Location"] == reverse("setup_code")
    assert kinds(person) == []
    if how == "half an hour later":
        with pytest.raises(setting_up.NotLetIn), row_security.entry(), setting_up.showing(secret):
            Authenticator.objects.create(user=person, type="totp", data={})
    assert enter(client, signing_in.setup_code(person)).status_code == 302
    assert add_app(client).status_code == 302
    assert kinds(person) == ["recovery_codes", "totp"]


@in_one
def test_a_flood_of_wrong_codes_keeps_the_owner_out_nowhere_and_is_noted_once_an_hour() -> None:
    person = somebody()
    code = signing_in.setup_code(person)
    owner = half_in(person, REMOTE_ADDR="192.0.2.1")
    said = []
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):  # somebody who has the password; once where the owner is
        thief = half_in(person, REMOTE_ADDR=address)
        said += [enter(thief, WRONG) for _ in range(limits.BURSTS[Budget.SETUP_CODE] + 1)]
    assert [answer.status_code for answer in said[:10]] == [422] * 10
    assert said[10].status_code == 429
    assert "Too many wrong setup codes. Wait 2 minutes" in said[10].content.decode()
    assert said[-1].status_code == 429
    assert enter(owner, code).status_code == 302
    refused = Event.objects.filter(verb="session.refused", subject_id=person.id)
    assert [each.details for each in refused] == [{"what": "setup_code"}]


@in_one
def test_a_flood_without_cookies_keeps_the_owner_out_nowhere() -> None:
    person = somebody()
    code = signing_in.setup_code(person)
    owner = half_in(person, REMOTE_ADDR="192.0.2.1")
    said = []
    for number in range(4):
        thief = half_in(person, REMOTE_ADDR=f"192.0.2.{number + 10}")
        del thief.cookies["known_browser"]
        said += [enter(thief, WRONG).status_code for _ in range(8)]
    assert said.count(422) == limits.BURSTS[Budget.SETUP_CODE_OF_STRANGERS]
    assert said[-1] == 429
    assert enter(owner, code).status_code == 302


@in_one
def test_nobody_but_who_signed_in_is_asked_for_a_code() -> None:
    assert Client().get(reverse("setup_code"))["Location"] == reverse("sign_in")
    assert enter(Client(), WRONG)["Location"] == reverse("sign_in")
