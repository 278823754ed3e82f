"""What crosses an agency's border after a yes: requests with an end of their own, releases that say who signed,
and messages by the rules of sharing. Each refusal shares its set-up with the success beside it."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import people
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case
from nowrongdoor.cases.person_models import Person
from nowrongdoor.core.disclosure_grounds import Signer
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import worklist
from nowrongdoor.leads import answering
from nowrongdoor.releases import actions, asking, messaging, models, signing
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
WEEK = datetime.timedelta(days=7)
DETAILS = {"name": "Zuzana Novak", "phone": "+1 555 010 0777"}
WHY = "We meet her on Thursday."


@pytest.fixture
def case() -> Case:
    """A case of HOTLINE that HSI leads, with a person whom HOTLINE wrote down."""
    case = stories.case(at=timezone.now())
    people.add(case.id, DETAILS, by=stories.person("HOTLINE"), at=timezone.now())
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=timezone.now())
    return Case.objects.get(id=case.id)


def person_of(case: Case) -> Person:
    return Person.objects.get(case=case, number=1)


def release(
    case: Case, *, days: int = 7, how: signing.Signing | None = None, parts: tuple[str, ...] = ("location",)
) -> models.Release:
    return actions.keep(
        person_of(case).id,
        recipient_code="HSI",
        which=parts,
        purpose="So that the agent can call.",
        witness="The advocate",
        expires_at=timezone.now() + datetime.timedelta(days=days),
        by=stories.person("HOTLINE"),
        at=timezone.now(),
        how=how or signing.Signing(),
    )


def seen(case: Case, code: str) -> set[str]:
    """Which parts of the person somebody of an agency sees now."""
    viewer = stories.person(code, viewers.Role.VICTIM_SPECIALIST)
    with row_security.looking(viewer):
        found = cases.find(viewer, case.reference)
        return {part.part.value for person in people.shown(viewer, case.id, found.key) for part in person.parts}


def listed(viewer: viewers.Viewer, kind: worklist.Kind) -> list[str]:
    return [each.rule for each in worklist.page(viewer, worklist.Wanted(kind=kind)).entries]


def ask(case: Case, what: str = "contact", **changes: object) -> models.CaseRequest:
    given: dict[str, object] = {
        "to_agency_id": stories.agency("HOTLINE").id,
        "what": what,
        "person_id": person_of(case).id,
        "because": WHY,
        "by": stories.person("HSI"),
        "at": timezone.now(),
        **changes,
    }
    return asking.ask(case.id, **given)  # type: ignore[arg-type]


# Requests


def test_an_open_request_is_on_both_lists_and_what_came_of_it_is_on_the_askers(case: Case) -> None:
    hsi, hotline = stories.person("HSI"), stories.person("HOTLINE")
    asked = ask(case)
    assert listed(hotline, worklist.Kind.REQUEST) == ["request"]
    assert listed(hsi, worklist.Kind.TASK) == ["request-asked"]
    kept = release(case)
    asking.answer(asked.id, release_id=kept.id, by=hotline, at=timezone.now())
    assert listed(hotline, worklist.Kind.REQUEST) == []
    assert listed(hsi, worklist.Kind.TASK) == ["request-answered"]
    assert seen(case, "HSI") == {"location"}
    with pytest.raises(asking.Over):
        asking.refuse(asked.id, reason="Too late.", by=hotline, at=timezone.now())
    verbs = Event.objects.filter(subject_id=asked.id).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["request.asked", "request.answered"]


def test_what_waits_for_an_answer_nobody_marks_as_read(case: Case) -> None:
    hsi = stories.person("HSI")
    ask(case)
    (waiting,) = worklist.page(hsi, worklist.Wanted(kind=worklist.Kind.TASK)).entries
    with pytest.raises(duties.NoSuchDuty):
        duties.acknowledge(waiting.id, how="", by=hsi, at=timezone.now())


def test_a_request_is_refused_with_a_reason_and_withdrawn_by_who_asked(case: Case) -> None:
    hsi, hotline = stories.person("HSI"), stories.person("HOTLINE")
    asked = ask(case)
    with pytest.raises(actions.Refused, match="why you refuse"):
        asking.refuse(asked.id, reason=" ", by=hotline, at=timezone.now())
    with pytest.raises(asking.NoSuchRequest):
        asking.refuse(asked.id, reason="No.", by=hsi, at=timezone.now())
    asking.refuse(asked.id, reason="She doesn’t want to be called.", by=hotline, at=timezone.now())
    assert listed(hsi, worklist.Kind.TASK) == ["request-refused"]
    again = ask(case, "words")
    with pytest.raises(asking.NoSuchRequest):
        asking.withdraw(again.id, by=hotline, at=timezone.now())
    asking.withdraw(again.id, by=hsi, at=timezone.now())
    assert listed(hotline, worklist.Kind.REQUEST) == []
    assert listed(hotline, worklist.Kind.TASK) == ["request-withdrawn"]


def test_only_the_lead_asks_and_only_those_the_case_came_from(case: Case) -> None:
    stories.told(case, "EEOC")
    with pytest.raises(actions.Refused, match="Only the agency that leads"):
        ask(case, by=stories.person("EEOC"))
    with pytest.raises(actions.Refused, match="came from"):
        ask(case, to_agency_id=stories.agency("EEOC").id)
    with pytest.raises(actions.Refused, match="Choose a person"):
        ask(case, person_id=None)
    assert ask(case)
    with pytest.raises(actions.Refused, match="asked for this already"):
        ask(case)


def test_a_way_to_the_person_is_given_by_a_release_or_a_call_and_never_in_words(case: Case) -> None:
    hotline = stories.person("HOTLINE")
    asked = ask(case)
    with pytest.raises(actions.Refused, match="Choose a release in force"):
        asking.answer(asked.id, words="Call 555 010 0777.", by=hotline, at=timezone.now())
    with (
        pytest.raises(IntegrityError, match="given_by_release_or_call"),
        transaction.atomic(),
        row_security.looking(hotline),
    ):
        models.CaseRequest.objects.filter(id=asked.id).update(
            state="answered", over_at=timezone.now(), over_by=hotline.user_id, answer=asked.because
        )
    asking.answer(asked.id, called_at=timezone.now(), by=hotline, at=timezone.now())
    assert seen(case, "HSI") == set()
    assert listed(stories.person("HSI"), worklist.Kind.TASK) == ["request-answered"]


def test_a_release_that_was_withdrawn_by_telephone_answers_nothing_and_shows_nothing_at_once(case: Case) -> None:
    hotline = stories.person("HOTLINE")
    asked, kept = ask(case, "release"), release(case)
    assert seen(case, "HSI") == {"location"}
    actions.revoke(kept.id, way=actions.Way.PHONE, by=hotline, at=timezone.now())
    assert seen(case, "HSI") == set()
    assert models.Release.objects.get(id=kept.id).revoked_how == "phone"
    with pytest.raises(actions.Refused, match="Choose a release in force"):
        asking.answer(asked.id, release_id=kept.id, by=hotline, at=timezone.now())


def test_an_answer_by_a_release_says_when_that_release_is_over(case: Case, client: Client) -> None:
    hsi, hotline = stories.person("HSI"), stories.person("HOTLINE")
    asked, kept = ask(case), release(case)
    asking.answer(asked.id, release_id=kept.id, by=hotline, at=timezone.now())

    def is_over(later: datetime.timedelta) -> bool:
        with row_security.looking(hsi):
            (shown,) = asking.shown(hsi, cases.find(hsi, case.reference), at=timezone.now() + later)
        return shown.is_release_over

    assert [is_over(datetime.timedelta()), is_over(WEEK)] == [False, True]
    signing_in.sign_in(client, hsi)
    page = client.get(f"/cases/{case.reference}/between").content.decode()
    assert page.count("By a release that ends") == 1
    assert "By a release that ended" not in page


def test_the_words_of_an_answer_name_nobody_without_a_release(case: Case) -> None:
    hotline = stories.person("HOTLINE")
    asked = ask(case, "words")
    with pytest.raises(actions.Refused, match="person 1"):
        asking.answer(asked.id, words="Zuzana said they hold her passport.", by=hotline, at=timezone.now())
    asking.answer(asked.id, words="Person 1 said they hold her passport.", by=hotline, at=timezone.now())
    hsi = stories.person("HSI")
    with row_security.looking(hsi):
        (shown,) = asking.shown(hsi, cases.find(hsi, case.reference), at=timezone.now())
    assert shown.answer == "Person 1 said they hold her passport."
    eeoc = stories.person("EEOC")
    stories.told(case, "EEOC")
    with row_security.looking(eeoc):
        assert asking.shown(eeoc, cases.find(eeoc, case.reference), at=timezone.now()) == []


# Releases


def test_a_release_lasts_ninety_days_unless_somebody_says_why(case: Case) -> None:
    with pytest.raises(actions.NotSigned, match="longer than 90 days"):
        release(case, days=100)
    kept = release(case, days=100, how=signing.Signing(longer_because="The trial is in three months."))
    assert kept.longer_because
    assert release(case, days=15)


def test_an_abuser_signs_nothing_with_a_minor_or_for_somebody(case: Case) -> None:
    hotline = stories.person("HOTLINE")
    mother = people.add(case.id, {"name": "Eva Novak"}, by=hotline, at=timezone.now())
    number = Person.objects.get(id=mother).number
    by_mother = signing.Signing(
        signer=Signer.MINOR_AND_PARENT, co_signer_name="Eva Novak, her mother", co_signer_number=number
    )
    with pytest.raises(actions.NotSigned, match="abusing"):
        release(case, how=by_mother)
    signed = signing.Signing(
        signer=Signer.MINOR_AND_PARENT,
        co_signer_name="Eva Novak, her mother",
        co_signer_number=number,
        is_no_abuser=True,
    )
    asked, kept = ask(case, "release"), release(case, how=signed)
    assert seen(case, "HSI") == {"location"}
    assert [each.id for each in asking.releases_for(asked, at=timezone.now())] == [kept.id]
    people.add_role(mother, "offender", from_at=None, to_at=None, by=hotline, at=timezone.now())
    assert seen(case, "HSI") == set(), "what a suspect signed shows nothing from the moment it is known"
    with pytest.raises(actions.Refused, match="Choose a release in force"):
        asking.answer(asked.id, release_id=kept.id, by=hotline, at=timezone.now())
    with pytest.raises(actions.NotSigned, match="on record as a suspect"):
        release(case, how=signed)


def test_the_paper_is_in_the_persons_language_and_its_code_is_of_its_words(case: Case) -> None:
    agreed = signing.Agreed(
        reference=case.reference,
        number=1,
        giver="Hotline",
        recipient="HSI",
        which=["location"],
        purpose="Para que me llamen.",
        until=timezone.now() + WEEK,
        signing=signing.Signing(),
    )
    english, spanish = signing.paper(agreed, "en"), signing.paper(agreed, "es")
    assert spanish.title != english.title
    assert signing.is_code_of(english.code.lower().replace("-", " "), english)
    assert not signing.is_code_of(english.code, spanish)
    assert "Zuzana" not in english.text


# Messages


def write(case: Case, **changes: object) -> models.CaseMessage:
    given: dict[str, object] = {
        "to_agency_id": stories.agency("HSI").id,
        "text": "Person 1 is safe tonight.",
        "for_prosecutors": False,
        "by": stories.person("HOTLINE"),
        "at": timezone.now(),
        **changes,
    }
    return messaging.send(case.id, **given)  # type: ignore[arg-type]


def read(case: Case, viewer: viewers.Viewer) -> list[str]:
    with row_security.looking(viewer):
        return [each.text for each in messaging.shown(viewer, cases.find(viewer, case.reference))]


def test_a_message_is_read_by_its_two_agencies_and_is_on_the_list_of_who_gets_it(case: Case) -> None:
    stories.told(case, "EEOC")
    write(case)
    hsi = stories.person("HSI")
    assert read(case, hsi) == ["Person 1 is safe tonight."]
    assert read(case, stories.person("HOTLINE")) == ["Person 1 is safe tonight."]
    assert read(case, stories.person("EEOC")) == []
    assert listed(hsi, worklist.Kind.TASK) == ["message"]


def test_whoever_was_only_told_of_a_case_may_write_to_its_lead(case: Case) -> None:
    stories.told(case, "EEOC")
    write(case, by=stories.person("EEOC"))
    assert listed(stories.person("HSI"), worklist.Kind.TASK) == ["message"]


def test_a_message_goes_to_nobody_who_takes_no_part(case: Case) -> None:
    with pytest.raises(actions.Refused, match="works on this case"):
        write(case, to_agency_id=stories.agency("EEOC").id)
    stories.told(case, "EEOC")
    assert write(case, to_agency_id=stories.agency("EEOC").id)


def test_a_message_names_nobody_without_a_release_and_may_with_one(case: Case) -> None:
    for text in ("Zuzana is safe.", "NOVAK is safe.", "Call (555) 010-0777."):
        with pytest.raises(actions.Refused, match="person 1"):
            write(case, text=text)
    release(case, parts=("identity",))
    assert write(case, text="Zuzana is safe.")
    with pytest.raises(actions.Refused, match="how to reach"):
        write(case, text="Call (555) 010-0777.")


def test_work_product_goes_between_prosecutors_and_is_read_by_nobody_else_there(case: Case) -> None:
    agencies.add_missing([agencies.New(code, code, code, "Justice", "prosecutor") for code in ("USAO_A", "USAO_B")])
    for code in ("USAO_A", "USAO_B"):
        stories.told(case, code)
    one, other = stories.person("USAO_A"), stories.person("USAO_B")
    to_other = {"to_agency_id": other.agency_id, "by": one, "for_prosecutors": True, "text": "Count 3 is weak."}
    with pytest.raises(actions.Refused, match="office of prosecutors"):
        write(case, **{**to_other, "to_agency_id": stories.agency("HSI").id})
    write(case, **to_other)
    assert read(case, other) == ["Count 3 is weak."]
    assert read(case, stories.person("USAO_B", viewers.Role.VICTIM_SPECIALIST)) == []
    assert read(case, stories.person("HSI")) == []


# Pages


def test_a_release_is_put_on_paper_signed_and_saved_by_the_code_on_it(case: Case, client: Client) -> None:
    signing_in.sign_in(client, stories.person("HOTLINE"))
    person = person_of(case)
    there = f"/cases/{case.reference}/people/{person.id}"
    assert "Prepare a release to sign" in client.get(there).content.decode()
    sent = {
        "recipient": "HSI",
        "part": ["identity"],
        "purpose": "To be called by name",
        "until": (timezone.localdate() + WEEK).isoformat(),
        "signer": "person",
        "language": "en-us",
    }
    paper = client.post(f"{there}/releases", sent)
    assert (paper.status_code, models.Release.objects.count()) == (200, 0)
    (code,) = re.findall(r'nowrap">([0-9A-F]{4}-[0-9A-F]{4})<', paper.content.decode())
    signed = {**sent, "witness": "Her lawyer", "signed_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M")}
    wrong = client.post(f"{there}/releases", {**signed, "code": "0000-0000"})
    assert "This isn’t the code of this paper" in wrong.content.decode()
    other = client.post(f"{there}/releases", {**signed, "purpose": "Anything else", "code": code})
    assert (other.status_code, models.Release.objects.count()) == (422, 0)
    client.post(f"{there}/releases", {**signed, "code": code})
    kept = models.Release.objects.get()
    assert code in client.get(f"/cases/{case.reference}/releases/{kept.id}").content.decode()
    page = client.post(f"/releases/{kept.id}/revoke", {"way": "phone", "back": there}, follow=True)
    assert "revoked by phone" in page.content.decode()


def test_requests_and_messages_have_a_page_with_the_sentence_about_discovery(case: Case, client: Client) -> None:
    there = f"/cases/{case.reference}/between"
    signing_in.sign_in(client, stories.person("HSI"))
    page = client.get(there).content.decode()
    assert "may have to be disclosed to a defendant" in page
    hotline = str(stories.agency("HOTLINE").id)
    asked = {"to": hotline, "what": "contact", "person": str(person_of(case).id), "because": WHY}
    refused = client.post(f"{there}/ask", {**asked, "what": ""})
    assert (refused.status_code, WHY in refused.content.decode()) == (422, True)
    assert "They were asked" in client.post(f"{there}/ask", asked, follow=True).content.decode()
    sent = client.post(f"{there}/send", {"to": hotline, "text": "We call."}, follow=True)
    assert "Message sent" in sent.content.decode()
    row = models.CaseRequest.objects.get()
    signing_in.sign_in(client, stories.person("HOTLINE"))
    assert "No release lets them see this" in client.get(there).content.decode()
    after = client.post(f"/requests/{row.id}/refuse", {"reason": "She said no.", "back": there}, follow=True)
    assert "Refused because: <bdi>She said no.</bdi>" in after.content.decode()
    named = client.post(f"{there}/send", {"to": str(stories.agency("HSI").id), "text": "Zuzana is safe."})
    assert (named.status_code, "Zuzana is safe." in named.content.decode()) == (422, True)


def test_whoever_asks_to_reach_nobody_is_told_at_that_field_how_to_get_somebody_added(
    case: Case, client: Client
) -> None:
    signing_in.sign_in(client, stories.person("HSI"))
    asked = {"to": str(stories.agency("HOTLINE").id), "what": "contact", "person": "", "because": WHY}
    refused = client.post(f"/cases/{case.reference}/between/ask", asked)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert '<a href="#ask-person"' in page
    assert "write it a message and ask it to add the person first." in page
