"""Who told us, how to reach them, and who else is there: kept only as they said, and only as long."""

from __future__ import annotations

import datetime
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import people
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case
from nowrongdoor.cases.person_models import Person
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import routing
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals import correcting, reaching
from nowrongdoor.signals.models import Signal, Telling
from tests import claims, signing_in
from tests.leads import stories

PAGE = {"channel": "call", "source": "survivor", "narrative": "The foreman keeps our passports."}
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
SAFE = {"reach_safe": "yes", "reach_number": "+1 555 0100 200", "reach_until": "7", "reach_answer": "Wrong number."}


@pytest.fixture
def ada() -> viewers.Viewer:
    return stories.person("HOTLINE", viewers.Role.ADVOCATE)


@pytest.fixture
def page(client: Client, ada: viewers.Viewer) -> Client:
    return signing_in.sign_in(client, ada)


def save(page: Client, **more: str) -> str:
    """The reference of a signal that was saved with these fields."""
    answer = page.post("/signals/new", {**PAGE, "key": uuid.uuid4().hex, **more})
    assert answer.status_code == 302, [str(each) for each in answer.context["form"].errors.values()]
    return str(answer["Location"]).rpartition("/")[2]


def refused(page: Client, **more: str) -> dict[str, list[str]]:
    """What is wrong with these fields, by field."""
    answer = page.post("/signals/new", {**PAGE, **more})
    assert answer.status_code == 422
    assert Signal.objects.count() == 0
    return {name: [str(each) for each in problems] for name, problems in answer.context["form"].errors.items()}


def facts_of(reference: str) -> dict[str, str]:
    return dict(Signal.objects.get(reference=reference).facts)


@pytest.mark.django_db
def test_a_way_back_that_is_safe_is_kept_until_they_said_and_opens_for_the_agency_that_took_it(
    page: Client, ada: viewers.Viewer
) -> None:
    signal = Signal.objects.get(reference=save(page, **SAFE))
    known = reaching.of(signal.id, by=ada, at=timezone.now())
    assert known.way_back == {"reach_number": "+1 555 0100 200", "reach_answer": "Wrong number."}
    assert known.until
    assert abs(known.until - timezone.now() - datetime.timedelta(days=7)) < datetime.timedelta(minutes=5)
    assert "+1 555 0100 200" in page.get(f"/signals/{signal.reference}").content.decode()
    assert b"555" not in bytes(Telling.objects.get().way_back)
    stranger = stories.person("HSI", viewers.Role.ADVOCATE)
    with row_security.looking(stranger):
        assert Telling.objects.count() == 0
    assert reaching.of(signal.id, by=stranger, at=timezone.now()) == reaching.Telling({}, {}, None)


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["no", "silent"])
def test_a_number_that_nobody_said_is_safe_is_not_kept_and_the_page_says_so(page: Client, answer: str) -> None:
    reference = save(page, **{**SAFE, "reach_safe": answer})
    assert bytes(Telling.objects.get().way_back) == b""
    receipt = page.get(f"/signals/{reference}").content.decode()
    assert "wasn’t kept" in receipt
    assert "555" not in receipt


@pytest.mark.django_db
def test_a_number_is_never_kept_in_silence(page: Client) -> None:
    assert list(refused(page, reach_number="+1 555 0100 200")) == ["reach_safe"]
    assert list(refused(page, reach_safe="yes", reach_number="1")) == ["reach_until"]
    assert list(refused(page, reach_safe="yes", reach_until="1")) == ["reach_number"]


@pytest.mark.django_db
def test_a_way_back_ends_by_itself_and_when_they_say_so(page: Client, ada: viewers.Viewer) -> None:
    first, second = (Signal.objects.get(reference=save(page, **SAFE)) for _ in "ab")
    later = timezone.now() + datetime.timedelta(days=7, minutes=1)
    assert reaching.of(first.id, by=ada, at=later).until is None
    assert list(reaching.ended(at=timezone.now())) == []
    assert set(reaching.ended(at=later)) == {first.id, second.id}
    reaching.end(first.id, at=later)
    assert page.post(f"/signals/{second.reference}/way-back/erase").status_code == 302
    assert claims.every(bytes(each.way_back) == b"" for each in Telling.objects.all())
    verbs = set(Event.objects.filter(subject_id__in=[first.id, second.id]).values_list("verb", flat=True))
    assert {"way_back.ended", "way_back.dropped"} <= verbs


@pytest.mark.django_db
def test_who_called_back_is_on_record_by_a_code(page: Client, ada: viewers.Viewer) -> None:
    reference = save(page, **SAFE)
    assert page.post(f"/signals/{reference}/call", {"result": "nobody"}).status_code == 302
    assert page.post(f"/signals/{reference}/call", {"result": "shouted"}).status_code == 422
    (call,) = reaching.returned([Signal.objects.get().id], by=ada)[Signal.objects.get().id]
    assert (call.result, call.by) == ("Nobody answered", ada.name)
    assert "Nobody answered" in page.get("/signals/mine").content.decode()
    stranger = signing_in.sign_in(Client(), stories.person("HSI", viewers.Role.ADVOCATE))
    assert stranger.post(f"/signals/{reference}/call", {"result": "nobody"}).status_code == 404


