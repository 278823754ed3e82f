"""Coming in as people do: invited, with a passkey, an app, recovery codes; and whoever has the wrong key stays out."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from nowrongdoor.access import viewers
from nowrongdoor.agencies import inviting
from nowrongdoor.agencies.models import User
from tests import servers, signing_in
from tests.journeys import keys, looking
from tests.leads import stories

pytestmark = pytest.mark.journey
PASSWORD = "four-words-put-together"


@pytest.fixture
def here(live: servers.Web) -> str:
    """The system's address by a name: a passkey is bound to a name, and `localhost` counts as safe without HTTPS."""
    return f"http://localhost:{live.port}"


@pytest.fixture
def page(browser: Browser, here: str) -> Iterator[Page]:
    context = browser.new_context(base_url=here)
    yield context.new_page()
    context.close()


class Walk:
    """Somebody's walk through the pages of signing in, each looked at as it is passed."""

    def __init__(self, page: Page) -> None:
        self.page, self.watched = page, looking.Watched(page)
        self.keys = keys.Keys(page)

    def look(self, name: str) -> None:
        assert looking.look(self.page, self.watched, name=name) == []

    def join(self, *, role: viewers.Role = viewers.Role.ADVOCATE) -> None:
        administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
        invited = inviting.invite("nina", "Nina New", role.value, by=administrator, at=timezone.now())
        connection.close()
        self.page.goto(f"/join#{invited.secret}")
        expect(self.page.get_by_role("heading", name="Welcome")).to_be_visible()
        self.look("join")
        self.page.get_by_label(re.compile("Choose a password")).fill(PASSWORD)
        self.page.get_by_label("Enter the password again").fill(PASSWORD)
        self.page.get_by_role("button", name="Join").click()
        expect(self.page.get_by_text("You can sign in now")).to_be_visible()

    def first_step(self) -> None:
        self.page.goto("/sign-in")
        self.page.get_by_label("Sign-in name").fill("nina")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def add_passkey(self, name: str, *, alone: bool) -> None:
        """From the page on which one is added."""
        self.page.get_by_label("Passkey name").fill(name)
        self.page.get_by_label("Sign me in with this passkey alone").set_checked(alone)
        self.page.get_by_role("button", name="Add passkey").click()
        expect(self.page.get_by_text("Passkey added.")).to_be_visible()

    def say_again(self) -> None:
        expect(self.page.get_by_role("heading", name="Confirm it’s you")).to_be_visible()
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Continue").click()

    def go_back(self) -> None:
        self.page.get_by_role("button", name="Start over").click()
        expect(self.page.get_by_role("heading", name="Sign in")).to_be_visible()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out", exact=True).click()
        expect(self.page.get_by_role("heading", name="Sign in")).to_be_visible()

    def is_in(self) -> None:
        expect(self.page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
        self.page.goto("/cases")
        expect(self.page.get_by_role("heading", name="Cases", exact=True)).to_be_visible()

    def is_out(self) -> None:
        assert self.page.request.get("/cases", max_redirects=0).status == 302


@pytest.fixture
def walk(page: Page) -> Walk:
    return Walk(page)


def test_an_invited_person_adds_a_passkey_and_signs_in_with_it_after_the_password_and_alone(walk: Walk) -> None:
    page = walk.page
    walk.keys.plug()
    walk.join()
    walk.look("sign-in")
    walk.first_step()
    expect(page.get_by_role("heading", name="Sign-in settings")).to_be_visible()
    expect(page.get_by_text("Your role needs one.")).to_be_visible()
    walk.look("security-without-a-factor")
    page.get_by_role("link", name="Add a passkey").click()
    walk.look("add-a-passkey")
    walk.add_passkey("Telephone", alone=True)
    walk.look("say-again-password")
    walk.say_again()  # before the recovery codes are shown
    expect(page.get_by_text("10 of 10 codes are left")).to_be_visible()
    expect(page.locator("#recovery_codes li")).to_have_count(10)
    walk.look("recovery-codes")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download codes").click()
    assert len(download.value.path().read_text().split()) == 10
    walk.is_in()
    walk.sign_out()

    walk.first_step()
    expect(page.get_by_role("heading", name="Verify it’s you")).to_be_visible()
    walk.is_out()  # a password alone is half of it
    walk.look("second-step-passkey")
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_text("Nina New")).to_be_visible()
    walk.is_in()
    walk.sign_out()

    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Nina New")).to_be_visible()
    walk.is_in()


