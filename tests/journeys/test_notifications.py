"""A working day with mail: an urgent offer that nobody opens, in two languages, with the mail server down and up."""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
import re
import time
import zoneinfo
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings

from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import User
from nowrongdoor.outbox.models import Message
from nowrongdoor.site import demonstration
from tests import servers, signing_in
from tests.journeys import furnishing, looking
from tests.leads import stories
from tests.outbox import postbox, sending

pytestmark = pytest.mark.journey
DANGER = {**stories.FORCED_LABOR, "urgency": "immediate_danger"}
MAILED = 150  # seconds: the worker looks each minute


@dataclasses.dataclass
class Running:
    """The real web server and worker, which send to a port at which somebody may or may not listen."""

    web: servers.Web
    mail_port: int


@pytest.fixture
def running(committed_db: None) -> Iterator[Running]:
    port = servers.free_port()
    told = postbox.Postbox(port).environment(NWD_DEMONSTRATION="1")
    with servers.Web(**told) as web, servers.Worker(**told):
        web.wait_until_answering(120)
        yield Running(web, port)


def enter(browser: Browser, running: Running, name: str, locale: str = "en-US") -> Page:
    """Sign in as somebody of the demonstration, through both steps."""
    context = browser.new_context(base_url=f"http://localhost:{running.web.port}", locale=locale)
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(demonstration.PASSWORD)
    page.locator("main button[type=submit], main form button").first.click()
    page.locator("[name=code]").fill(signing_in.code(signing_in.secret_of(User.objects.get(name=name))))
    connection.close()
    page.locator("main form button").first.click()
    expect(page.locator("header .who")).to_contain_text("(fictional)")
    return page


def came(box: postbox.Postbox, subject: str) -> EmailMessage:
    """Wait for a mail with this subject, and return it."""
    until = time.monotonic() + MAILED
    while time.monotonic() < until:
        for mail in box.came:
            if re.search(subject, mail["Subject"]):
                return mail
        time.sleep(0.5)
    raise AssertionError([mail["Subject"] for mail in box.came])


def waits(problem: str) -> None:
    """Wait until a message was tried in vain."""
    until = time.monotonic() + MAILED
    while time.monotonic() < until:
        with row_security.system():
            if Message.objects.filter(problem=problem, over_at=None).exists():
                return
        time.sleep(0.5)
    raise AssertionError(problem)


