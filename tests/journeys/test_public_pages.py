"""The pages that anybody may open, in the browser: without scripts, in English and Spanish, light, dark and in forced
colors, at every width and in both directions; and what a session says before it ends, where there is no script."""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nowrongdoor.access import guards, idle, row_security, sessions
from nowrongdoor.agencies.models import User
from nowrongdoor.core import public_help
from nowrongdoor.site import public
from tests import servers
from tests.journeys import looking
from tests.leads import stories

pytestmark = pytest.mark.journey
PATHS = tuple(f"/{each.pattern}" for each in public.PAGES)
WIDTHS = (320, 390, 1280)
OVER = "document.documentElement.scrollWidth - innerWidth"
Open = Callable[..., BrowserContext]


@pytest.fixture
def visit(live: servers.Web, browser: Browser) -> Iterator[Open]:
    """Opens a browser as a visitor, without scripts unless asked for."""
    opened: list[BrowserContext] = []

    def somebody(locale: str, *, scripts: bool = False) -> BrowserContext:
        context = browser.new_context(
            base_url=f"http://localhost:{live.port}", locale=locale, java_script_enabled=scripts
        )
        opened.append(context)
        return context

    yield somebody
    for each in opened:
        each.close()


@pytest.mark.parametrize("locale", ["en-US", "es-US"])
@pytest.mark.parametrize("look", ["light", "dark", "forced", "rtl"])
def test_every_public_page_is_whole_in_every_look_without_its_scripts(visit: Open, locale: str, look: str) -> None:
    context = visit(locale, scripts=True)  # axe is a script; those of the pages are kept out
    context.route("**/*.js", lambda route: route.abort())
    page = context.new_page()
    page.emulate_media(
        color_scheme="dark" if look == "dark" else "light",
        forced_colors="active" if look == "forced" else "none",
        reduced_motion="reduce",
    )
    wrong: list[str] = []
    for path in (*PATHS, "/nowhere"):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
            assert page.evaluate("document.documentElement.lang").startswith(locale[:2])
            if look == "rtl":
                page.evaluate("document.documentElement.dir = 'rtl'")
            if (over := page.evaluate(OVER)) > 0:
                wrong.append(f"{path} {width}: {over} px too wide")
            looking._picture(page, f"public-{locale[:2]}-{look} {path}", str(width))
        page.evaluate(AXE_SCRIPT)
        wrong += [f"{path}: {each}" for each in page.evaluate(looking.AXE, looking.WCAG)]
    assert wrong == []
    assert context.cookies() == []


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-US", ("Do you need help?", "Leave this page", "Sign in", "About", "Help", "Accessibility", "Privacy")),
        (
            "es-US",
            (
                "¿Necesita ayuda?",
                "Salir de esta página",
                "Iniciar sesión",
                "Acerca de este sitio",
                "Ayuda",
                "Accesibilidad",
                "Privacidad",
            ),
        ),
    ],
)
def test_a_visitor_finds_the_number_the_way_out_and_the_sign_in_without_scripts(
    visit: Open, locale: str, words: tuple[str, ...]
) -> None:
    context = visit(locale)
    page = context.new_page()
    watched = looking.Watched(page)
    page.goto("/")
    heading, leave, sign_in, *pages = words
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.locator('a[href="tel:911"]')).to_be_visible()
    expect(page.get_by_role("link", name=leave)).to_have_attribute("href", public_help.installed().leave)
    foot = page.get_by_role("contentinfo")
    for name in pages:
        foot.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.go_back()
    page.locator("summary").last.click()  # where the numbers come from
    expect(page.get_by_text("humantraffickinghotline.org/en/report-trafficking").first).to_be_visible()
    page.get_by_role("main").get_by_role("link", name=sign_in, exact=True).click()
    expect(page).to_have_url(re.compile("/sign-in$"))
    assert watched.strangers(page) == set()
    assert [each for each in watched.complaints if "scripts" not in each.lower()] == []