def test_a_second_passkey_is_added_named_and_removed_again(walk: Walk) -> None:
    page = walk.page
    first = walk.keys.plug()
    walk.join()
    walk.first_step()
    page.get_by_role("link", name="Add a passkey").click()
    walk.add_passkey("Telephone", alone=True)
    page.goto("/security")
    walk.look("security-with-a-passkey")
    page.get_by_role("link", name="See your passkeys").click()
    page.get_by_role("link", name="Add a passkey").click()
    walk.say_again()
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_text("You’ve already added this device or key. Use another one.")).to_be_visible()
    walk.look("add-a-passkey-twice")
    walk.keys.unplug(first)
    walk.keys.plug()
    page.reload()
    walk.add_passkey("Key in the safe", alone=False)
    page.goto("/security/passkeys")
    expect(page.get_by_text("After your password", exact=True)).to_be_visible()
    walk.look("passkeys")
    page.get_by_role("link", name="Rename Telephone").click()
    walk.look("rename-a-passkey")
    page.get_by_label("Name").fill("هاتف نينا")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("rowheader", name="هاتف نينا")).to_be_visible()
    page.get_by_role("link", name="Remove هاتف نينا").click()
    walk.look("remove-a-passkey")
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_text("Passkey removed.")).to_be_visible()
    walk.sign_out()
    walk.first_step()
    page.get_by_role("button", name="Use a passkey or security key").click()  # with the second, which is plugged in
    walk.is_in()
    page.goto("/security/passkeys")
    page.get_by_role("link", name="Remove Key in the safe").click()
    walk.say_again()
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_text("You don’t have any passkeys yet.")).to_be_visible()
    walk.sign_out()
    walk.first_step()
    expect(page.get_by_text("Your role needs one.")).to_be_visible()  # none is left: it is asked for again
    walk.is_out()


def test_a_wrong_key_is_refused_in_words_and_opens_nothing(walk: Walk) -> None:
    page = walk.page
    mine = walk.keys.plug()
    walk.join()
    walk.first_step()
    page.get_by_role("link", name="Add a passkey").click()
    walk.add_passkey("Telephone", alone=True)
    (kept,) = walk.keys.kept(mine)
    page.goto("/security")
    walk.sign_out()

    # Somebody else's key, after the right password and alone: the browser itself finds nothing on it.
    walk.keys.unplug(mine)
    other = walk.keys.plug()
    walk.first_step()
    for where in ("Use a passkey or security key", "Sign in with a passkey"):
        page.get_by_role("button", name=where).click()
        expect(page.get_by_text("No passkey was used. It may not be on this device")).to_be_visible()
        walk.look("wrong-key")
        walk.is_out()
        if where.startswith("Use"):
            walk.go_back()

    # A key that claims to be the one that was added, but signs with another secret: the system refuses it.
    forged = {**kept, "privateKey": _another_secret()}
    walk.keys.give(other, forged)
    page.reload()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey was not accepted.").first).to_be_visible()
    walk.look("forged-key-alone")
    walk.is_out()
    walk.first_step()
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_text("This passkey was not accepted.").first).to_be_visible()
    walk.look("forged-key-second-step")
    walk.is_out()
    walk.go_back()

    # The right key in the wrong hands: without the PIN it does not sign.
    for pin, where in (("wrong", "the owner's key, whose PIN they do not know"), ("none", "one that asks for nothing")):
        walk.keys.unplug(other)
        other = walk.keys.plug(pin=pin)
        walk.keys.give(other, kept)
        page.reload()
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("No passkey was used."), where).to_be_visible()
        walk.is_out()

    # Nor does it help to ask the browser for less than the system asked for: the system looks at what was signed.
    walk.first_step()
    page.evaluate("js_data.textContent = js_data.textContent.replace('\"required\"', '\"discouraged\"')")
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_text("This passkey was not accepted.").first).to_be_visible()
    walk.is_out()
    walk.go_back()

    walk.keys.unplug(other)
    right = walk.keys.plug()
    walk.keys.give(right, kept)
    page.reload()
    page.get_by_role("button", name="Sign in with a passkey").click()
    walk.is_in()


