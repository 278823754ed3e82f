"""Coming in: two factors for whoever can see a case, nobody without an invitation, nobody locked out for good."""

from __future__ import annotations

import datetime
import time

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nowrongdoor.access import guards, viewers
from nowrongdoor.agencies import inviting
from nowrongdoor.agencies.models import Invitation, User
from tests import signing_in
from tests.access import test_doors
from tests.leads import stories

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


def somebody(code: str = "HOTLINE", role: viewers.Role = viewers.Role.COORDINATOR) -> User:
    name = f"{code.lower()}-{role.value}-{time.monotonic_ns()}"
    return User.objects.add(
        name=name, full_name=f"Pat of {code}", agency=stories.agency(code), role=role, password=PASSWORD
    )


def first_step(client: Client, person: User, password: str = PASSWORD) -> object:
    return client.post(reverse("sign_in"), {"login": person.name, "password": password}, follow=True)


def test_password_then_code_lets_in(client: Client) -> None:
    person = somebody()
    secret = signing_in.enrol(person)
    assert "Verify it’s you" in first_step(client, person).content.decode()  # type: ignore[attr-defined]
    assert client.get("/cases").status_code == 302  # half a sign-in is none
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "This code is not right" in wrong.content.decode()
    client.post(reverse("mfa_authenticate"), {"code": signing_in.code(secret)})
    assert client.get("/cases").status_code == 200


def test_a_code_works_once(client: Client) -> None:
    person = somebody()
    secret = signing_in.enrol(person)
    code = signing_in.code(secret)
    first_step(client, person)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get("/cases").status_code == 200
    again = Client()
    first_step(again, person)
    again.post(reverse("mfa_authenticate"), {"code": code})
    assert again.get("/cases").status_code == 302


@pytest.mark.parametrize("role", [role for role in inviting.GIVEN if role.needs_two_factors])
def test_one_factor_opens_no_page_of_any_role_that_needs_two(role: viewers.Role) -> None:
    client = Client()
    client.force_login(somebody(role=role))  # as a password alone would have
    sent = set()  # to the page where a second factor is added
    for path, route in test_doors.ROUTES:
        if guards.guard_of(route.callback) != guards.SIGNED_IN:
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(test_doors.address(path))
            if answer.status_code == 302:
                assert answer["Location"] == reverse("mfa_index"), path
                sent.add(path)
            else:
                assert answer.status_code == 404, path
    assert "mandates" in sent


@pytest.mark.django_db
def test_the_steps_that_somebody_else_took_let_nobody_in(client: Client) -> None:
    one, other = somebody(), somebody()
    signing_in.passed(client, one)
    assert client.get("/worklist").status_code == 200
    session = client.session
    session[f"{guards.STEPS}_user"] = str(other.id)
    session.save()
    assert client.get("/worklist").status_code == 302


def test_everybody_who_opens_cases_keeps_people_or_reads_the_trail_needs_two_factors() -> None:
    others = {viewers.Role.ADMINISTRATOR, viewers.Role.INSPECTOR}
    assert {role for role in viewers.Role if role.needs_two_factors} == viewers.SEES_CASES | others


@pytest.mark.parametrize("change", ["role", "switch", "factor", "everywhere", "password"])
def test_a_change_of_what_somebody_may_do_ends_their_session(client: Client, change: str) -> None:
    person, administrator = somebody(), stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    signing_in.passed(client, person)
    assert client.get("/cases").status_code == 200
    now = timezone.now()
    if change == "role":
        inviting.set_role(person.id, "advocate", by=administrator)
    elif change == "switch":
        inviting.switch(person.id, on="no", by=administrator)
    elif change == "factor":
        inviting.reset_second_factor(person.id, by=administrator, at=now)
    elif change == "everywhere":
        client.post("/sign-out-everywhere")
    else:
        person.set_password("another-long-password")
        person.save(update_fields=["password"])
    assert client.get("/cases")["Location"].startswith("/sign-in")