@pytest.mark.django_db
def test_a_child_who_is_there_is_a_person_with_an_age_and_makes_it_a_childs_case(
    page: Client, ada: viewers.Viewer
) -> None:
    reference = save(
        page,
        source="bystander",
        labor="yes",
        age="adult",
        **{"person-1-called": "Ana", "person-1-role": "victim", "person-1-age": "34"},
        **{"person-2-age": "9", "person-2-role": "victim", "person-2-kind": "relative", "person-2-of": "1"},
    )
    assert facts_of(reference)["age"] == "under_18"
    case = Case.objects.get(signals__reference=reference)
    assert Person.objects.filter(case=case).count() == 2
    with row_security.looking(ada):
        access = case_queries.find(ada, case.reference)
        shown = people.shown(ada, access.case.id, access.key)
    ages = [dict(each.parts[0].details or ())["Age, or a guess"] for each in shown]
    assert ages == ["34", "9"]
    assert [[role.role for role in each.roles] for each in shown] == [["victim"], ["victim"]]
    assert [(each.kind, each.other) for each in shown[1].relations] == [("relative", 1)]
    told = set(Duty.notices().filter(case=case).values_list("desk", flat=True))
    alone = stories.case({"source": "bystander", "labor": "yes", "age": "adult"})
    assert told - set(Duty.notices().filter(case=alone).values_list("desk", flat=True)), "a child brings duties"


@pytest.mark.django_db
def test_a_suspect_who_is_a_minor_makes_no_childs_case(page: Client) -> None:
    person = {"person-1-age": "16", "person-1-role": "offender"}
    assert "age" not in facts_of(save(page, labor="yes", **person))


@pytest.mark.django_db
def test_people_of_a_signal_that_the_worker_routes_stand_as_they_were_told(ada: viewers.Viewer) -> None:
    contact = signals.Contact(
        key="later",
        channel="call",
        facts=stories.FORCED_LABOR,
        people=({"age": "34"}, {"age": "9", "role": "victim", "kind": "relative", "of": "1"}),
    )
    receipt = signals.take(contact, asked=tables.asked(), receiver_id=ada.agency_id, by=ada.user_id, at=timezone.now())
    (routed,) = routing.route([receipt.signal_id], at=timezone.now())
    with row_security.looking(ada):
        access = case_queries.find(ada, Case.objects.get(id=routed.case_id).reference)
        shown = people.shown(ada, access.case.id, access.key)
    assert [(each.kind, each.other) for each in shown[1].relations] == [("relative", 1)]


@pytest.mark.django_db
def test_people_of_a_further_signal_come_after_those_who_are_there(page: Client, ada: viewers.Viewer) -> None:
    first = save(page, labor="yes", **{"person-1-age": "34"})
    case = Case.objects.get(signals__reference=first)
    more = {"person-1-called": "Jo", "person-2-age": "40", "person-2-kind": "partner", "person-2-of": "1"}
    save(page, case=case.reference, narrative="More.", **more)
    with row_security.looking(ada):
        access = case_queries.find(ada, case.reference)
        shown = people.shown(ada, access.case.id, access.key)
    assert [each.number for each in shown] == [1, 2, 3]
    assert [(each.kind, each.other) for each in shown[2].relations] == [("partner", 2)]


@pytest.mark.django_db
def test_a_relation_to_nobody_is_asked_about(page: Client) -> None:
    assert list(refused(page, **{"person-1-age": "9", "person-1-kind": "sibling"})) == ["person-1-of"]
    assert list(refused(page, **{"person-1-age": "nine"})) == ["person-1-age"]


@pytest.mark.django_db
def test_the_wish_of_a_person_who_does_not_know_is_not_agreed_to_for_them(page: Client) -> None:
    proxy = {"source": "proxy", "proxy_knows": "no", "labor": "yes"}
    assert list(refused(page, **proxy, wishes="report_agreed", wish_police="yes")) == ["wishes", "wish_police"]
    reference = save(page, **proxy, proxy_police="no")
    assert facts_of(reference)["wish_police"] == "no"
    assert "wishes" not in facts_of(reference)
    assert "Does the person know that you’re being told?" in page.get(f"/signals/{reference}").content.decode()


@pytest.mark.django_db
def test_a_proxy_who_says_that_children_are_there_brings_their_duties(page: Client) -> None:
    assert facts_of(save(page, source="proxy", labor="yes", proxy_children="yes"))["age"] == "under_18"


@pytest.mark.django_db
def test_a_contact_of_which_nothing_is_said_is_asked_about_and_may_be_saved(page: Client) -> None:
    nothing = {"narrative": " ", "source": "unknown"}
    problems = refused(page, **nothing)
    assert list(problems) == ["__all__"]
    assert "a silent call can be a sign" in problems["__all__"][0]
    assert save(page, **nothing, is_empty="on")


