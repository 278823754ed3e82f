"""The worklist: what is on it, how it is narrowed and sorted, who has what, and whose searches are whose."""

from __future__ import annotations

import itertools
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import inviting
from nowrongdoor.agencies.models import User
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import need_to_know
from nowrongdoor.cases.models import Case
from nowrongdoor.core import places
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import assigning, searches, worklist
from nowrongdoor.duties.models import Duty, Entry
from nowrongdoor.duties.worklist import Due, Has, Kind, Sort, Urgency, Wanted
from nowrongdoor.leads import answering, changing
from tests import claims, signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
FACTS = stories.FORCED_LABOR


def listed(viewer: viewers.Viewer, wanted: Wanted = Wanted()) -> list[worklist.Entry]:  # noqa: B008  a frozen value
    """Everything on a list, page after page."""
    found: list[worklist.Entry] = []
    cursor = None
    while True:
        with row_security.looking(viewer):
            page = worklist.page(viewer, wanted, cursor=cursor)
        found += page.entries
        if page.next is None:
            return found
        cursor = worklist.read_cursor(page.next)


def leads(viewer: viewers.Viewer) -> list[str]:
    return [entry.case_reference for entry in listed(viewer, Wanted(kind=Kind.LEAD))]


def test_what_an_agency_leads_is_on_its_list_until_another_leads_it_or_it_is_closed() -> None:
    case, hotline, hsi = stories.case(), stories.person("HOTLINE"), stories.person("HSI")
    assert (leads(hotline), leads(hsi)) == ([case.reference], [])
    (waiting,) = listed(hotline, Wanted(kind=Kind.LEAD))
    assert (waiting.asked, waiting.asked_until) == (stories.agency("HSI").name, stories.offer_of(case).due_at)
    answering.accept(stories.offer_of(case).id, by=hsi, at=stories.NOON)
    assert (leads(hotline), leads(hsi)) == ([], [case.reference])
    changing.close(case.id, because="She is home.", by=hsi, at=stories.NOON)
    assert leads(hsi) == []


def test_a_lead_that_fell_to_a_backstop_is_on_its_list() -> None:
    """In 0.2.0 nobody was told of it: no offer, no deadline, nothing on any list."""
    case = stories.case()
    while case.lead.code != "DOJ_COORDINATOR":
        offer = stories.offer_of(case)
        answering.decline(offer.id, reason="No agents.", by=stories.person(offer.to_agency.code), at=stories.NOON)
        case = Case.objects.select_related("lead").get(id=case.id)
    assert leads(stories.person("DOJ_COORDINATOR")) == [case.reference]


def test_the_page_offers_to_ask_the_next_agency_only_where_one_is_next() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    client = signing_in.sign_in(Client(), hotline)
    asking = f"/cases/{case.reference}/ask-next"
    assert asking not in client.get("/worklist?kind=lead").content.decode()  # HSI is asked already
    answering.revoke(stories.offer_of(case).id, reason="A mistake.", by=hotline, at=stories.NOON)
    assert asking in client.get("/worklist?kind=lead").content.decode()
    hsi = stories.person("HSI")
    changing.ask_next(case.id, by=hotline, at=stories.NOON)
    answering.accept(stories.offer_of(case).id, by=hsi, at=stories.NOON)
    page = signing_in.sign_in(Client(), hsi).get("/worklist?kind=lead").content.decode()
    assert case.reference in page
    assert asking not in page


def many(count: int = 60) -> viewers.Viewer:
    """HSI's list with offers of many kinds."""
    spread = itertools.cycle(
        itertools.product(("NY-S", "NY-E", "CA-N", ""), ("immediate_danger", "within_24h", "none", ""))
    )
    for minute, (place, urgency) in zip(range(count), spread, strict=False):
        facts = {**FACTS, **({"urgency": urgency} if urgency else {})}
        if minute % 3 == 0:
            facts["age"] = "under_18"
        receipt = stories.signal(
            facts, at=stories.NOON.replace(minute=minute), **places_of(place), receiver=("HOTLINE", "WHD")[minute % 2]
        )
        from nowrongdoor.intake import routing

        routing.route([receipt.signal_id], at=stories.NOON.replace(minute=minute))
    return stories.person("HSI")


