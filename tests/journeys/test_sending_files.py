"""Somebody adds a picture from their mailbox, in the browser: with scripts and without, and every screen is whole."""

from __future__ import annotations

import pytest
from django.db import connection
from playwright.sync_api import Browser, FilePayload, expect

from nowrongdoor.signals import files
from tests import servers
from tests.journeys import looking
from tests.mailbox import senders
from tests.uploads import files as samples

pytestmark = pytest.mark.journey
PICTURE: FilePayload = {"name": "IMG_0042.jpg", "mimeType": "image/jpeg", "buffer": samples.jpeg()}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_picture_is_added_from_the_mailbox(live: servers.Web, browser: Browser, *, scripts: bool) -> None:
    sent = senders.send("bystander")
    connection.close()
    context = browser.new_context(
        base_url=f"http://localhost:{live.port}", java_script_enabled=scripts, viewport={"width": 320, "height": 800}
    )
    try:
        page = context.new_page()
        watched = looking.Watched(page)
        wrong: list[str] = []

        def look(name: str) -> None:
            watched.forget_answers()
            if scripts:
                wrong.extend(looking.look(page, watched, name=f"files {name}"))

        page.goto("/mailbox")
        page.get_by_role("textbox", name="Your receipt").fill(sent.receipt.digits)
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.get_by_text("Do not send sexual pictures of anybody under 18")).to_be_visible()
        expect(page.get_by_role("radio", name="No")).to_be_checked()
        page.get_by_role("button", name="Add the file").click()
        expect(page.get_by_role("link", name="Choose the file to add.")).to_be_visible()
        look("none chosen")
        page.get_by_label("Picture or document").set_input_files([PICTURE])
        page.get_by_role("radio", name="Yes").check()
        page.get_by_role("button", name="Add the file").click()
        expect(page.get_by_role("status")).to_contain_text("The file was added.")
        expect(page.get_by_text("with the original for an investigator")).to_be_visible()
        look("added")
        assert "\n".join(wrong) == ""
        assert context.cookies() == []
    finally:
        context.close()
    (added,) = files.added(sent.opener.hash)
    assert added.keeps_original