@pytest.mark.django_db
def test_the_page_beside_says_who_would_lead_what_they_want_and_what_follows(page: Client) -> None:
    key = str(uuid.uuid4())
    sent = {
        **PAGE,
        "key": key,
        "labor": "yes",
        "nationality": "foreign",
        "wish_police": "no",
        "wishes": "report_agreed",
        "person-1-age": "9",
    }
    part = page.post("/signals/drafts", sent, headers={"HX-Request": "true"}).content.decode()
    assert "would be asked to lead" in part
    assert "A child is there" in part
    assert "police may not be told" in part
    shown = part.split('name="shown" value="')[1].split('"')[0]
    again = page.post("/signals/drafts", {**sent, "seen": "1", "shown": shown}, headers={"HX-Request": "true"})
    assert "would be asked to lead" not in again.content.decode(), "what is shown already isn’t read out again"


@pytest.mark.django_db
def test_yes_or_no_answers_are_kept_one_by_one_and_lead_to_the_same_facts(page: Client) -> None:
    key = str(uuid.uuid4())
    began = page.post("/signals/drafts", {"key": key, "next": "listening"})
    here = str(began["Location"])
    assert here.endswith("/listening")
    answers = {
        "urgency:immediate_danger": "no",
        "urgency:within_24h": "yes",
        "source:survivor": "yes",
        "wishes:services_only": "no",
        "wishes:report_agreed": "nothing",
        "wish_police:yes": "no",
        "age:under_18": "yes",
        "labor:yes": "yes",
    }
    asked = []
    for _ in range(60):
        shown = page.get(here)
        ask = shown.context["ask"]
        if ask is None:
            break
        code = f"{ask.name}:{ask.code}"
        asked.append(code)
        answer = answers.get(code, "nothing")
        hidden = {"name": ask.name, "code": ask.code, "seen": str(shown.context["kept"].version)}
        assert hidden.items() <= dict(HIDDEN.findall(shown.content.decode())).items()
        assert page.post(here, {**hidden, "answer": answer}).status_code == 302
    assert len(asked) == len(set(asked)), "nothing is asked twice"
    assert asked[0] == "urgency:immediate_danger"
    draft = page.get(here.removesuffix("/listening"))
    form = draft.context["form"]
    said_no = [value for name, value in HIDDEN.findall(draft.content.decode()) if name == "refused"]
    assert said_no[:2] == ["urgency:immediate_danger", "wishes:services_only"]
    told = {"urgency": "within_24h", "source": "survivor", "wish_police": "no", "age": "under_18", "labor": "yes"}
    assert form.given == told
    wrong = {"name": "age", "code": "under_18", "answer": "maybe", "seen": "1"}
    assert page.post(here, wrong).status_code == 400
    assert page.post(here, {**wrong, "name": "shoe_size", "code": "large", "answer": "yes"}).status_code == 400
    assert page.post(here, {**wrong, "answer": "yes", "seen": "x"}).status_code == 400


@pytest.mark.django_db
def test_a_signal_is_corrected_by_who_took_it_and_the_earlier_words_stay(page: Client, ada: viewers.Viewer) -> None:
    reference = save(page, labor="yes")
    signal = Signal.objects.get(reference=reference)
    fix = {"narrative": "The foreman keeps hers alone.", "because": "I misheard.", "seen": "0"}
    assert page.post(f"/signals/{reference}/correct", fix).status_code == 302
    late = page.post(f"/signals/{reference}/correct", {**fix, "narrative": "Older."})
    assert late.status_code == 422
    assert "Older." in late.content.decode()
    with row_security.looking(ada):
        access = case_queries.find(ada, Case.objects.get().reference)
        (shown,) = case_queries.signals(ada, access.case.id)
    assert shown.narrative == "The foreman keeps hers alone."
    assert [each.text for each in shown.versions] == [PAGE["narrative"]]
    colleague = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    with pytest.raises(correcting.NotTheirs):
        correcting.correct(signal.id, narrative="Mine.", because="x", seen=1, by=colleague, at=timezone.now())
    in_error = {"because": "It was a test.", "seen": "1"}
    assert page.post(f"/signals/{reference}/in-error", in_error).status_code == 302
    with row_security.looking(ada):
        (shown,) = case_queries.signals(ada, access.case.id)
    assert (shown.is_error, shown.narrative, len(shown.versions)) == (True, "", 2)
    assert "entered in error" in page.get(f"/cases/{access.case.reference}?tab=story").content.decode()


@pytest.mark.django_db
def test_my_contacts_are_mine_and_say_what_is_open(page: Client, ada: viewers.Viewer) -> None:
    reference = save(page, labor="yes", urgency="immediate_danger")
    colleague = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    (row,) = page.get("/signals/mine").context["rows"]
    assert (row.reference, row.is_urgent, row.open_steps > 0) == (reference, True, True)
    assert list(colleague.get("/signals/mine").context["rows"]) == []
