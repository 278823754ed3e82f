"""The pages of referrals: who may open them, what they do, and that no name of a person reaches a provider's."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.cases import people
from nowrongdoor.referrals.models import Ask, Referral
from tests import signing_in
from tests.leads import stories
from tests.referrals.test_referring import NEED, Place, place, state_of

__all__ = ["place"]
CANARY = "Zenobia Quillfeather"


def form_of(text: str, do: str) -> Mapping[str, str]:
    """Return what the first form that does this sends."""
    form = next(each for each in re.findall(r"<form.*?</form>", text, re.DOTALL) if f'value="{do}"' in each)
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


@pytest.fixture
def ada(place: Place) -> Client:
    return signing_in.sign_in(Client(), place.ada)


@pytest.fixture
def luz(place: Place) -> Client:
    return signing_in.sign_in(Client(), place.luz)


def one_referral() -> Referral:
    with row_security.system():
        return Referral.objects.get()


def refer(ada: Client, place: Place, **more: str) -> str:
    answer = ada.post("/referrals", {"kind": NEED, "service": str(place.shelter), **more}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_somebody_is_referred_from_what_was_found_and_the_service_answers_on_its_page(
    place: Place, ada: Client, luz: Client
) -> None:
    place.count(2)
    text = ada.post("/find-help", {"kind": NEED, "place": "Erie County, NY", "language": "es"}).content.decode()
    assert f'value="{place.shelter}"' in text
    text = refer(ada, place, holds="on")
    for words in (
        "Lantern House: shelter",
        "No other referral here can ask for this bed",
        "+1 555 0100 301",
        "Call now, with the person on the line",
    ):
        assert words in text
    page = luz.get("/asked").content.decode()
    assert one_referral().reference in page
    assert "National Human Trafficking Hotline" in page
    done = luz.post("/asked", form_of(page, "accept"), follow=True)
    assert "Saved: you take them" in done.content.decode()
    with row_security.system():
        assert state_of(Ask.objects.get().id) == "accepted"
    came = {**form_of(done.content.decode(), "came"), "came": "came"}
    assert "Saved." in luz.post("/asked", came, follow=True).content.decode()
    address = f"/referrals/{one_referral().id}"
    closing = {**form_of(ada.get(address).content.decode(), "close"), "outcome": "helped"}
    assert "The referral is closed." in ada.post(address, closing, follow=True).content.decode()
    assert "They got what they needed" in ada.get("/referrals").content.decode()


def test_no_name_reaches_a_page_of_a_provider(place: Place, ada: Client, luz: Client) -> None:
    case = stories.case(at=timezone.now())
    people.add(case.id, {"called": CANARY}, by=place.ada, at=timezone.now())
    assert CANARY in ada.get(f"/cases/{case.reference}").content.decode()
    place.count(1)
    refer(ada, place, holds="on", name=CANARY, reason=CANARY, words=CANARY)
    for address in ("/asked", "/asked/totals", "/cases"):
        assert CANARY not in luz.get(address).content.decode()


def test_one_tap_says_that_as_much_is_free_and_a_wrong_number_says_so(place: Place, luz: Client) -> None:
    place.count(4)
    page = luz.get("/asked").content.decode()
    assert "Free: 4" in page
    assert "see this number now" in luz.post("/asked", form_of(page, "same"), follow=True).content.decode()
    for wrong in ("-1", "1000", "many", ""):
        sent = {**form_of(page, "room"), "free": wrong}
        assert "Write a number from 0 to 999." in luz.post("/asked", sent, follow=True).content.decode()
    assert (
        "see this number now"
        in luz.post("/asked", {**form_of(page, "room"), "free": "0"}, follow=True).content.decode()
    )
    assert "Free: 0" in luz.get("/asked").content.decode()


def test_a_no_needs_a_reason_and_then_another_service_can_be_asked(place: Place, ada: Client, luz: Client) -> None:
    refer(ada, place)
    page = luz.get("/asked").content.decode()
    assert "Choose why not." in luz.post("/asked", form_of(page, "decline"), follow=True).content.decode()
    luz.post("/asked", {**form_of(page, "decline"), "reason": "full"})
    referral = one_referral()
    text = ada.get(f"/referrals/{referral.id}").content.decode()
    assert "No room" in text
    assert 'value="Ask another service"' not in text
    again = {"kind": NEED, "referral": str(referral.id), "is_now": "on"}
    text = ada.post("/find-help", again).content.decode()
    assert f'name="referral" value="{referral.id}"' in text
    assert "Ask this service, or add it to your list" in text
    again = {"kind": NEED, "service": str(place.elsewhere), "referral": str(referral.id)}
    text = ada.post("/referrals", again, follow=True).content.decode()
    assert "This service doesn’t use this system" in text
    assert (
        "Saved: they said yes."
        in ada.post(f"/referrals/{referral.id}", form_of(text, "accept"), follow=True).content.decode()
    )


def test_a_refused_ask_says_why_and_keeps_the_referral(place: Place, ada: Client) -> None:
    place.count(0)
    text = refer(ada, place, holds="on")
    assert "No bed is left" in text
    assert "No service was asked yet." in text


@pytest.mark.parametrize("address", ["/asked", "/asked/totals", "/referrals", "/referrals/{}"])
def test_each_page_is_for_those_whose_it_is(place: Place, address: str) -> None:
    theirs = place.luz if "asked" in address else place.ada
    for who in (place.ada, place.luz, stories.person("HSI", viewers.Role.INVESTIGATOR)):
        status = Client().get(address.format(uuid.uuid4())).status_code
        assert status == 302
        status = signing_in.sign_in(Client(), who).get(address.format(uuid.uuid4())).status_code
        assert status == (200 if who == theirs and "{}" not in address else 404)


@pytest.mark.parametrize("sent", [{}, {"do": "accept"}, {"do": "accept", "which": "x"}, {"do": "else", "which": "0"}])
def test_what_no_form_of_the_page_sends_is_not_found(place: Place, luz: Client, sent: dict[str, str]) -> None:
    assert luz.post("/asked", sent).status_code == 404
    assert luz.post("/asked", {**sent, "which": str(uuid.uuid4())}).status_code == 404
