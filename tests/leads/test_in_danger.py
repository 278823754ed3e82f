"""Somebody is in danger now: the receipt leads with whom to call, in order, and each call is on the record."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from django.test import Client

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies.models import User
from nowrongdoor.audit.models import Event
from nowrongdoor.cases.models import Case
from nowrongdoor.core.mandates import rules, table
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties.models import Duty
from nowrongdoor.leads import answering
from nowrongdoor.leads.models import Handoff
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
DANGER = {**stories.FORCED_LABOR, "urgency": "immediate_danger"}
CALLS = ["Call 911 now.", "Call the local police dispatcher only if 911 didn’t already reach them."]
BEFORE = [
    "Ask the person first if you can.",
    "If 911 did, don’t call again: write “through 911” below and mark this as done.",
]
KIND = {code: agency.kind for code, agency in table.shipped().agencies.items()}
HELPS = {rules.Kind.SERVICES, rules.Kind.HOTLINE, rules.Kind.CHILD_WELFARE}


def advocate() -> Client:
    stories.staff()
    return signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))


def send(client: Client, facts: Mapping[str, str]) -> str:
    """Fills in the form for a new signal, as a browser does, and gives the receipt's address."""
    answer = client.post("/signals/new", {"key": "k", "channel": "call", "source": "unknown", "place": "", **facts})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def headings(page: str) -> list[str]:
    """Lists what to do about danger: the first entries of the list of next steps."""
    listed = re.findall(r'<h2 class="usa-process-list__heading">\s*(.*?)\s*</h2>', page)
    return [heading for heading in listed if heading.startswith(("Call 911", "Call the local"))]


def test_whoever_calls_hears_what_the_restriction_that_lets_the_call_through_says_of_it() -> None:
    """A police officer may be the suspect: 911 is called all the same and has to hear it; nobody else is told."""
    client = advocate()
    suspect = {"offender": "public_official", "urgency": "immediate_danger", "wishes": "report_agreed"}
    page = client.get(send(client, {**suspect, "source": "survivor"})).content.decode()
    assert headings(page) == CALLS[:1]
    assert "say that the suspect is one of them." in page


def test_the_receipt_leads_with_whom_to_call_and_then_says_who_leads() -> None:
    client = advocate()
    page = client.get(send(client, DANGER)).content.decode()
    assert "<h1>Somebody is in danger: do this now</h1>" in page
    assert headings(page) == CALLS
    told = [words for both in zip(CALLS, BEFORE, strict=True) for words in both]
    order = [page.index(words) for words in (*told, "is the lead agency now.", "The lead was offered to")]
    assert order == sorted(order)
    assert "No other agency is next in line." not in page
    assert page.count("You don’t have to say who the person is.") == 2


def test_each_call_is_marked_as_done_by_whoever_made_it_and_is_on_the_trail() -> None:
    client = advocate()
    receipt = send(client, DANGER)
    for number, desk in enumerate(("EMERGENCY", "LOCAL_POLICE"), start=1):
        notice = Duty.notices().get(desk=desk, role="notify")
        assert f'action="/notices/{notice.id}/acknowledge"' in client.get(receipt).content.decode()
        silent = client.post(f"/notices/{notice.id}/acknowledge", {"how": " ", "back": receipt}, follow=True)
        assert "Write in a few words how it was done" in silent.content.decode()
        assert Event.objects.filter(verb="notice.acknowledged").count() == number - 1
        done = client.post(f"/notices/{notice.id}/acknowledge", {"how": "By telephone.", "back": receipt}, follow=True)
        page = done.content.decode()
        assert "Marked as notified: case " in page
        assert page.count('<span class="usa-tag open">Done</span> by <bdi>Pat of HOTLINE</bdi>') == number
        event = Event.objects.get(verb="notice.acknowledged", subject_id=notice.id)
        assert (event.agency_id, event.case_id) == (stories.agency("HOTLINE").id, notice.case_id)
    assert "<h1>The calls are made</h1>" in client.get(receipt).content.decode()


def test_without_danger_nobody_is_sent_to_the_telephone() -> None:
    client = advocate()
    page = client.get(send(client, stories.FORCED_LABOR)).content.decode()
    assert headings(page) == []
    assert "<h1>The signal is saved</h1>" in page


