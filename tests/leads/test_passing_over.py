"""An agency that nobody can answer for is passed over at once, and everybody who must know is told so."""

from __future__ import annotations

import re
import uuid

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agency_actions
from nowrongdoor.agencies import inviting
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import User
from nowrongdoor.audit.models import Event
from nowrongdoor.cases.models import Case, Participant
from nowrongdoor.core import handoff, places
from nowrongdoor.core.intake import row
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import importing, routing
from nowrongdoor.leads import answering, changing
from nowrongdoor.leads.models import Handoff
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals
from nowrongdoor.vault import keys, sealing
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
HSI = "Homeland Security Investigations"


def empty(*codes: str) -> None:
    """Everybody of these agencies is switched off."""
    stories.staff()
    User.objects.filter(agency__code__in=codes).update(is_active=False)


def case_without(*codes: str, **more: str) -> Case:
    """A case that was routed while nobody of these agencies could sign in."""
    empty(*codes)
    contact = signals.Contact(key=uuid.uuid4().hex, channel="call", facts={**stories.FORCED_LABOR, **more})
    asked, hotline = tables.asked(), stories.agency("HOTLINE").id
    receipt = signals.take(contact, asked=asked, receiver_id=hotline, by=None, at=stories.NOON)
    routing.route([receipt.signal_id], at=stories.NOON)
    return Case.objects.get(signals__signal_id=receipt.signal_id)


def passed_over(case: Case) -> list[str]:
    rows = Handoff.passed_over().filter(case=case).order_by("offered_at", "position")
    return list(rows.values_list("to_agency__code", flat=True))


def page_of(case: Case, code: str = "HOTLINE") -> str:
    client = signing_in.sign_in(Client(), stories.person(code))
    return client.get(f"/cases/{case.reference}").content.decode()


def is_answered(code: str) -> bool:
    return agencies.directory()[stories.agency(code).id].is_answered


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"role": viewers.Role.ADVOCATE.value},
        {"role": viewers.Role.ADMINISTRATOR.value},
        {"password": "!unusable"},
        {"password": ""},
    ],
)
def test_who_cannot_answer_for_an_agency(change: dict[str, str | bool]) -> None:
    stories.staff()
    assert is_answered("HSI")
    User.objects.filter(agency__code="HSI").update(**change)
    assert not is_answered("HSI")


def test_a_provider_is_a_way_to_sign_in_and_an_invitation_is_none() -> None:
    assert not is_answered("HSI")
    administrator = stories.person("HSI", viewers.Role.ADMINISTRATOR)
    inviting.invite("new", "New Coordinator", "coordinator", by=administrator, at=stories.NOON)
    assert not is_answered("HSI")
    coordinator = stories.person("HSI")  # has no password
    assert not is_answered("HSI")
    SocialAccount.objects.create(user_id=coordinator.user_id, provider="agency", uid="1")
    assert is_answered("HSI")


def test_the_next_agency_is_asked_at_once_and_case_receipt_and_trail_say_why() -> None:
    case = case_without("HSI")
    assert stories.offer_of(case).to_agency.code == "FBI"
    assert passed_over(case) == ["HSI"]
    assert not Participant.objects.filter(case=case, agency__code="HSI", relation=Participant.Relation.OFFERED).exists()
    assert f"{HSI} was passed over: nobody there can sign in." in page_of(case)
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    receipt = client.get(f"/signals/{case.signals.get().signal.reference}").content.decode()
    assert f"{HSI} was passed over: nobody there can sign in." in receipt
    event = Event.objects.get(verb="case.routed", case_id=case.id)
    assert event.details == {"lead": "HOTLINE", "asked": "FBI", "passed_over": "HSI"}