def test_an_app_is_added_and_its_codes_and_the_recovery_codes_open_the_second_step(walk: Walk) -> None:
    page = walk.page
    walk.join(role=viewers.Role.COORDINATOR)
    walk.first_step()
    page.get_by_role("link", name="Add an app").click()
    walk.look("add-an-app")
    secret = page.locator("#authenticator_secret").inner_text()
    page.get_by_label("code").fill("000000")
    page.get_by_role("button", name="Add app").click()
    expect(page.get_by_text("This code is not right").first).to_be_visible()
    walk.look("add-an-app-wrong-code")
    assert page.locator("#authenticator_secret").inner_text() == secret  # the app does not have to read it again
    page.get_by_label("code").fill(signing_in.code(secret))
    page.get_by_role("button", name="Add app").click()
    walk.say_again()
    expect(page.locator("#recovery_codes li")).to_have_count(10)  # the page has come
    codes = page.locator("#recovery_codes li").all_inner_texts()
    assert len(set(codes)) == 10
    page.get_by_role("link", name="Get new codes").click()
    walk.look("make-new-codes")
    page.get_by_role("button", name="Get new codes").click()
    expect(page.get_by_text("You have new recovery codes.")).to_be_visible()
    newer = page.locator("#recovery_codes li").all_inner_texts()
    assert not set(newer) & set(codes)
    page.goto("/security")
    walk.look("security-with-an-app")
    walk.sign_out()

    walk.first_step()
    walk.look("second-step-app")
    expect(page.get_by_role("button", name="Use a passkey or security key")).to_have_count(0)  # they have none
    for wrong in ("000000", codes[0]):
        page.get_by_label(re.compile("authenticator app shows")).fill(wrong)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("This code is not right").first).to_be_visible()
    walk.look("second-step-wrong-code")
    page.get_by_label(re.compile("authenticator app shows")).fill(newer[0])
    page.get_by_role("button", name="Continue").click()
    walk.is_in()
    walk.sign_out()
    walk.first_step()
    page.get_by_label(re.compile("authenticator app shows")).fill(newer[0])  # each works once
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This code is not right").first).to_be_visible()
    page.get_by_label(re.compile("authenticator app shows")).fill(newer[1])
    page.get_by_role("button", name="Continue").click()
    page.goto("/security/app/remove")
    walk.say_again()
    walk.look("remove-an-app")
    page.get_by_role("button", name="Remove app").click()
    expect(page.get_by_text("Authenticator app removed.")).to_be_visible()
    expect(page.get_by_text("Your role needs one.")).to_be_visible()


def test_whoever_lost_their_phone_gets_a_setup_code_from_their_administrator_and_goes_on_at_once(
    walk: Walk, browser: Browser, here: str
) -> None:
    """Reset, code, a new app: with the keyboard, from the page on which they were stuck."""
    page = walk.page
    hotline = stories.agency("HOTLINE")
    people = {
        name: User.objects.add(name=name, full_name=full_name, agency=hotline, role=role, password=PASSWORD)
        for name, full_name, role in (
            ("nina", "Nina New", viewers.Role.COORDINATOR),
            ("adam", "Adam Administrator", viewers.Role.ADMINISTRATOR),
        )
    }
    signing_in.enrol(people["nina"])
    secret = signing_in.enrol(people["adam"])
    connection.close()
    context = browser.new_context(base_url=here)
    desk = Walk(context.new_page())
    desk.page.goto("/staff")
    desk.page.get_by_label("Sign-in name").fill("adam")
    desk.page.get_by_label("Password").fill(PASSWORD)
    desk.page.get_by_role("button", name="Sign in", exact=True).click()
    desk.page.get_by_label(re.compile("authenticator app shows")).fill(signing_in.code(secret))
    desk.page.get_by_role("button", name="Continue").click()
    desk.page.get_by_text("Change Nina New").click()
    desk.page.get_by_text("Reset two-factor sign-in").click()
    desk.page.get_by_role("button", name="Sign out and reset").click()
    expect(desk.page.get_by_role("heading", name="Setup code for Nina New (shown only once)")).to_be_visible()
    code = desk.page.locator(".secret").inner_text()
    desk.look("staff-with-a-setup-code")
    desk.page.get_by_text("Change Nina New").click()
    expect(desk.page.get_by_role("button", name="Make a setup code")).to_be_visible()
    context.close()

    walk.first_step()
    expect(page.get_by_text("Your role needs one.")).to_be_visible()
    walk.look("security-without-a-setup-code")
    page.get_by_role("link", name="Enter setup code").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Setup code")).to_be_focused()
    walk.look("setup-code")
    page.get_by_label("Setup code").focus()
    page.keyboard.type("7KQ2-M9TX-4HJD-W8RB")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This setup code doesn’t work").first).to_be_visible()
    walk.watched.forget_answers()
    walk.look("setup-code-wrong")
    page.get_by_label("Setup code").fill(code.lower())
    page.get_by_label("Setup code").press("Enter")
    expect(page.get_by_text("Your setup code is right.")).to_be_visible()
    walk.look("security-with-a-setup-code")
    page.get_by_role("link", name="Add an app").click()
    letters = page.locator("#authenticator_secret").inner_text()
    page.get_by_label("code").fill(signing_in.code(letters))
    page.get_by_role("button", name="Add app").click()
    walk.say_again()
    expect(page.locator("#recovery_codes li")).to_have_count(10)
    walk.is_in()


def test_without_scripts_no_button_promises_a_passkey(browser: Browser, here: str) -> None:
    context = browser.new_context(base_url=here, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    context.close()


def _another_secret() -> str:
    """A private key that belongs to nobody, as the DevTools protocol writes it."""
    made = ec.generate_private_key(ec.SECP256R1())
    der = made.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return base64.b64encode(der).decode()