@pytest.mark.parametrize(("locale", "language"), [("en-US", "en"), ("es-US", "es")])
def test_an_urgent_offer_is_mailed_to_an_address_confirmed_once_the_server_is_up_again(
    browser: Browser, running: Running, locale: str, language: str
) -> None:
    demonstration.fill(at=timezone.now())
    demonstration.come_in(at=timezone.now())
    connection.close()
    words = WORDS[language]
    page = enter(browser, running, "sam", locale)
    watched = looking.Watched(page)
    wrong: list[str] = []
    # An address is written down while the mail server is down: the page says so, and nothing is lost.
    page.goto("/notifications/preferences")
    page.locator("[name=email]").fill("sam@hsi.example.gov")
    page.locator("[name=time_zone]").select_option("America/Chicago")
    page.locator("[name=quiet_from]").select_option("22")
    page.locator("[name=quiet_to]").select_option("7")
    page.get_by_role("button", name=words["save"], exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("sam@hsi.example.gov")
    waits("server_down")
    page.goto("/notifications/preferences")
    expect(page.get_by_text(words["down"])).to_be_visible()
    wrong += looking.look(page, watched, name=f"preferences {language}", skip=words["skip"])
    _picture(page, f"preferences-{language}")
    with postbox.opened(running.mail_port) as box:
        check = came(box, words["check"])
        code = re.search(r"(\d{4} \d{4})", check.get_content())
        assert code
        page.locator("[name=code]").fill(code[1])
        page.get_by_role("button", name=words["confirm"]).click()
        expect(page.get_by_role("status")).to_contain_text(words["confirmed"])
        page.goto("/on-call")
        page.get_by_role("button", name=words["start"]).click()
        expect(page.get_by_text(words["nobody"])).to_be_visible()
        wrong += looking.look(page, watched, name=f"on call {language}", skip=words["skip"])
        _picture(page, f"on-call-{language}")
        # An urgent offer: it is counted on every page, and mailed at once, because nobody is on call.
        case = stories.case(DANGER)
        connection.close()
        mail = came(box, words["offer"])
        assert case.reference not in mail.as_string()
        page.goto("/notifications")
        expect(page).to_have_title(re.compile(r"^\(\d+\+?\) "))
        expect(page.get_by_role("link", name=case.reference)).to_be_visible()
        wrong += looking.look(page, watched, name=f"notifications {language}", skip=words["skip"])
        _picture(page, f"notifications-{language}")
        page.get_by_role("link", name=case.reference).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(case.reference)
    page.context.close()
    assert not wrong, "\n".join(wrong)


def test_an_urgent_offer_that_nobody_opens_goes_to_the_second_on_call_and_then_to_the_next_agency(
    browser: Browser, running: Running, settings: Settings
) -> None:
    """Six minutes of an offer's fifteen are over: the first on call had a third of them."""
    now = timezone.now()
    demonstration.fill(at=now)
    demonstration.come_in(at=now)
    first = stories.person("HSI")
    sam = furnishing.viewer("sam")
    hour = now.astimezone(zoneinfo.ZoneInfo("America/New_York")).hour
    quiet = dataclasses.replace(sending.CHOICE, quiet=(hour, (hour + 3) % 24))  # an escalation comes in them too
    sending.send_to(settings, postbox.Postbox(running.mail_port).environment())
    sending.wants_mail(sam, now, quiet)
    connection.close()
    page = enter(browser, running, "sam")
    page.goto("/on-call")
    page.get_by_role("button", name="Start an on-call list").click()
    for person, step in ((first, "First"), (sam, "Second")):
        page.get_by_label("Who", exact=True).select_option(str(person.user_id))
        page.get_by_label(re.compile(f"^{step}: hears")).check()
        for field, day in (("From", -1), ("Until", 1)):
            local = timezone.localtime(now + datetime.timedelta(days=day), zoneinfo.ZoneInfo("America/New_York"))
            page.get_by_label(field, exact=True).fill(local.strftime("%Y-%m-%dT%H:%M"))
        page.get_by_role("button", name="Add to the list").click()
        expect(page.get_by_role("status")).to_contain_text("Added to the on-call list.")
    with postbox.opened(running.mail_port) as box:
        case = stories.case(DANGER, at=timezone.now() - datetime.timedelta(minutes=6))
        connection.close()
        mail = came(box, "^An offer waits, and nobody at your agency has opened it$")
        assert mail["To"] == sending.ADDRESS
        assert case.reference not in mail.as_string()
    page.goto("/notifications")
    expect(page.get_by_text("An offer waits, and nobody at your agency has opened it.")).to_be_visible()
    expect(page.get_by_role("link", name=case.reference).first).to_be_visible()
    # Nobody opens another one until its time is over: the next agency is asked, and the giver hears of it.
    other = stories.case(DANGER, at=timezone.now() - datetime.timedelta(minutes=16))
    connection.close()
    giver = enter(browser, running, "hope")
    unanswered = giver.locator("main li, main tr", has_text="wasn’t answered in time").filter(has_text=other.reference)
    until = time.monotonic() + MAILED
    while time.monotonic() < until and not unanswered.count():
        giver.goto("/notifications")
        time.sleep(2)
    expect(unanswered.first).to_be_visible()
    assert stories.offer_of(other).to_agency.code != "HSI"
    connection.close()
    for each in (page, giver):
        each.context.close()


WORDS = {
    "en": {
        **{"save": "Save", "down": "The mail server can’t be reached.", "check": "Confirm your email address"},
        **{
            "confirm": "Confirm address",
            "confirmed": "Your email address is confirmed.",
            "start": "Start an on-call list",
        },
        "skip": "Skip to main content",
        **{"nobody": "Nobody is on call now", "offer": r"offer|notification"},
    },
    "es": {
        **{
            "save": "Guardar",
            "down": "No se puede conectar con el servidor de correo.",
            "check": "Confirme su dirección",
        },
        **{"confirm": "Confirmar dirección", "confirmed": "está confirmada", "start": "Empezar una lista de guardia"},
        "skip": "Ir al contenido principal",
        **{"nobody": "Nadie está de guardia ahora", "offer": r"oferta|avisos"},
    },
}


def _picture(page: Page, name: str) -> None:
    if looking.PICTURES:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=pathlib.Path(looking.PICTURES) / f"told-{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})