def places_of(code: str) -> dict[str, str]:
    place = places.read(code)
    return {"state": place.state, "district": place.district}


@pytest.mark.parametrize("sort", Sort)
def test_pages_of_each_order_show_every_entry_once_both_ways(sort: Sort) -> None:
    hsi = many()
    with row_security.looking(hsi):
        whole = Entry.objects.filter(agency_id=hsi.agency_id).count()
    forward = listed(hsi, Wanted(sort=sort))
    assert len({entry.id for entry in forward}) == len(forward) == whole > 2 * worklist.PAGE
    keys = {
        Sort.DUE: lambda each: (each.comes_at, each.id),
        Sort.URGENT: lambda each: (each.rank, each.comes_at, each.id),
        Sort.OLDEST: lambda each: (each.since, each.id),
        Sort.NEWEST: lambda each: (each.since, each.id),
    }
    assert forward == sorted(forward, key=keys[sort], reverse=sort is Sort.NEWEST)
    with row_security.looking(hsi):
        page = worklist.last_page(hsi, Wanted(sort=sort), at=timezone.now())
        back = list(page.entries)
        while page.previous:
            page = worklist.page(hsi, Wanted(sort=sort), cursor=worklist.read_cursor(page.previous))
            back = [*page.entries, *back]
    assert back == forward


def test_a_page_stays_where_it_is_when_others_are_done_and_come() -> None:
    hsi = many()
    with row_security.looking(hsi):
        first = worklist.page(hsi)
        assert first.next
        second = worklist.page(hsi, cursor=worklist.read_cursor(first.next))
    answering.accept(first.entries[0].id, by=hsi, at=timezone.now())
    stories.case({**FACTS, "urgency": "immediate_danger"}, at=stories.NOON)
    with row_security.looking(hsi):
        again = worklist.page(hsi, cursor=worklist.read_cursor(first.next))
    known = [entry.id for entry in second.entries]
    stayed = [entry.id for entry in again.entries if entry.id in known]
    assert stayed == known[: len(stayed)]
    assert len(stayed) > worklist.PAGE / 2


def test_a_page_of_another_order_is_not_turned_to() -> None:
    hsi = many(30)
    with row_security.looking(hsi):
        first = worklist.page(hsi)
        assert first.next
        with pytest.raises(worklist.UnreadableCursor):
            worklist.page(hsi, Wanted(sort=Sort.NEWEST), cursor=worklist.read_cursor(first.next))


def test_each_filter_shows_what_it_says_and_counts_it() -> None:
    hsi, at = many(32), stories.NOON.replace(minute=59)
    everything = listed(hsi)
    assert hsi.user_id
    mine = everything[5]
    assigning.give(mine.id, to=hsi.user_id, seen=None, by=hsi, at=at)
    assigning.give(everything[6].id, to=stories.person("HSI").user_id, seen=None, by=hsi, at=at)
    everything = listed(hsi)
    whd = stories.agency("WHD")
    expected = {
        Wanted(kind=Kind.OFFER): [each for each in everything if each.kind is Kind.OFFER],
        Wanted(place="NY"): [each for each in everything if each.place in ("NY-S", "NY-E")],
        Wanted(place="NY-S"): [each for each in everything if each.place == "NY-S"],
        Wanted(urgency=Urgency.DANGER): [each for each in everything if each.urgency == "immediate_danger"],
        Wanted(urgency=Urgency.UNKNOWN): [each for each in everything if not each.urgency],
        Wanted(matter="age=under_18"): [each for each in everything if each.facts.get("age") == "under_18"],
        Wanted(from_agency=whd.id): [each for each in everything if each.from_agency == whd.name],
        Wanted(has=Has.ME): [mine],
        Wanted(has=Has.SOMEBODY_ELSE): [each for each in everything if each.id == everything[6].id],
        Wanted(has=Has.NOBODY): [each for each in everything if each.person_id is None],
        Wanted(due=Due.LATE): [each for each in everything if each.due_at and each.due_at < timezone.now()],
        Wanted(due=Due.NEVER): [each for each in everything if each.due_at is None],
        Wanted(kind=Kind.OFFER, place="NY", urgency=Urgency.SOON, sort=Sort.NEWEST): [
            each
            for each in everything
            if each.kind is Kind.OFFER and each.place.startswith("NY") and each.urgency == "within_24h"
        ],
    }
    for wanted, entries in expected.items():
        found = listed(hsi, wanted)
        assert {each.id for each in found} == {each.id for each in entries}, wanted
        with row_security.looking(hsi):
            assert worklist.counts(hsi, wanted).matching == min(len(entries), worklist.MATCH_LIMIT), wanted
    assert claims.every(len(entries) > 0 for wanted, entries in expected.items() if wanted.due is not Due.NEVER)


