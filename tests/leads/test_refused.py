"""A form that was refused keeps what somebody wrote: on the page that says why, in a form that can be sent again."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from nowrongdoor.access import viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.cases.models import Case, Note
from nowrongdoor.core import places
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties.models import Duty
from nowrongdoor.leads import answering, changing
from nowrongdoor.signals.models import Signal
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
DANGER = {**stories.FORCED_LABOR, "urgency": "immediate_danger"}
WORDS = "She said: “wait <here>”.\nTwo lines."


def coordinator(code: str) -> Client:
    return signing_in.sign_in(Client(), stories.person(code))


def written(page: str, name: str) -> str:
    """What stands in a page's text field, as a browser reads it."""
    found = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found, page
    return html.unescape(found[1])


def field(page: str, name: str) -> str:
    """What stands in a page's field of one line."""
    found = re.search(rf'<input type="text" name="{name}" value="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


def chosen(page: str, name: str) -> str:
    _, select = re.split(rf'<select name="{name}"[^>]*>', page)
    select = select.partition("</select>")[0]
    (found,) = re.findall(r'<option value="([^"]*)" selected>', select)
    return str(found)


def test_a_reason_for_an_offer_that_is_over_is_shown_again() -> None:
    case = stories.case()
    offer = stories.offer_of(case)
    hsi = coordinator("HSI")
    answering.accept(offer.id, by=stories.person("HSI"), at=stories.NOON)
    answer = hsi.post(f"/offers/{offer.id}/decline", {"reason": WORDS, "back": "/worklist?kind=offer"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("was already accepted. Nothing was changed.") == 2  # at the top, and beside the field
    assert written(page, "reason") == WORDS
    assert 'aria-describedby="unsent-1-reason_error"' in page
    assert '<a href="/worklist?kind=offer">Go back' in page
    assert "The options you picked" not in page


def test_a_note_that_is_too_long_is_shown_again_with_its_audience() -> None:
    case, long = stories.case(), "x" * 20_001
    answer = coordinator("HOTLINE").post(f"/cases/{case.reference}/notes", {"text": long, "audience": "team"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert written(page, "text") == long
    assert '<input type="hidden" name="audience" value="team">' in page
    assert f'action="/cases/{case.reference}/notes"' in page
    assert not Note.objects.exists()


@pytest.mark.parametrize("back", ["//elsewhere.test", "https://elsewhere.test", ""])
def test_the_way_back_leads_nowhere_else(back: str) -> None:
    case = stories.case()
    given = {"text": "x" * 20_001, "back": back}
    page = coordinator("HOTLINE").post(f"/cases/{case.reference}/notes", given).content.decode()
    assert '<a href="/worklist">Go back' in page


def test_how_a_deadline_was_met_is_shown_again_when_somebody_was_first() -> None:
    case = stories.case({"labor": "yes", "age": "under_18", "nationality": "foreign"})
    clock = Duty.deadlines().filter(case=case, agency__isnull=False, done_at=None).first()
    assert clock
    assert clock.agency
    duties.meet(clock.id, how="By letter.", by=stories.person(clock.agency.code), at=stories.NOON)
    page = coordinator(clock.agency.code).post(f"/clocks/{clock.id}/meet", {"how": WORDS}).content.decode()
    assert written(page, "how") == WORDS
    assert page.count("This was already done on") == 2


def test_facts_that_were_changed_meanwhile_keep_both_what_was_typed_and_what_a_colleague_saved() -> None:
    case = stories.case({"labor": "yes", "age": "adult", "means": "yes"})
    hope = stories.person("HOTLINE")
    changing.change_facts(
        case.id,
        facts={"labor": "yes", "age": "under_18", "means": "yes"},
        place=places.read("NY-S"),
        seen_version=1,
        because="A birth certificate.",
        by=hope,
        at=stories.NOON,
    )
    client = coordinator("HOTLINE")
    # This page was opened before: an adult, nowhere yet. Its person says that the coercion is not known after all.
    typed = {"labor": "yes", "age": "adult", "means": "unknown", "nationality": "foreign", "place": ""}
    sent = {**typed, "seen_version": "1", "because": 'He said "no".'}
    answer = client.post(f"/cases/{case.reference}/facts", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("Somebody else changed the facts of this case") == 2
    assert 'value="He said &quot;no&quot;."' in page
    assert {name: chosen(page, name) for name in typed} == {
        "labor": "yes",
        "age": "under_18",
        "means": "unknown",
        "nationality": "foreign",
        "place": "NY-S",
    }
    assert Case.objects.get().facts == {"labor": "yes", "age": "under_18", "means": "yes"}
    version = re.search(r'name="seen_version" value="(\d+)"', page)
    assert version
    again = {name: chosen(page, name) for name in typed} | {"seen_version": version[1], "because": "He said no."}
    assert client.post(f"/cases/{case.reference}/facts", again).status_code == 302
    assert Case.objects.get().facts == {"labor": "yes", "age": "under_18", "nationality": "foreign"}


def test_facts_of_a_case_that_moved_on_are_shown_on_a_page_of_their_own() -> None:
    case = stories.case()
    client = coordinator("HOTLINE")
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    sent = {"labor": "yes", "seen_version": "1", "because": WORDS, "back": f"/cases/{case.reference}"}
    page = client.post(f"/cases/{case.reference}/facts", sent).content.decode()
    assert written(page, "because") == WORDS
    assert "The options you picked are kept, too." in page


def test_why_a_colleague_is_kept_away_is_shown_again() -> None:
    case = stories.case()
    sent = {"person": "", "because": WORDS, "back": f"/cases/{case.reference}/who"}
    answer = coordinator("HOTLINE").post(f"/cases/{case.reference}/exclude", sent)
    assert answer.status_code == 422
    assert field(answer.content.decode(), "because") == WORDS


def test_somebody_who_is_invited_under_a_taken_name_is_not_typed_again() -> None:
    taken = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    assert taken.user_id
    sent = {"name": User.objects.get(id=taken.user_id).name, "full_name": "Nina New", "role": "advocate"}
    page = signing_in.sign_in(Client(), taken).post("/staff/invite", sent).content.decode()
    assert (field(page, "name"), field(page, "full_name")) == (sent["name"], "Nina New")
    assert "Choose another one." in page


@pytest.mark.parametrize("how", ["", " ", "x" * 301])
def test_a_call_that_cannot_be_marked_says_so_beside_its_own_field(how: str) -> None:
    case = stories.case(DANGER)
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    reference = Signal.objects.get().reference
    first, second = Duty.notices().filter(case=case, role="notify").order_by("desk")
    answer = client.post(f"/notices/{second.id}/acknowledge", {"how": how, "signal": reference})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("Write in a few words how it was done") == 2  # at the top, and beside the field
    assert f'<a href="#{second.id}_how">' in page
    assert f'id="{second.id}_how_error"' in page
    field = re.search(rf'<input[^>]*id="{second.id}_how"[^>]*>', page)
    assert field
    assert re.findall(r' value="([^"]*)"', field[0]) == [how] * bool(how)
    assert 'aria-invalid="true"' in field[0]
    assert f"{second.id}_how_error" in field[0]
    other = re.search(rf'<input[^>]*id="{first.id}_how"[^>]*>', page)
    assert other
    assert "aria-invalid" not in other[0]
    assert Duty.notices().get(id=second.id).done_at is None


def test_a_call_that_somebody_else_made_meanwhile_loses_no_word() -> None:
    case = stories.case(DANGER)
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    notice = Duty.notices().get(case=case, desk="EMERGENCY", role="notify")
    duties.acknowledge(notice.id, how="Called.", by=stories.person("HOTLINE"), at=stories.NOON)
    sent = {"how": "Dispatcher 12.", "signal": Signal.objects.get().reference}
    page = client.post(f"/notices/{notice.id}/acknowledge", sent).content.decode()
    assert written(page, "how") == "Dispatcher 12."
    assert "This was already done on" in page


def test_nobody_sees_another_agency_s_receipt_by_naming_it() -> None:
    case = stories.case(DANGER)
    stories.signal(receiver="EEOC")
    theirs = Signal.objects.get(receiver__code="EEOC").reference
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    notice = Duty.notices().get(case=case, desk="EMERGENCY", role="notify")
    assert client.post(f"/notices/{notice.id}/acknowledge", {"how": "", "signal": theirs}).status_code == 404


@pytest.mark.parametrize("wishes", ["", "unknown"])
@pytest.mark.parametrize("urgency", ["", "unknown", "none", "within_24h"])
def test_who_tells_us_is_asked_where_it_decides_and_never_assumed(urgency: str, wishes: str) -> None:
    stories.staff()
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    form = {
        "key": "k",
        "channel": "call",
        "urgency": urgency,
        "wishes": wishes,
        "labor": "yes",
        "narrative": "her words",
    }
    answer = client.post("/signals/new", {**form, "source": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("Choose who is telling us.") == 2
    assert '<a href="#fact-source">' in page
    assert "her words" in page
    assert not Signal.objects.exists()
    assert client.post("/signals/new", {**form, "source": "unknown"}).status_code == 302
    for number, given in enumerate(({"wishes": "services_only"}, {"urgency": "immediate_danger"})):
        assert client.post("/signals/new", {**form, "key": f"k{number}", **given}).status_code == 302


@pytest.mark.parametrize("channel", ["", "system", "import", "pigeon"])
def test_how_somebody_was_reached_is_asked_and_never_assumed(channel: str) -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    assert re.findall(r'name="channel"[^>]*checked', client.get("/signals/new").content.decode()) == []
    answer = client.post("/signals/new", {"key": "k", "channel": channel, "narrative": "her words"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("Choose how they reached you.") == 2
    assert '<a href="#fact-channel_0">' in page
    assert "her words" in page
    assert not Signal.objects.exists()