def test_where_nobody_is_next_the_calls_still_come_first() -> None:
    client = advocate()
    page = client.get(send(client, {"urgency": "immediate_danger"})).content.decode()
    assert headings(page) == CALLS
    assert "No other agency is next in line." not in page


def test_a_call_stays_with_whoever_has_the_person_when_the_lead_moves() -> None:
    case = stories.case(DANGER, at=stories.NOON)
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    first, second = Duty.notices().filter(case=case, role="notify").order_by("desk")
    assert stories.owner_of(first) == "HSI"
    duties.acknowledge(first.id, how="Called.", by=stories.person("HOTLINE", viewers.Role.ADVOCATE), at=stories.NOON)
    with pytest.raises(duties.NoSuchDuty):
        duties.acknowledge(second.id, how="Called.", by=stories.person("FBI"), at=stories.NOON)
    duties.acknowledge(second.id, how="Called.", by=stories.person("HSI"), at=stories.NOON)


def test_the_timeline_names_the_agency_of_whoever_made_the_call() -> None:
    client = advocate()
    case = stories.case(DANGER, at=stories.NOON)
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    hotline = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    names = {"EMERGENCY": hotline, "LOCAL_POLICE": stories.person("HSI")}
    for desk, by in names.items():
        notice = Duty.notices().get(case=case, desk=desk, role="notify")
        assert stories.owner_of(notice) == "HSI"
        duties.acknowledge(notice.id, how="Called.", by=by, at=stories.NOON)
    hsi = signing_in.sign_in(Client(), stories.person("HSI"))
    for page in (each.get(f"/cases/{case.reference}").content.decode() for each in (client, hsi)):
        assert "National Human Trafficking Hotline notified 911 and local emergency services: Called." in page
        assert "Homeland Security Investigations notified State, county or local police or sheriff: Called." in page
        assert "Homeland Security Investigations notified 911" not in page


@pytest.mark.parametrize("source", ["", "unknown", "survivor", "bystander", "hotline"])
@pytest.mark.parametrize("urgency", ["", "none", "immediate_danger"])
def test_a_wish_for_services_only_asks_and_tells_nobody_who_enforces(source: str, urgency: str) -> None:
    client = advocate()
    wish = {**stories.FORCED_LABOR, "wishes": "services_only", "source": source, "urgency": urgency}
    page = client.get(send(client, wish)).content.decode()
    case = Case.objects.get()
    assert stories.lead_of(case) == "HOTLINE"  # it received the case and is first in the chain: nobody is asked
    assert not Handoff.objects.filter(case=case).exists()
    reached = set(Handoff.objects.filter(case=case).values_list("to_agency__desk", flat=True))
    told = set(Duty.notices().filter(case=case).values_list("desk", "rule"))
    calls = {("EMERGENCY", "notify-emergency"), ("LOCAL_POLICE", "notify-local-danger")}
    assert {KIND[desk] for desk in reached | {desk for desk, _ in told - calls}} <= HELPS
    assert told & calls == (calls if urgency == "immediate_danger" else set())
    assert page.count("Say nothing that identifies the person") == (2 if urgency == "immediate_danger" else 0)
    withheld = next(line for line in page.splitlines() if "Not asked or notified: " in line)
    assert "Homeland Security Investigations" in withheld
    assert "Human Trafficking Prosecution Unit" in withheld
    assert "The person wants services only, whoever told us" in page
    shown = client.get(f"/cases/{case.reference}").content.decode()
    assert withheld in shown
    query = "&".join(f"{name}={code}" for name, code in wish.items())
    assert withheld in client.get(f"/mandates/what-if?{query}").content.decode()


def test_somebody_in_need_who_has_not_said_what_they_want_is_with_an_advocate_first() -> None:
    client = advocate()
    page = client.get(send(client, {**stories.FORCED_LABOR, "source": "survivor"})).content.decode()
    case = Case.objects.get()
    assert stories.lead_of(case) == "HOTLINE"
    assert not Handoff.objects.filter(case=case).exists()
    assert {KIND[desk] for desk in Duty.notices().filter(case=case).values_list("desk", flat=True)} <= HELPS
    assert "An advocate talks with them first." in page