def test_no_filter_tells_of_a_case_that_the_agency_cannot_open() -> None:
    case = stories.case({**FACTS, "urgency": "within_24h"})
    told = Duty.notices().filter(case=case, by_hand=False)[0]
    Duty.objects.filter(id=told.id).update(agency=stories.agency("EEOC"))
    eeoc = stories.person("EEOC")
    assert [each.id for each in listed(eeoc)] == [told.id]
    for wanted in (Wanted(urgency=Urgency.SOON), Wanted(matter="labor=yes"), Wanted(from_agency=case.received_by_id)):
        assert listed(eeoc, wanted) == []
        with row_security.looking(eeoc):
            assert worklist.counts(eeoc, wanted).matching == 0


def test_an_entry_is_taken_assigned_and_released_and_the_trail_says_by_whom() -> None:
    case, hsi, sam = stories.case(), stories.person("HSI"), stories.person("HSI")
    offer = stories.offer_of(case).id
    assert hsi.user_id
    assigning.give(offer, to=hsi.user_id, seen=None, by=hsi, at=stories.NOON)
    assert [(each.id, each.person) for each in listed(hsi, Wanted(has=Has.ME))] == [(offer, hsi.name)]
    assigning.give(offer, to=sam.user_id, seen=hsi.user_id, by=hsi, at=stories.NOON)
    assert listed(hsi, Wanted(has=Has.ME)) == []
    assigning.give(offer, to=None, seen=sam.user_id, by=sam, at=stories.NOON)
    verbs = Event.objects.filter(subject_id=offer, verb__startswith="entry.").order_by("id")
    assert list(verbs.values_list("verb", "by_id")) == [
        ("entry.taken", hsi.user_id),
        ("entry.assigned", hsi.user_id),
        ("entry.released", sam.user_id),
    ]


def test_whoever_takes_what_a_colleague_just_took_is_told_who_has_it() -> None:
    offer, hsi, sam = stories.offer_of(stories.case()).id, stories.person("HSI"), stories.person("HSI")
    assigning.give(offer, to=hsi.user_id, seen=None, by=hsi, at=stories.NOON)
    with pytest.raises(assigning.TakenMeanwhile, match=f"{hsi.name} has this now"):
        assigning.give(offer, to=sam.user_id, seen=None, by=sam, at=stories.NOON)
    assert Entry.objects.get(id=offer).person_id == hsi.user_id


@pytest.mark.parametrize("who", ["another agency", "another role", "switched off", "kept away", "nobody"])
def test_only_a_colleague_with_a_worklist_who_may_see_the_case_is_given_it(who: str) -> None:
    case, hsi = stories.case(), stories.person("HSI")
    sam = stories.person("HSI" if who != "another agency" else "FBI")
    assert sam.user_id
    to = sam.user_id
    if who == "another role":
        to = stories.person("HSI", viewers.Role.ADVOCATE).user_id or to
    elif who == "switched off":
        administrator = stories.person("HSI", viewers.Role.ADMINISTRATOR)
        inviting.switch(to, on="no", by=administrator)
    elif who == "kept away":
        need_to_know.exclude(case.id, person_id=to, because="She knows the family.", by=hsi, at=stories.NOON)
    elif who == "nobody":
        to = uuid.uuid4()
    with pytest.raises(assigning.CannotHaveIt):
        assigning.give(stories.offer_of(case).id, to=to, seen=None, by=hsi, at=stories.NOON)