def test_an_agency_without_an_office_here_is_passed_over_in_words_and_the_lead_is_no_agency_not_asked_yet() -> None:
    """It leaves no hand-off behind, and is named all the same on the case and on the receipt."""
    stories.staff()
    florida = agency_actions.New("CHILD_WELFARE_FL", "CHILD_WELFARE", "Florida", "", "child_welfare", "FL")
    agency_actions.add_missing([florida])
    danger = stories.case({"source": "law_enforcement", "age": "under_18", "urgency": "immediate_danger"})
    police, child_protection = "State, county or local police or sheriff", "State child welfare agency"
    page = " ".join(re.sub(r"<[^>]*>", "", page_of(danger)).split())
    assert f"{police}: passed over: it is not on this system " in page
    assert f"{child_protection}: passed over: the place is not known, so none of its offices can be asked " in page
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    receipt = client.get(f"/signals/{danger.signals.get().signal.reference}").content.decode()
    assert f"{police} was passed over: it is not on this system." in receipt
    assert f"{child_protection} was passed over: the place is not known, so none of its offices" in receipt
    waiting = stories.case({"source": "survivor", "labor": "yes"})
    page = " ".join(re.sub(r"<[^>]*>", "", page_of(waiting)).split())
    assert "National Human Trafficking Hotline: is the lead agency now " in page
    assert "passed over" not in page
    unknown = stories.case({"labor": "yes"})
    assert "passed over" not in page_of(unknown)


def test_in_danger_nobody_waits_for_an_agency_without_people() -> None:
    case = case_without("HSI", urgency="immediate_danger")
    offer = stories.offer_of(case)
    assert offer.to_agency.code == "FBI"
    assert offer.due_at == stories.NOON + handoff.WINDOWS["immediate_danger"]


def test_a_decline_passes_over_the_next_without_people() -> None:
    case = case_without("FBI", "WHD")
    answering.decline(stories.offer_of(case).id, reason="No.", by=stories.person("HSI"), at=stories.NOON)
    assert stories.lead_of(case) == "DOJ_COORDINATOR"
    assert passed_over(case) == ["FBI", "WHD"]
    assert Event.objects.get(verb="offer.declined", case_id=case.id).details["passed_over"] == "FBI, WHD"


def test_an_offer_that_ran_out_passes_over_the_next_without_people() -> None:
    case = case_without("FBI", "WHD")
    offer = stories.offer_of(case)
    assert offer.due_at is not None
    assert answering.expire(offer.id, at=offer.due_at)
    assert stories.lead_of(case) == "DOJ_COORDINATOR"
    assert passed_over(case) == ["FBI", "WHD"]
    assert Event.objects.get(verb="offer.expired", case_id=case.id).details["passed_over"] == "FBI, WHD"


def test_an_agency_that_has_somebody_again_is_asked_again() -> None:
    case, hotline = case_without("HSI"), stories.person("HOTLINE")
    answering.revoke(stories.offer_of(case).id, reason="Ask HSI.", by=hotline, at=stories.NOON)
    changing.ask_next(case.id, by=hotline, at=stories.NOON)
    assert passed_over(case) == ["HSI"]  # still nobody: not written down twice
    answering.revoke(stories.offer_of(case).id, reason="Ask HSI.", by=hotline, at=stories.NOON)
    User.objects.filter(agency__code="HSI").update(is_active=True)
    changing.ask_next(case.id, by=hotline, at=stories.NOON)
    assert stories.offer_of(case).to_agency.code == "HSI"


def test_changed_facts_pass_over_an_agency_without_people() -> None:
    case = case_without("DSS")
    changing.change_facts(
        case.id,
        facts={**stories.FORCED_LABOR, "diplomat_employer": "yes"},
        place=places.Place(),
        seen_version=1,
        because="the employer is a diplomat",
        by=stories.person("HOTLINE"),
        at=stories.NOON,
    )
    assert stories.offer_of(case).to_agency.code == "HSI"
    assert passed_over(case) == ["DSS"]
    assert Event.objects.get(verb="facts.changed", case_id=case.id).details["passed_over"] == "DSS"


