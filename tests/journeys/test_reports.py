"""A report to law enforcement as people walk it, without a script: said aloud first, written, reviewed by somebody
else, sent, confirmed by their number, and told back to the agencies of the case."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from nowrongdoor.access import guards, viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.core import reference
from nowrongdoor.protocols import library
from tests import servers
from tests.journeys import looking
from tests.leads import stories
from tests.protocols import test_reporting

pytestmark = pytest.mark.journey
Enter = Callable[[viewers.Viewer], Page]


@pytest.fixture
def enter(live: servers.Web, browser: Browser) -> Iterator[Enter]:
    """Opens a browser without scripts in which somebody is signed in."""
    with contextlib.ExitStack() as stack:

        def somebody(viewer: viewers.Viewer) -> Page:
            client = Client()
            assert viewer.user_id
            person = User.objects.get(id=viewer.user_id)
            client.force_login(person)
            session = client.session
            session[guards.STEPS] = [{"method": each, "at": time.time()} for each in ("password", "mfa")]
            session[f"{guards.STEPS}_user"] = str(person.id)
            session.save()
            connection.close()
            context = browser.new_context(base_url=f"http://localhost:{live.port}", java_script_enabled=False)
            stack.callback(context.close)
            cookie = {"name": "sessionid", "value": session.session_key, "url": f"http://localhost:{live.port}"}
            context.add_cookies([cookie])  # type: ignore[list-item]
            return context.new_page()

        yield somebody


def test_a_report_is_said_aloud_written_reviewed_sent_confirmed_and_told_back(enter: Enter) -> None:
    writer, supervisor = stories.person("HOTLINE", viewers.Role.ADVOCATE), stories.person("HOTLINE")
    sheriff = test_reporting.kept(supervisor)
    library.prove(sheriff, by=supervisor, at=timezone.now())
    case = stories.case(test_reporting.AGREED, state="NV")
    stories.told(case, "WHD")
    other = stories.person("WHD")
    page, over = enter(writer), enter(supervisor)
    page.goto(f"/cases/{case.reference}")
    page.get_by_role("link", name="Write a report").click()
    expect(page.get_by_text("If you want, I can report this to local police or the sheriff.")).to_be_visible()
    page.get_by_role("button", name="Save report").click()
    expect(page.get_by_role("alert").first).to_contain_text("Choose who gets it.")
    page.get_by_label("police 1 (fictional)").check()
    page.get_by_label("What was seen or heard, and by whom").fill("She called.")
    page.get_by_role("button", name="Save report").click()
    expect(page.get_by_text("Waits for review").first).to_be_visible()
    address = page.url
    over.goto("/reports")
    over.get_by_role("link", name="police 1 (fictional)").click()
    expect(over.locator("p.words bdi").first).to_have_text("She called.")
    over.get_by_role("button", name="Approve this report").click()
    expect(over.get_by_text("Ready to send").first).to_be_visible()
    page.goto(address)  # their first choice is chosen already
    page.get_by_label("By phone").check()
    page.get_by_role("button", name="Mark as sent").click()
    expect(page.get_by_text("Sent, not confirmed").first).to_be_visible()
    page.get_by_text("They have it: add their report number").click()
    page.get_by_role("button", name="Save confirmation").click()
    expect(page.get_by_role("alert").first).to_contain_text("Enter their report number")
    page.get_by_label("Their report number").fill("26-118")
    page.get_by_role("button", name="Save confirmation").click()
    expect(page.get_by_text("26-118")).to_be_visible()
    page.get_by_text("Add what they say").click()
    page.get_by_label("The person is safe").check()
    page.locator("form[action$=outcome] button").click()
    expect(page.locator("main")).to_contain_text("The person is safe (Local police or sheriff)")
    theirs = enter(other)
    theirs.goto(f"/cases/{case.reference}")
    expect(theirs.locator("main")).to_contain_text("The person is safe (Local police or sheriff)")
    expect(theirs.locator("main")).not_to_contain_text("She called.")
    assert theirs.goto(address).status == 404  # type: ignore[union-attr]


def test_what_is_refused_is_a_whole_page_too(enter: Enter, live: servers.Web, browser: Browser) -> None:
    supervisor = stories.person("HOTLINE")
    test_reporting.kept(supervisor)
    case = stories.case(test_reporting.SERVICES_ONLY, state="NV")
    early = reference.of(stories.signal(test_reporting.AGREED, state="NV").signal_id)
    page = enter(supervisor)
    page.goto("/protocols")
    page.get_by_text("Add a recipient").click()
    page.get_by_role("button", name="Add recipient").click()
    expect(page.get_by_role("alert").first).to_contain_text("Enter the agency’s name.")
    page.goto(f"/cases/{case.reference}/report")
    expect(page.get_by_text("Nobody in the library may be told of this now.")).to_be_visible()
    expect(page.get_by_text("May not tell").first).to_be_visible()
    with contextlib.closing(browser.new_context(base_url=f"http://localhost:{live.port}")) as context:
        context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
        seen = context.new_page()
        watched = looking.Watched(seen)
        for name, address in (("nobody", f"/cases/{case.reference}/report"), ("early", f"/signals/{early}/report")):
            seen.goto(address)
            expect(seen.locator("h1")).to_be_visible()
            assert looking.look(seen, watched, name=f"report-{name}") == []
