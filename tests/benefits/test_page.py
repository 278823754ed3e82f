"""The page of a person's benefits letters: who opens it, what is noted on it, and what it says of the law."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from django.test import Client

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.benefits import actions
from nowrongdoor.benefits.models import BenefitsLetter, State
from nowrongdoor.cases.models import Participant
from tests import signing_in
from tests.benefits.test_noting import DAY, NUMBER, There, there, there_of
from tests.leads import stories

__all__ = ["there"]
pytestmark = pytest.mark.django_db


def address(there: There) -> str:
    return f"/cases/{there.case.reference}/people/{there.person}/benefits"


@pytest.fixture
def ada(there: There) -> Client:
    return signing_in.sign_in(Client(), there.ada)


def send(somebody: Client, there: There, **sent: str) -> tuple[int, str]:
    answer = somebody.post(address(there), {"which": str(there.person), **sent}, follow=True)
    return answer.status_code, " ".join(answer.content.decode().split())


def letter_of() -> BenefitsLetter:
    with row_security.system():
        return BenefitsLetter.objects.get()


def test_a_letter_is_noted_step_by_step_on_its_page(there: There, ada: Client) -> None:
    assert (
        f'href="{address(there)}"' in ada.get(f"/cases/{there.case.reference}/people/{there.person}").content.decode()
    )
    code, text = send(ada, there, do="request", kind="interim", on=f"{there.today - 3 * DAY}")
    assert (code, "Nothing was sent" in text, "Requested" in text) == (200, True, True)
    which = str(letter_of().id)
    came: Mapping[str, str] = {"do": "came", "which": which, "on": f"{there.today}", "letter_number": NUMBER}
    code, text = send(ada, there, **came, last_on=f"{there.today + 89 * DAY}")
    assert (code, NUMBER in text, "89 days left" in text) == (200, True, True)
    code, text = send(ada, there, do="extend", which=which, last_on=f"{there.today + 119 * DAY}")
    assert (code, "119 days left" in text) == (200, True)
    code, text = send(ada, there, do="strike", which=which)
    assert (code, "Entered by mistake" in text, "days left" in text) == (200, True, False)


def test_an_agency_whose_part_has_ended_sees_to_what_it_noted() -> None:
    there = there_of("EEOC")
    there.came()
    with row_security.system():
        Participant.objects.filter(case=there.case, agency__code="EEOC").update(to_at=there.now)
    somebody = signing_in.sign_in(Client(), there.ada)
    code, text = send(somebody, there, do="strike", which=str(letter_of().id))
    assert (code, "Entered by mistake" in text) == (200, True)


def test_a_letter_that_was_refused_changes_no_help(there: There, ada: Client) -> None:
    actions.request(there.person, "certification", on=there.today, by=there.ada, at=there.now)
    sent = {"do": "end", "which": str(letter_of().id), "on": f"{there.today}"}
    code, text = send(ada, there, **sent)
    assert (code, "Choose what became of it." in text) == (422, True)
    code, text = send(ada, there, **sent, state="refused")
    assert (code, "Your agency’s help goes on as before." in text) == (200, True)
    assert letter_of().state == State.REFUSED


def test_what_was_not_taken_stays_in_its_form(there: There, ada: Client) -> None:
    sent = {"do": "unasked", "kind": "certification", "on": f"{there.today}", "letter_number": NUMBER}
    code, text = send(ada, there, **sent, last_on=f"{there.today + DAY}")
    assert (code, "names no last day" in text, f'value="{NUMBER}"' in text) == (422, True, True)
    assert send(ada, there, **sent)[0] == 200
    assert letter_of().state == State.RECEIVED


def test_a_lasting_letter_is_asked_for_no_last_day(there: There, ada: Client) -> None:
    actions.request(there.person, "certification", on=there.today, by=there.ada, at=there.now)
    text = ada.get(address(there)).content.decode()
    assert f'id="came-{letter_of().id}-on"' in text
    assert f'id="came-{letter_of().id}-last_on"' not in text


def test_only_whoever_helps_the_person_opens_the_page(there: There, ada: Client) -> None:
    assert ada.get(address(there)).status_code == 200
    for viewer in (there.chief, there.agent, there.other):
        somebody = signing_in.sign_in(Client(), viewer)
        assert somebody.get(address(there)).status_code == 404
        assert somebody.post(address(there), {"do": "request", "which": str(there.person)}).status_code == 404
    told = stories.person("WHD", viewers.Role.ADVOCATE)
    assert signing_in.sign_in(Client(), told).get(address(there)).status_code == 404


@pytest.mark.parametrize(
    "sent", [{"do": "request", "which": "nobody"}, {"do": "burn"}, {"do": "came"}, {"do": "strike"}]
)
def test_what_no_form_of_the_page_sends_is_not_found(there: There, ada: Client, sent: Mapping[str, str]) -> None:
    assert send(ada, there, **sent)[0] == 404
    assert send(ada, there, do="request", kind="interim", on=f"{there.today}")[0] == 200


def test_the_page_says_the_law_with_its_citations_and_whom_its_clocks_bind(there: There, ada: Client) -> None:
    text = re.sub(r"<[^>]*>", " ", ada.get(address(there)).content.decode())
    for words in (
        "No letter is made here",
        "may not require a child to cooperate with law enforcement as a condition of the eligibility letter.",
        "22 USC 7105(b)(1)(G)(iv)(III)",
        "22 USC 7105(b)(1)(G)(ii)",
        "These bind that office alone.",
    ):
        assert words in text


def test_what_is_noted_of_letters_is_on_the_trail_as_of_a_person_and_a_look_is_told_to_them(
    there: There, ada: Client
) -> None:
    there.came()
    ada.get(address(there))
    with row_security.system():
        noted = Event.objects.filter(subject_id=there.person).order_by("id")
        assert [each.verb for each in noted][-2:] == ["person.noted", "person.read"]
        assert "letter" not in str([(each.verb, each.details) for each in noted])