def test_a_backstop_that_nobody_answers_for_still_leads_and_it_is_said_loudly() -> None:
    case = case_without("HSI", "FBI", "WHD", "DOJ_COORDINATOR")
    assert stories.lead_of(case) == "DOJ_COORDINATOR"
    assert passed_over(case) == ["HSI", "FBI", "WHD"]
    said = "Nobody at National Human Trafficking Coordinator can be reached here"
    assert said in page_of(case)
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    assert said in client.get(f"/signals/{case.signals.get().signal.reference}").content.decode()
    assert said not in page_of(case_with_everybody())


def case_with_everybody() -> Case:
    User.objects.update(is_active=True)
    case = stories.case(at=stories.NOON)
    for code in ("HSI", "FBI", "WHD"):
        answering.decline(stories.offer_of(case).id, reason="No.", by=stories.person(code), at=stories.NOON)
    assert stories.lead_of(case) == "DOJ_COORDINATOR"
    return case


def test_the_administrator_sees_which_agencies_nobody_answers_for() -> None:
    empty("HSI")
    client = signing_in.sign_in(Client(), stories.person("HSI", viewers.Role.ADMINISTRATOR))
    page = client.get("/routing").content.decode()
    assert HSI in page
    assert "FBI civil rights" not in page
    assert "Offers pass your agency over: nobody there can sign in" in client.get("/staff").content.decode()
    User.objects.filter(agency__code="HSI").update(is_active=True)
    assert "Somebody can answer at every other agency." in client.get("/routing").content.decode()
    assert "Offers pass your agency over" not in client.get("/staff").content.decode()


def test_a_batch_asks_once_who_can_answer() -> None:
    def queries_for(count: int) -> int:
        rows = [row.Row(n, f"{count}-{n}", stories.FORCED_LABOR) for n in range(count)]
        with CaptureQueriesContext(connection) as told:
            importing.take_file(
                rows,
                importing.Source(f"a file of {count}", importing.EqualRows.ASK),
                receiver_id=stories.agency("HOTLINE").id,
                by=None,
                at=stories.NOON,
                progress=lambda done: None,
            )
        assert sum("nwd_answering" in query["sql"] for query in told.captured_queries) == 1
        return len(told)

    empty("HSI")
    assert queries_for(3) == queries_for(40)
    assert Handoff.passed_over().filter(to_agency__code="HSI").count() == 43


def test_whoever_must_be_told_is_told_by_telephone_where_nobody_can_sign_in() -> None:
    child = {"age": "under_18"}
    notice = Duty.notices().get(case=case_without("HHS_OTIP", **child), desk="HHS_OTIP", role="notify")
    assert (stories.owner_of(notice), notice.by_hand) == ("HOTLINE", True)
    User.objects.update(is_active=True)
    notice = Duty.notices().get(case=stories.case({**stories.FORCED_LABOR, **child}), desk="HHS_OTIP", role="notify")
    assert (stories.owner_of(notice), notice.by_hand) == ("HHS_OTIP", False)


@pytest.mark.parametrize("change", [{"state": "declined"}, {"due_at": stories.NOON}, {"kind": "request"}])
def test_nothing_but_an_agency_passed_over_is_born_as_an_offer_that_is_over(change: dict[str, object]) -> None:
    case = stories.case(at=stories.NOON)
    made = {
        "case": case,
        "from_agency": case.lead,
        "to_agency": stories.agency("FBI"),
        "kind": "mandate",
        "state": "superseded",
        "position": 1,
        "why": "a test",
        "facts_version": 1,
        "offered_at": case.opened_at,
        "due_at": case.opened_at,
        "over_at": case.opened_at,
        "reason": keys.of(case.id).seal("a test", sealing.Place("handoff", case.id, "reason", case.lead_id)),
    }
    Handoff.objects.create(**made)
    later = {**made, "offered_at": stories.NOON + handoff.WINDOWS["none"], **change}
    with pytest.raises(IntegrityError, match="starts as an offer"), transaction.atomic():
        Handoff.objects.create(**later)
