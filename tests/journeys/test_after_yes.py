"""What follows a yes, as people walk it: accepted by mistake and undone without a script; given back; a release asked
for, signed on paper, and withdrawn by telephone."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from nowrongdoor.access import guards, viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.cases import people
from nowrongdoor.leads import answering
from tests import servers
from tests.journeys import looking
from tests.leads import stories

pytestmark = pytest.mark.journey


@pytest.fixture
def enter(live: servers.Web, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a browser in which somebody is signed in, with a script or without."""
    with contextlib.ExitStack() as stack:

        def somebody(viewer: viewers.Viewer, *, scripts: bool = True) -> Page:
            client = Client()
            assert viewer.user_id
            person = User.objects.get(id=viewer.user_id)
            client.force_login(person)
            session = client.session
            session[guards.STEPS] = [
                {"method": "password", "at": time.time()},
                {"method": "mfa", "at": time.time()},
            ]
            session[f"{guards.STEPS}_user"] = str(person.id)
            session.save()
            connection.close()
            context = browser.new_context(base_url=f"http://localhost:{live.port}", java_script_enabled=scripts)
            stack.callback(context.close)
            cookie = {"name": "sessionid", "value": session.session_key, "url": f"http://localhost:{live.port}"}
            context.add_cookies([cookie])  # type: ignore[list-item]
            return context.new_page()

        yield somebody


def test_a_lead_accepted_by_mistake_is_undone_without_a_script_and_one_kept_is_given_back(
    enter: Callable[..., Page],
) -> None:
    hsi = stories.person("HSI")
    case = stories.case(at=timezone.now())
    connection.close()
    page = enter(hsi, scripts=False)
    page.goto("/worklist")
    page.locator("summary", has_text="Accept lead").first.click()
    page.get_by_role("button", name="Accept lead").first.click()
    expect(page.get_by_text(re.compile(r"\d+ s left"))).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. Your agency no longer leads case")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Offer of the lead"))).to_be_visible()

    page = enter(hsi)
    watched = looking.Watched(page)
    page.goto("/worklist")
    page.locator("summary", has_text="Accept lead").first.click()
    page.get_by_role("button", name="Accept lead").first.click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    wrong = looking.look(page, watched, name="worklist-undo")
    page.goto(f"/cases/{case.reference}")
    page.get_by_role("link", name="Give back or pass on").click()
    wrong += looking.look(page, watched, name="pass-on")
    page.get_by_label("Which agency should lead this case?").select_option(str(stories.agency("HOTLINE").id))
    page.get_by_label("Why are you offering it to them?").fill("It belongs to their county.")
    page.get_by_role("button", name="Offer the lead").click()
    expect(page.get_by_text("was asked. Your agency leads until somebody there accepts.")).to_be_visible()
    assert wrong == []


def test_a_release_is_asked_for_signed_on_paper_and_withdrawn_by_telephone(enter: Callable[..., Page]) -> None:
    hsi, hotline = stories.person("HSI"), stories.person("HOTLINE")
    case = stories.case(at=timezone.now())
    person = people.add(
        case.id, {"name": "Zuzana (fictional)", "phone": "+1 555 0100 200"}, by=hotline, at=timezone.now()
    )
    answering.accept(stories.offer_of(case).id, by=hsi, at=timezone.now())
    connection.close()
    sam = enter(hsi)
    watched = looking.Watched(sam)
    sam.goto(f"/cases/{case.reference}/between")
    sam.get_by_text("Ask an agency that this case came from").click()
    sam.get_by_label("Which agency do you ask?").select_option(index=1)
    sam.get_by_label("A way to reach the person").check()
    sam.get_by_label("About whom?").select_option(index=1)
    sam.get_by_label("Why do you need it?").fill("We meet her on Thursday.")
    sam.get_by_role("button", name="Ask", exact=True).click()
    expect(sam.get_by_text("They were asked.")).to_be_visible()
    wrong = looking.look(sam, watched, name="between-asked")

    ada = enter(hotline)
    seen = looking.Watched(ada)
    ada.goto("/worklist?kind=request")
    wrong += looking.look(ada, seen, name="worklist-request")
    ada.get_by_role("link", name=re.compile("Answer")).click()
    expect(ada.get_by_text("No release lets them see this.")).to_be_visible()
    wrong += looking.look(ada, seen, name="between-answer")
    ada.goto(f"/cases/{case.reference}/people/{person}")
    ada.get_by_text("Prepare a release to sign").click()
    form = ada.locator("details", has_text="Prepare a release to sign")
    form.get_by_label("Which agency may see it?").select_option("HSI")
    form.get_by_label("Where the person is and how to reach them").check()
    form.get_by_label(re.compile("What is it for")).fill("So that they can call me.")
    form.get_by_label("In which language does the person read and sign?").select_option("es-us")
    wrong += looking.look(ada, seen, name="release-form")
    form.get_by_role("button", name="Show the paper to sign").click()
    expect(ada.get_by_role("heading", name="Release to sign")).to_be_visible()
    expect(ada.locator(".paper[lang=es-us]")).to_contain_text("Permiso para compartir información sobre mí")
    wrong += looking.look(ada, seen, name="release-paper")
    code = ada.locator(".paper .mono").inner_text()
    ada.get_by_label(re.compile("Code at the foot")).fill(code)
    ada.get_by_label("When was it signed?").fill(timezone.localtime().strftime("%Y-%m-%dT%H:%M"))
    ada.get_by_label("Who was there when it was signed?").fill("The advocate")
    ada.get_by_role("button", name="Save signed release").click()
    expect(ada.get_by_text("Release saved.")).to_be_visible()
    ada.goto(f"/cases/{case.reference}/between")
    ada.get_by_label(re.compile("until")).check()
    ada.get_by_role("button", name="Answer with this release").click()
    expect(ada.get_by_text("By a release that ends")).to_be_visible()
    sam.goto(f"/cases/{case.reference}/people/{person}")
    expect(sam.get_by_text("+1 555 0100 200")).to_be_visible()

    ada.goto(f"/cases/{case.reference}/people/{person}")
    ada.locator("summary", has_text="Revoke this release").click()
    ada.get_by_label("By phone").check()
    ada.get_by_role("button", name="Revoke this release").click()
    expect(ada.get_by_text("revoked by phone")).to_be_visible()
    wrong += looking.look(ada, seen, name="person-revoked")
    sam.reload()
    expect(sam.get_by_text("+1 555 0100 200")).to_have_count(0)
    sam.goto(f"/cases/{case.reference}/close")
    wrong += looking.look(sam, watched, name="close")
    sam.goto(f"/cases/{case.reference}/together")
    wrong += looking.look(sam, watched, name="together")
    assert wrong == []
