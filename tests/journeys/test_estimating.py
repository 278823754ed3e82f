"""An analyst estimates how many people there are: a file goes in, the report comes, and one number is not forced."""

from __future__ import annotations

import pathlib
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from nowrongdoor.access import viewers
from nowrongdoor.core.prevalence import estimating, running
from nowrongdoor.prevalence import reporting
from nowrongdoor.publishing import charts, html
from tests.journeys import looking
from tests.journeys.test_main_job import Join, join  # noqa: F401
from tests.prevalence import published

pytestmark = pytest.mark.journey


def look(page: Page, name: str) -> None:
    watched = looking.Watched(page)
    assert looking.look(page, watched, name=name) == []


def test_an_analyst_gets_a_set_where_one_number_would_be_a_lie_and_may_ask_for_one_by_name(
    join: Join,  # noqa: F811
) -> None:
    mia = join("HHS_OTIP", viewers.Role.ANALYST)
    mia.get_by_role("link", name="Estimates of unseen victims").click()
    expect(mia.get_by_text("None yet.")).to_be_visible()
    look(mia, "none")
    mia.get_by_role("link", name="New estimate").click()
    look(mia, "new")
    mia.get_by_text("Or paste it").click()
    mia.get_by_label("The table", exact=True).fill(published.text("UKdat_5").replace("995", "many"))
    mia.get_by_role("button", name="Estimate").click()
    expect(mia.get_by_text("the count 'many' is not a number")).to_be_visible()
    look(mia, "wrong")
    mia.get_by_label("The table", exact=True).fill(published.text("UKdat_5"))
    mia.locator("summary", has_text="Settings").click()
    mia.get_by_label("Replicates").fill("1000")
    mia.get_by_role("button", name="Estimate").click()
    expect(mia.get_by_text("No single number can be given.")).to_be_visible(timeout=30_000)  # comes by itself
    expect(mia.get_by_role("img")).to_have_count(6)  # none of thresholds, which would show the refused number
    look(mia, "set")
    with mia.expect_download() as saved:
        mia.get_by_role("link", name="PDF", exact=True).click()
    assert pathlib.Path(saved.value.path()).read_bytes().startswith(b"%PDF-1.7")
    mia.get_by_role("button", name="Show one number, in my name").click()
    expect(mia.get_by_text("The report says so.")).to_be_visible()
    expect(mia.get_by_text("One number is shown because Pat of HHS_OTIP asked for it")).to_be_visible(timeout=30_000)
    expect(mia.get_by_role("img")).to_have_count(7)
    look(mia, "one")
    mia.get_by_role("link", name="All estimates").click()
    for box in mia.get_by_role("checkbox").all():
        box.check()
    look(mia, "runs")
    mia.get_by_role("button", name="Compare selected estimates").click()
    expect(mia.get_by_text("All rest on the same table.")).to_be_visible()
    look(mia, "compare")


def test_the_pages_work_without_scripts(join: Join) -> None:  # noqa: F811
    mia = join("HHS_OTIP", viewers.Role.ANALYST)
    plain = mia.context.browser
    assert plain
    context = plain.new_context(
        base_url=re.sub(r"(https?://[^/]+).*", r"\1", mia.url),
        java_script_enabled=False,
        storage_state=mia.context.storage_state(),
    )
    page = context.new_page()
    page.goto("/prevalence/new")
    page.set_input_files(
        "#file", {"name": "lists.csv", "mimeType": "text/csv", "buffer": b"Police,Shelter\n1,1\n1,0\n0,1\n"}
    )
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_text("Two lists cannot show whether they depend on each other.")).to_be_visible()
    page.get_by_label("I know that nobody on one list is more or less likely").check()
    page.get_by_role("button", name="Estimate").click()
    for _ in range(40):
        if not page.get_by_text("Your estimate is in progress.").count():
            break
        page.wait_for_timeout(250)
        page.get_by_role("link", name="Check again").click()
    expect(page.get_by_text("About 4 people, of whom 3 were seen.")).to_be_visible()
    expect(page.get_by_text("You said that the two lists are independent.")).to_be_visible()
    context.close()


def test_a_report_alone_has_nothing_that_axe_minds_and_fits_a_telephone(page: Page, tmp_path: pathlib.Path) -> None:
    run = running.run(published.table("UKdat_5"), estimating.Settings(), replicates=300, seed=5)
    document = reporting.report(run)
    file = tmp_path / "alone.html"
    file.write_text(html.alone(document, {each.name: charts.draw(each) for each in document.pictures}))
    page.goto(file.as_uri())
    assert Axe().run(page).response["violations"] == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