def test_one_press_without_scripts_changes_the_language_of_this_and_the_next_page(visit: Open) -> None:
    context = visit("en-US")
    page = context.new_page()
    page.goto("/privacy")
    page.get_by_role("link", name="Español").press("Enter")
    expect(page).to_have_url(re.compile(r"/privacy\?in=es"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Privacidad")
    page.get_by_role("contentinfo").get_by_role("link", name="Accesibilidad").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Declaración de accesibilidad")
    page.get_by_role("link", name="English").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accessibility statement")
    assert context.cookies() == []


def test_with_scripts_the_way_back_does_not_lead_to_the_page_that_somebody_left(visit: Open) -> None:
    context = visit("en-US", scripts=True)
    context.route(
        re.compile(re.escape(public_help.installed().leave)),
        lambda route: route.fulfill(content_type="text/html", body="<h1>Weather</h1>"),
    )
    page = context.new_page()
    page.goto("/about")
    page.goto("/")
    page.keyboard.press("Tab")  # to the content, the name, and then the way out
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Leave this page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Weather")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("/about$"))


def test_the_way_out_stays_in_view_at_the_end_of_a_page(visit: Open) -> None:
    page = visit("en-US").new_page()
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto("/help#more")
    expect(page.get_by_role("heading", name="More questions?")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Leave this page")).to_be_in_viewport(ratio=1)


# --- a session, where there is no script ---


@pytest.fixture
def session_key(live: servers.Web) -> str:
    """A session of somebody who passed both steps, and whose zone is another than the machine's."""
    with row_security.system():
        person = User.objects.get(id=str(stories.person("HOTLINE").user_id))
        client = Client()
        client.force_login(person)
        session = client.session
        steps = [{"method": "password", "at": time.time()}, {"method": "mfa", "at": time.time()}]
        session[guards.STEPS], session[f"{guards.STEPS}_user"] = steps, str(person.id)
        session.save()
        client.post("/language", {"language": "en-us", "time_zone": "Pacific/Honolulu"})
    connection.close()
    return str(session.session_key)


def enter(context: BrowserContext, live: servers.Web, session_key: str) -> Page:
    address = f"http://localhost:{live.port}"
    context.add_cookies([{"name": "sessionid", "value": session_key, "url": address}])
    return context.new_page()


def clicked(session_key: str, ago: datetime.timedelta) -> None:
    """Move the last click of a session back."""
    session = sessions.SessionStore(session_key)
    session[idle.SEEN] = int(time.time() - ago.total_seconds())
    session.save()
    connection.close()


def test_without_scripts_the_page_says_how_long_a_session_lasts_and_what_is_late_is_kept(
    visit: Open, live: servers.Web, session_key: str
) -> None:
    page = enter(visit("en-US"), live, session_key)
    page.goto("/signals/new")
    told = page.locator("noscript p")
    expect(told).to_be_visible()
    expect(told).to_contain_text("You’re signed out after 30 minutes without activity.")
    expect(page.get_by_role("link", name="Help with this page")).to_have_attribute("href", "/help#signals")
    page.get_by_label("What happened, in their words?").fill("She said she can’t leave.")
    page.get_by_label("Phone call").check()
    sessions.SessionStore(session_key).delete()
    connection.close()
    page.get_by_role("button", name="Save and see who leads").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re signed out, and this wasn’t saved")
    expect(page.get_by_label("What happened")).to_have_value("She said she can’t leave.")


def test_with_scripts_the_warning_names_the_time_in_the_persons_own_zone_and_esc_keeps_the_session(
    visit: Open, live: servers.Web, session_key: str
) -> None:
    page = enter(visit("en-US", scripts=True), live, session_key)
    page.clock.install()
    page.goto("/help")
    clicked(session_key, datetime.timedelta(minutes=25, seconds=10))
    page.clock.fast_forward(25 * 60 * 1000)
    warning = page.get_by_role("dialog", name="Do you want to stay signed in?")
    expect(warning).to_contain_text(re.compile(r"signed out at \d+:\d\d.[AP]M HST"))
    expect(page.locator("noscript p")).to_have_count(0)  # is for browsers without scripts
    page.keyboard.press("Escape")
    expect(warning).to_be_hidden()
    assert idle.ends_at(sessions.SessionStore(session_key)) > time.time() + 29 * 60
    connection.close()
