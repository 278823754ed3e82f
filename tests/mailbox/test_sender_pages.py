"""The pages on which an agency reads and answers senders."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.cases.models import Case
from nowrongdoor.intake import routing
from nowrongdoor.mailbox import visiting
from tests import signing_in
from tests.leads import stories
from tests.mailbox import senders

NOW = timezone.now


@pytest.fixture
def desk_page(client: Client) -> Client:
    return signing_in.sign_in(client, stories.person("HOTLINE", viewers.Role.ADVOCATE))


@pytest.mark.django_db
def test_what_waits_is_on_the_list_and_reading_it_is_noted(desk_page: Client) -> None:
    sent = senders.send()
    visiting.write(sent.opener, "I moved to Reno.", at=NOW())
    assert "1 new" in desk_page.get("/senders").content.decode()
    page = desk_page.get(f"/senders/{sent.signal.reference.lower()}").content.decode()
    assert "I moved to Reno." in page
    assert "1 new" not in desk_page.get("/senders").content.decode()
    assert visiting.visit(sent.opener, at=NOW()).read_at


@pytest.mark.django_db
def test_a_person_is_written_to_and_a_form_without_words_says_so(desk_page: Client) -> None:
    sent = senders.send()
    address = f"/senders/{sent.signal.reference}"
    refused = desk_page.post(address, {"what": "question", "words": " "})
    assert refused.status_code == 422
    assert refused.context["form"].errors["words"] == ["Write what you want to say or ask."]
    assert desk_page.post(address, {"what": "message", "words": "We found a bed."}).status_code == 302
    assert [post.words for post in visiting.visit(sent.opener, at=NOW()).posts] == ["We found a bed."]
    assert "They opened it" in desk_page.get(address).content.decode()


@pytest.mark.django_db
def test_a_bystander_is_offered_thanks_and_questions_alone(desk_page: Client) -> None:
    sent = senders.send("bystander")
    address = f"/senders/{sent.signal.reference}"
    page = desk_page.get(address).content.decode()
    assert "Tell them nothing else" in page
    assert 'value="message"' not in page
    assert desk_page.post(address, {"what": "message", "words": "It is HSI's case."}).status_code == 422
    assert desk_page.post(address, {"what": "thanks"}).status_code == 302
    assert [post.kind for post in visiting.visit(sent.opener, at=NOW()).posts] == ["thanks"]


@pytest.mark.django_db
def test_another_agency_finds_no_sender(client: Client) -> None:
    sent = senders.send()
    elsewhere = signing_in.sign_in(client, stories.person("HSI"))
    for address in (f"/senders/{sent.signal.reference}", "/senders/K7QM-2XWD-94HT", "/senders/nothing"):
        assert elsewhere.get(address).status_code == 404
        assert elsewhere.post(address, {"what": "thanks"}).status_code == 404
    assert sent.signal.reference not in elsewhere.get("/senders").content.decode()


@pytest.mark.django_db
def test_whoever_reads_the_words_on_the_case_is_seen_to_have_read_them_and_finds_the_sender(desk_page: Client) -> None:
    sent = senders.send()
    (routed,) = routing.route([sent.signal.id], at=NOW())
    assert visiting.visit(sent.opener, at=NOW()).read_at is None
    with row_security.system():
        case = Case.objects.get(id=routed.case_id)
    page = desk_page.get(f"/cases/{case.reference}").content.decode()
    assert senders.WORDS in page
    assert f'href="/senders/{sent.signal.reference}"' in page
    assert visiting.visit(sent.opener, at=NOW()).read_at
    assert (
        f'href="/senders/{sent.signal.reference}"'
        in desk_page.get(f"/signals/{sent.signal.reference}").content.decode()
    )


@pytest.mark.django_db
def test_a_colleague_who_writes_to_no_sender_is_led_to_none(client: Client) -> None:
    sent = senders.send()
    (routed,) = routing.route([sent.signal.id], at=NOW())
    with row_security.system():
        case = Case.objects.get(id=routed.case_id)
    specialist = signing_in.sign_in(client, stories.person("HOTLINE", viewers.Role.VICTIM_SPECIALIST))
    assert "/senders/" not in specialist.get(f"/cases/{case.reference}").content.decode()


@pytest.mark.django_db
def test_a_notification_of_what_a_sender_wrote_leads_to_the_messages(desk_page: Client) -> None:
    visiting.write(senders.send().opener, "I moved to Reno.", at=NOW())
    row = desk_page.get("/notifications").content.decode().partition("wrote again")[2].partition("</tr>")[0]
    assert 'href="/senders"' in row


@pytest.mark.django_db
def test_consent_that_was_taken_back_stands_on_the_case_and_on_the_signal(desk_page: Client) -> None:
    sent = senders.send()
    (routed,) = routing.route([sent.signal.id], at=NOW())
    with row_security.system():
        case = Case.objects.get(id=routed.case_id)
    pages = (f"/cases/{case.reference}", f"/signals/{sent.signal.reference}")
    for path in pages:
        assert "took their consent back" not in desk_page.get(path).content.decode()
    visiting.withdraw(sent.opener, at=NOW())
    for path in pages:
        assert "The sender took their consent back" in desk_page.get(path).content.decode()


@pytest.mark.django_db
def test_what_the_sender_wrote_first_and_their_door_are_on_their_page(desk_page: Client) -> None:
    sent = senders.send()
    assert senders.WORDS in desk_page.get(f"/senders/{sent.signal.reference}").content.decode()


@pytest.mark.django_db
def test_each_look_at_what_a_sender_wrote_is_an_event(desk_page: Client) -> None:
    sent = senders.send()
    for looks in (1, 2):
        desk_page.get(f"/senders/{sent.signal.reference}")
        with row_security.system():
            assert Event.objects.filter(verb="signal.read", subject_id=sent.signal.id).count() == looks