def test_the_calls_are_there_when_nobody_else_can_be_reached() -> None:
    client = advocate()
    User.objects.exclude(agency__code="HOTLINE").update(is_active=False)
    receipt = send(client, DANGER)
    page = client.get(receipt).content.decode()
    assert headings(page) == CALLS
    assert "Nobody at National Human Trafficking Coordinator can be reached here" in page
    notice = Duty.notices().get(desk="EMERGENCY", role="notify")
    assert stories.owner_of(notice) == "DOJ_COORDINATOR"  # the duty moved with the lead, to where nobody is
    done = client.post(f"/notices/{notice.id}/acknowledge", {"how": "Called 911.", "back": receipt}, follow=True)
    assert "Marked as notified: case " in done.content.decode()


def test_where_agencies_were_asked_already_the_receipt_says_so_and_promises_no_silence() -> None:
    """A child in danger: the law asked and told others at once, so an advocate must not say that nobody else knows."""
    client = advocate()
    child = {"urgency": "immediate_danger", "age": "under_18", "commercial_sex": "yes", "source": "survivor"}
    page = client.get(send(client, child)).content.decode()
    assert "The lead was offered to" in page
    assert "Ask now: other agencies may already have been asked or notified." in page
    assert "They talk to an advocate first" not in page
    asked = Handoff.objects.get().to_agency
    assert f"Say, too, that {asked.name} was asked to lead it." in page


def test_of_a_person_who_does_not_know_the_receipt_says_to_leave_them_alone() -> None:
    client = advocate()
    page = client.get(send(client, {"source": "proxy", "proxy_knows": "no", "labor": "yes"})).content.decode()
    assert "so don’t get in touch with them. Tell whoever told you that" in page
    assert "Don’t contact the person" in page
    assert "has their case, and that they can change what they want" not in page
    assert "They talk to an advocate first: ask before you tell another agency more." in page


def test_where_nobody_is_next_the_receipt_says_where_the_work_goes() -> None:
    client = advocate()
    sent = {"source": "survivor", "wishes": "services_only"}
    page = client.get(send(client, sent)).content.decode()
    case = Case.objects.get()
    assert f'where you refer them, on <a href="/cases/{case.reference}">the case</a>.' in page


def test_in_spanish_the_receipt_says_whom_to_call_in_spanish() -> None:
    client = advocate()
    child = {"urgency": "immediate_danger", "age": "under_18", "commercial_sex": "yes", "source": "survivor"}
    page = client.get(send(client, child), headers={"accept-language": "es"}).content.decode()
    for words in (*CALLS, *BEFORE, "State, county or local police or sheriff", "State child welfare agency"):
        assert words not in page
    first, second = page.index("Llame al 911 ahora."), page.index("Llame al despacho de la policía local solo si")
    assert first < second
    assert "Se pasó por alto a Policía estatal, del condado o local, o alguacil" in page


def test_in_danger_whom_to_call_comes_before_whom_to_leave_alone() -> None:
    client = advocate()
    page = client.get(send(client, {**DANGER, "source": "proxy", "proxy_knows": "no"})).content.decode()
    assert "Don’t contact the person" not in page
    assert page.index("Call 911 now.") < page.index("so don’t get in touch with them.")


@pytest.mark.parametrize("source", ["bystander", "unknown"])
def test_nobody_who_may_be_a_third_party_is_to_be_told_which_agency_was_asked(source: str) -> None:
    """Whoever tells of somebody else, or says nothing of themselves, may tell the offender what they hear."""
    client = advocate()
    page = client.get(send(client, {**DANGER, "age": "under_18", "commercial_sex": "yes", "source": source})).content
    text = page.decode()
    assert f"{Handoff.objects.get().to_agency.name}</strong>" in text  # somebody was asked, and the advocate knows
    assert "Say, too, that" not in text
    assert ("Don’t say which agency has it" in text) is (source == "bystander")


def test_where_an_office_was_passed_over_because_nobody_knows_where_it_is_the_receipt_asks_where() -> None:
    agencies.add_missing([agencies.New("FL_CHILD", "CHILD_WELFARE", "Child Welfare", "Florida", "child_welfare", "FL")])
    child = {"urgency": "immediate_danger", "age": "under_18", "labor": "yes", "source": "survivor"}
    client = advocate()
    page = client.get(send(client, child)).content.decode()
    assert "the place is not known, so none of its offices can be asked" in page
    assert page.count("Ask where it is") == 1
    placed = client.get(send(client, {**child, "key": "k2", "place": "FL"})).content.decode()
    assert "Ask where it is" not in placed