def test_a_password_is_changed_by_its_owner(client: Client) -> None:
    person = somebody(role=viewers.Role.ANALYST)
    first_step(client, person)
    assert "Change your password" in client.get(reverse("account_change_password")).content.decode()
    sent = {"oldpassword": PASSWORD, "password1": "a-better-long-password", "password2": "a-better-long-password"}
    assert client.post(reverse("account_change_password"), sent).status_code == 302
    assert client.get("/mandates").status_code == 200  # this session goes on
    assert "not correct" in first_step(Client(), person).content.decode()  # type: ignore[attr-defined]
    assert "Mandates" in first_step(Client(), person, "a-better-long-password").content.decode()  # type: ignore[attr-defined]


def test_nobody_signs_up(client: Client) -> None:
    assert client.get("/sign-up").status_code == 404
    assert client.post("/sign-up", {"username": "x", "password1": PASSWORD}).status_code == 404


def test_an_invitation_works_once_and_its_secret_is_not_kept(client: Client) -> None:
    administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    signing_in.sign_in(client, administrator)
    sent = {"name": "nina", "full_name": "Nina New", "role": "advocate"}
    page = client.post("/staff/invite", sent, follow=True).content.decode()
    link = page.partition("http://testserver")[2].partition("<")[0]
    address, _, code = link.partition("#")  # a browser sends no server what comes after it
    assert (address, len(code)) == ("/join", 43)
    assert link not in client.get("/staff").content.decode()  # shown once
    row = Invitation.objects.get()
    assert code.encode() not in bytes(row.digest)
    guest = Client()

    def join(**sent: str) -> int:
        return int(guest.post(address, sent).status_code)

    assert "Nina New" not in guest.get(address).content.decode()
    for pasted in (code, f" {code}\n", f"http://testserver{link}"):
        assert "Nina New" in guest.post(address, {"code": pasted}).content.decode()
    assert join(code=code, password="short", again="short") == 422
    assert join(code=code, password=PASSWORD, again="other-than-that") == 422
    assert join(code=code[:-1], password=PASSWORD, again=PASSWORD) == 404
    assert join(code=code, password=PASSWORD, again=PASSWORD) == 302
    assert join(code=code) == 404
    nina = User.objects.get(name="nina")
    assert (nina.agency.code, nina.role) == ("HOTLINE", "advocate")
    assert "Sign-in settings" in first_step(guest, nina).content.decode()  # type: ignore[attr-defined]


def test_an_invitation_ends_after_three_days() -> None:
    administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    now = timezone.now()
    invited = inviting.invite("late", "Late", "advocate", by=administrator, at=now)
    inviting.open_invitation(invited.secret, at=now + inviting.LASTS - datetime.timedelta(seconds=1))
    with pytest.raises(inviting.NoSuchInvitation):
        inviting.open_invitation(invited.secret, at=now + inviting.LASTS)
    again = inviting.invite("late", "Late", "advocate", by=administrator, at=now)
    with pytest.raises(inviting.NoSuchInvitation):
        inviting.open_invitation(invited.secret, at=now)  # the newer one took its place
    inviting.open_invitation(again.secret, at=now)


def test_an_administrator_keeps_their_own_agency_and_nobody_elses() -> None:
    mine, theirs = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR), somebody("FBI")
    now = timezone.now()
    with pytest.raises(inviting.NoSuchPerson):
        inviting.set_role(theirs.id, "analyst", by=mine)
    with pytest.raises(inviting.NoSuchPerson):
        inviting.switch(theirs.id, on="no", by=mine)
    with pytest.raises(inviting.NoSuchPerson):
        inviting.reset_second_factor(theirs.id, by=mine, at=now)
    assert mine.user_id
    with pytest.raises(inviting.Refused, match="another administrator"):
        inviting.set_role(mine.user_id, "analyst", by=mine)
    assert {person.name for person in inviting.people(mine)} >= {User.objects.get(id=mine.user_id).name}
    assert theirs.name not in {person.name for person in inviting.people(mine)}


def test_the_roles_page_says_what_each_role_may_do(client: Client) -> None:
    signing_in.sign_in(client, stories.person("HOTLINE", viewers.Role.ANALYST))
    page = client.get("/roles").content.decode()
    for role in viewers.Role:
        assert role.sentence.replace("'", "&#x27;") in page
    assert "Accept an offer of the lead" in page