def test_an_entry_of_another_agency_is_not_given() -> None:
    offer, fbi = stories.offer_of(stories.case()).id, stories.person("FBI")
    with pytest.raises(assigning.NoSuchEntry):
        assigning.give(offer, to=fbi.user_id, seen=None, by=fbi, at=stories.NOON)


@pytest.mark.parametrize("how", ["switched off", "another role", "kept away", "the lead moved", "answered"])
def test_an_assignment_ends_when_the_person_or_the_duty_does(how: str) -> None:
    case, hotline, sam = stories.case(), stories.person("HOTLINE"), stories.person("HOTLINE")
    assert sam.user_id
    administrator, hsi = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR), stories.person("HSI")
    assigning.give(case.id, to=sam.user_id, seen=None, by=hotline, at=stories.NOON)
    assert [each.id for each in listed(sam, Wanted(has=Has.ME))] == [case.id]
    if how == "switched off":
        inviting.switch(sam.user_id, on="no", by=administrator)
    elif how == "another role":
        inviting.set_role(sam.user_id, "advocate", by=administrator)
    elif how == "kept away":
        need_to_know.exclude(case.id, person_id=sam.user_id, because="Knows them.", by=hotline, at=stories.NOON)
    elif how == "the lead moved":
        answering.accept(stories.offer_of(case).id, by=hsi, at=stories.NOON)
    else:
        changing.close(case.id, because="She is home.", by=hotline, at=stories.NOON)
    assert not Entry.objects.filter(person_id=sam.user_id).exists()


def test_what_is_done_leaves_the_list_of_whoever_had_it() -> None:
    case = stories.case({**FACTS, "age": "under_18"})
    notice = Duty.notices().get(case=case, desk="HHS_OTIP", role="notify")
    otip = stories.person("HHS_OTIP")
    assigning.give(notice.id, to=otip.user_id, seen=None, by=otip, at=stories.NOON)
    duties.acknowledge(notice.id, how="", by=otip, at=stories.NOON)
    assert not Entry.objects.filter(id=notice.id).exists()


def test_facts_that_change_change_what_filters_find() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    danger = Wanted(urgency=Urgency.DANGER, kind=Kind.LEAD)
    assert listed(hotline, danger) == []
    changing.change_facts(
        case.id,
        facts={**FACTS, "urgency": "immediate_danger"},
        place=places.read("NY-S"),
        seen_version=1,
        because="She called again.",
        by=hotline,
        at=stories.NOON,
    )
    assert [each.id for each in listed(hotline, danger)] == [case.id]
    assert [each.id for each in listed(hotline, Wanted(place="NY-S", kind=Kind.LEAD))] == [case.id]


def test_saved_searches_are_ones_own_and_no_more_than_a_page_counts() -> None:
    hsi, sam = stories.person("HSI"), stories.person("HSI")
    for number in range(searches.MOST):
        searches.save(f"kind=offer&due=week&number={number}", by=hsi, at=stories.NOON)
    searches.save("kind=offer&due=week&number=0", by=hsi, at=stories.NOON)
    with pytest.raises(searches.TooManySearches):
        searches.save("kind=notice", by=hsi, at=stories.NOON)
    with row_security.looking(sam):
        assert searches.of(sam) == []
    with row_security.looking(hsi):
        own = searches.of(hsi)
    with pytest.raises(searches.NoSuchSearch):
        searches.forget(own[0].id, by=sam, at=stories.NOON)
    with row_security.looking(hsi):
        assert searches.of(hsi) == own
    searches.forget(own[0].id, by=hsi, at=stories.NOON)
    with row_security.looking(hsi):
        assert searches.of(hsi) == own[1:]


@pytest.fixture
def at_work() -> tuple[Client, viewers.Viewer, list[worklist.Entry]]:
    viewer = many(3)
    return signing_in.sign_in(Client(), viewer), viewer, listed(viewer)[:2]


def told(client: Client, sent: dict[str, object]) -> str:
    return " ".join(client.post("/worklist/several", sent, follow=True).content.decode().split())


def test_of_several_at_once_what_a_colleague_took_meanwhile_stays_theirs(
    at_work: tuple[Client, viewers.Viewer, list[worklist.Entry]],
) -> None:
    client, viewer, (taken, free) = at_work
    page = client.get("/worklist").content.decode()
    seen = {f"seen-{each.id}": "nobody" for each in (taken, free)}
    for name in seen:
        assert f'form="several" name="{name}" value="nobody"' in page
    colleague = stories.person("HSI")
    assigning.give(taken.id, to=colleague.user_id, seen=None, by=colleague, at=stories.NOON)
    said = told(client, {"act": "assign", "to": "me", "entry": [str(taken.id), str(free.id)], **seen})
    assert "1 entry assigned." in said
    assert "has this now. Nothing was changed." in said
    assert Entry.objects.get(id=taken.id).person_id == colleague.user_id
    assert Entry.objects.get(id=free.id).person_id == viewer.user_id


def test_whom_nobody_named_nothing_is_given_to_and_nothing_is_taken_from(
    at_work: tuple[Client, viewers.Viewer, list[worklist.Entry]],
) -> None:
    client, viewer, (mine, _) = at_work
    assigning.give(mine.id, to=viewer.user_id, seen=None, by=viewer, at=stories.NOON)
    seen = {"seen": str(viewer.user_id), f"seen-{mine.id}": str(viewer.user_id)}
    for given in ({}, {"to": ""}):
        for address, sent in (
            ("/worklist/several", {"act": "assign", "entry": str(mine.id)}),
            (f"/worklist/{mine.id}/assign", {}),
        ):
            page = client.post(address, {**sent, **seen, **given}, follow=True).content.decode()
            assert "Choose an active coordinator of your agency" in page
    assert Entry.objects.get(id=mine.id).person_id == viewer.user_id


@pytest.mark.parametrize("act", ["print", "acknowledge"])
def test_what_left_the_list_before_it_was_printed_or_acknowledged_is_told(
    at_work: tuple[Client, viewers.Viewer, list[worklist.Entry]], act: str
) -> None:
    client, _, (entry, _) = at_work
    gone = uuid.uuid4()
    assert "1 entry left the list" in told(client, {"act": act, "entry": [str(entry.id), str(gone)]})


def test_an_answer_leads_back_to_a_page_of_ours_only(
    at_work: tuple[Client, viewers.Viewer, list[worklist.Entry]],
) -> None:
    client, _, _ = at_work
    for back in ("//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example/", "", "worklist"):
        answer = client.post("/worklist/several", {"act": "assign", "back": back})
        assert answer.headers["Location"] == "/worklist"
    answer = client.post("/worklist/several", {"act": "assign", "back": "/worklist?due=late#e-1"})
    assert answer.headers["Location"] == "/worklist?due=late#e-1"


def test_a_list_that_would_ask_another_agency_now_is_not_the_list_that_is_shown() -> None:
    case, hotline, hsi = stories.case(), stories.person("HOTLINE"), stories.person("HSI")
    answering.revoke(stories.offer_of(case).id, reason="A mistake.", by=hotline, at=stories.NOON)
    client = signing_in.sign_in(Client(), hotline)
    page = client.get("/worklist?kind=lead").content.decode()
    asked = {"HX-Request": "true", "Nwd-Shown": re.search(r'data-shown="(\w+)"', page)[1]}  # type: ignore[index]
    assert client.get("/worklist?kind=lead", headers=asked).status_code == 204
    administrator = stories.person("HSI", viewers.Role.ADMINISTRATOR)
    with row_security.system():
        everybody = list(User.objects.filter(agency_id=hsi.agency_id, role="coordinator").values_list("id", flat=True))
    for each in everybody:  # nobody is left there who could answer
        inviting.switch(each, on="no", by=administrator)
    answer = client.get("/worklist?kind=lead", headers=asked)
    assert answer.status_code == 200
