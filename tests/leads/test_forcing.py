"""A table comes into force once what it would do was shown and confirmed, and only while somebody answers behind it."""

from __future__ import annotations

import datetime
import re
import uuid
import zoneinfo
from collections.abc import Mapping

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.agencies.models import Agency, User
from nowrongdoor.cases.models import Case
from nowrongdoor.core import handoff, places
from nowrongdoor.core.mandates import table
from nowrongdoor.duties.models import Duty
from nowrongdoor.leads import answering, changing, forcing
from nowrongdoor.leads.models import Handoff
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.mandates.models import MandateTable
from tests import claims, signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
SEX = {"commercial_sex": "yes", "age": "adult", "means": "yes", "source": "law_enforcement"}


def kept(**changed: tuple[str, str]) -> MandateTable:
    """The shipped table, kept and proved with something otherwise: file to (what stands there, what is there now)."""
    files = table.shipped_files()
    for name, (ours, theirs) in changed.items():
        assert ours in files[f"{name}.toml"]
        files[f"{name}.toml"] = files[f"{name}.toml"].replace(ours, theirs)
    row = mandates.add(files, at=timezone.now())
    assert row.proved_digest
    return row


def fbi_first() -> MandateTable:
    """Forced labor of a foreign national is offered to the FBI first, and a crisis clock is gone."""
    return kept(
        leads=('precedence = 52\nagency = "HSI"', 'precedence = 52\nagency = "FBI"'),
        clocks=('when = { urgency = ["immediate_danger", "within_24h"] }', 'when = { urgency = ["immediate_danger"] }'),
    )


def other_backstop() -> MandateTable:
    """The FBI stands at the end, where the National Coordinator did."""
    files = table.shipped_files()
    found = re.search(r'\[\[rule\]\]\nid = "backstop"\n.*?(?=\n\[\[rule\]\]|\Z)', files["leads.toml"], re.S)
    assert found
    rule = found.group()
    return kept(
        leads=(rule, rule.replace("DOJ_COORDINATOR", "BJA_DESK")),
        agencies=('[[agency]]\ncode = "DOJ_COORDINATOR"', f'{NEW_DESK}\n[[agency]]\ncode = "DOJ_COORDINATOR"'),
    )


NEW_DESK = """[[agency]]
code = "BJA_DESK"
name = "A desk of its own"
department = "Justice"
kind = "coordination"
can_decline = false
"""


def root() -> viewers.Viewer:
    return stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)


def effect(row: MandateTable) -> forcing.Effect:
    return forcing.effect_of(row.id, at=timezone.now())


def counts(shown: forcing.Effect) -> Mapping[str, int]:
    return {name: getattr(shown, name) for name in ("open_cases", "offers", "notices", "deadlines", "stay")}


def rows() -> Mapping[str, int]:
    return {model.__name__: model.objects.count() for model in (Handoff, Duty, Case, MandateTable)}


def test_what_a_table_would_do_is_what_it_does() -> None:
    """The figures that are shown are counted again once every case followed the table."""
    offered = stories.case()
    accepted = stories.case()
    answering.accept(stories.offer_of(accepted).id, by=stories.person("HSI"), at=timezone.now())
    urgent = stories.case({**stories.FORCED_LABOR, "urgency": "within_24h"})
    other = stories.case({"commercial_sex": "yes", "age": "under_18", "source": "government"})
    row = fbi_first()
    before = rows()
    shown = effect(row)
    assert rows() == before
    running = {case.id: duties(case) for case in Case.objects.all()}
    offers = {case.id: offers_of(case) for case in Case.objects.all()}
    forcing.force(row.id, seen=shown.seen, by=root(), at=timezone.now())
    while changing.follow_table(limit=100, at=timezone.now()):
        pass
    changed = dict.fromkeys(("offers", "notice", "deadline"), 0)
    for case in Case.objects.all():
        changed["offers"] += offers_of(case) != offers[case.id]
        for kind in ("notice", "deadline"):
            now, earlier = duties(case), running[case.id]
            changed[kind] += {each for each in now if each[0] == kind} != {each for each in earlier if each[0] == kind}
    assert counts(shown) == {
        "open_cases": 4,
        "offers": changed["offers"],
        "notices": changed["notice"],
        "deadlines": changed["deadline"],
        "stay": 1,
    }
    assert changed["offers"] == 3  # the accepted one is offered on, and stays where it is until somebody says yes
    assert changed["deadline"] == 1
    assert stories.lead_of(accepted) == "HSI"
    assert {stories.offer_of(case).to_agency.code for case in (offered, urgent)} == {"FBI"}
    assert stories.offer_of(other).to_agency.code == "FBI_VCAC"


def duties(case: Case) -> set[tuple[str, uuid.UUID]]:
    found = Duty.objects.filter(case=case, withdrawn_at=None).exclude(kind="answer")
    return set(found.values_list("kind", "id"))


def offers_of(case: Case) -> list[uuid.UUID]:
    return list(Handoff.objects.filter(case=case, state="offered").values_list("id", flat=True))


def test_who_is_missing_is_named_with_how_many_open_cases_pass_them_over() -> None:
    stories.case()
    stories.case(SEX)
    gone = stories.case()
    answering.decline(stories.offer_of(gone).id, reason="No.", by=stories.person("HSI"), at=timezone.now())
    User.objects.filter(agency__code__in=("HSI", "WHD")).update(is_active=False)
    User.objects.filter(agency__code="FBI").update(last_login=None)
    missing = {each.code: each for each in effect(fbi_first()).missing}
    assert (missing["HSI"].why, missing["HSI"].cases) == ("nobody there can sign in", 2)  # it said no to the third
    assert (missing["FBI"].why, missing["FBI"].cases) == ("nobody there has signed in yet", 3)
    assert (missing["WHD"].why, missing["WHD"].cases) == ("nobody there can sign in", 2)
    assert missing["TRIBAL_POLICE"].why == "it is not on this system"
    assert "FBI_VCAC" not in missing
    assert "EEOC" not in missing  # it is in no chain


def test_a_table_is_refused_only_while_nobody_answers_behind_it() -> None:
    row, by = fbi_first(), root()
    shown = effect(row)  # a fresh installation: nobody is anywhere
    assert {each.code for each in shown.behind} == {"DOJ_COORDINATOR", "HHS_OTIP"}
    with pytest.raises(
        forcing.NobodyBehind, match=r"National Human Trafficking Coordinator \(nobody there can sign in\)"
    ):
        forcing.force(row.id, seen=shown.seen, by=by, at=timezone.now())
    stories.person_who_signs_in("DOJ_COORDINATOR")
    stories.person_who_signs_in("HHS_OTIP")
    shown = effect(row)
    assert (shown.behind, bool(shown.missing)) == ([], True)
    assert forcing.force(row.id, seen=shown.seen, by=by, at=timezone.now()).in_force


def test_what_is_confirmed_is_what_was_shown() -> None:
    stories.staff()
    row, by = fbi_first(), root()
    shown = effect(row)
    User.objects.filter(agency__code="HSI").update(is_active=False)
    with pytest.raises(forcing.ShownOtherwise):
        forcing.force(row.id, seen=shown.seen, by=by, at=timezone.now())
    assert not MandateTable.objects.get(id=row.id).in_force
    seen = effect(row).seen
    stories.case_as_it_is()  # counts move with every case, and change nothing of who is missing
    assert forcing.force(row.id, seen=seen, by=by, at=timezone.now()).in_force


def test_the_backstop_of_a_new_table_stands_by_and_leads_what_nobody_takes() -> None:
    stories.staff()
    row, by = other_backstop(), root()
    shown = effect(row)
    assert [each.code for each in shown.behind] == ["BJA_DESK"]  # it is no agency here yet
    with pytest.raises(forcing.NobodyBehind, match=r"A desk of its own \(it is not on this system\)"):
        forcing.force(row.id, seen=shown.seen, by=by, at=timezone.now())
    desk = Agency.objects.create(code="BJA_DESK", desk="BJA_DESK", name="A desk of its own", kind="coordination")
    stories.staff()
    shown = effect(row)
    assert shown.stand_by == ["A desk of its own"]
    case = stories.case()
    forcing.force(row.id, seen=shown.seen, by=by, at=timezone.now())
    desk.refresh_from_db()
    assert desk.stands_by
    assert Agency.objects.get(code="DOJ_COORDINATOR").stands_by  # said yes for good
    while changing.follow_table(limit=100, at=timezone.now()):
        pass
    for code in ("HSI", "FBI", "WHD"):
        answering.decline(stories.offer_of(case).id, reason="No.", by=stories.person(code), at=timezone.now())
    assert stories.lead_of(case) == "BJA_DESK"
    assert effect(row).stand_by == []


def test_the_page_shows_first_and_then_asks_for_the_same() -> None:
    stories.staff()
    stories.case()
    row = fbi_first()
    User.objects.filter(agency__code="WHD").update(is_active=False)
    client = signing_in.sign_in(Client(), root())
    assert f"/routing/tables/{row.id}" in client.get("/routing").content.decode()
    page = client.get(f"/routing/tables/{row.id}").content.decode()
    assert "Nothing has changed yet." in page
    assert "1 would get another offer of the lead." in page
    assert "Wage and Hour Division" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    refused = client.post(f"/routing/tables/{row.id}", {"seen": ""})
    assert refused.status_code == 409
    assert "no longer what you were shown" in refused.content.decode()
    assert not MandateTable.objects.get(id=row.id).in_force
    done = client.post(f"/routing/tables/{row.id}", {"seen": seen[1]}, follow=True)
    assert "is in force. Open cases follow it now." in done.content.decode()
    by = MandateTable.objects.get(id=row.id).in_force_by
    assert by
    assert by.name.startswith("DOJ_COORDINATOR")


def test_the_page_has_no_button_while_nobody_answers_behind_the_table() -> None:
    client = signing_in.sign_in(Client(), root())
    row = fbi_first()
    page = client.get(f"/routing/tables/{row.id}").content.decode()
    assert "can’t come into force yet" in page
    assert 'name="seen"' not in page
    assert client.post(f"/routing/tables/{row.id}", {"seen": effect(row).seen}).status_code == 409


@pytest.mark.parametrize("role", [viewers.Role.COORDINATOR, viewers.Role.ADVOCATE, viewers.Role.INSPECTOR])
def test_nobody_but_an_administrator_sees_the_page(role: viewers.Role) -> None:
    row = fbi_first()
    client = signing_in.sign_in(Client(), stories.person("DOJ_COORDINATOR", role))
    assert client.get(f"/routing/tables/{row.id}").status_code == 404
    assert client.post(f"/routing/tables/{row.id}", {"seen": effect(row).seen}).status_code == 404
    assert signing_in.sign_in(Client(), root()).get(f"/routing/tables/{row.id}").status_code == 200
    assert signing_in.sign_in(Client(), root()).get(f"/routing/tables/{uuid.uuid4()}").status_code == 404


def test_a_table_that_was_not_proved_says_so_on_its_page() -> None:
    files = table.shipped_files()
    files["leads.toml"] = files["leads.toml"].replace('labor = ["no", "unknown"]', 'labor = ["no"]')
    row = mandates.add(files, at=timezone.now())
    answer = signing_in.sign_in(Client(), root()).get(f"/routing/tables/{row.id}")
    assert answer.status_code == 422
    assert "no lead for:" in answer.content.decode()


def test_a_fresh_installation_has_the_shipped_table_in_force_and_its_administrator_sees_who_is_missing() -> None:
    assert MandateTable.objects.get(in_force=True).digest == table.shipped().digest
    assert not User.objects.exists()
    client = signing_in.sign_in(Client(), root())
    page = client.get("/routing")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Who is missing from the table in force" in text
    assert claims.every(
        f'<span class="mono">{code}</span>: nobody there can sign in.' in text
        for code in ("HSI", "FBI", "DOJ_COORDINATOR")
    )
    assert stories.lead_of(stories.case_as_it_is()) == "DOJ_COORDINATOR"  # nothing waits for anybody to be invited


def test_missing_now_counts_the_open_cases_that_passed_somebody_over() -> None:
    stories.staff()
    User.objects.filter(agency__code="HSI").update(is_active=False)
    case = stories.case_as_it_is()
    closed = stories.case_as_it_is()
    answering.accept(stories.offer_of(closed).id, by=stories.person("FBI"), at=timezone.now())
    changing.close(closed.id, because="Done.", by=stories.person("FBI"), at=timezone.now())
    assert case.closed_at is None
    missing = {each.code: each.cases for each in forcing.missing_now(tables.in_force(), at=timezone.now())}
    assert missing["HSI"] == 1
    assert "FBI" not in missing


def test_an_agency_that_is_not_on_the_system_is_counted_with_the_cases_that_pass_it_over() -> None:
    """It leaves no hand-off behind. A case that asks nobody yet, because nobody said who is telling, passes nobody."""
    stories.staff()
    stories.case_as_it_is({"source": "law_enforcement", "age": "adult", "urgency": "immediate_danger"})
    stories.case_as_it_is({"labor": "yes"})
    now = {each.code: each.cases for each in forcing.missing_now(tables.in_force(), at=timezone.now())}
    assert (now["LOCAL_POLICE"], now["STATE_AG"]) == (1, 0)
    shown = {each.code: each.cases for each in effect(MandateTable.objects.get(in_force=True)).missing}
    assert shown == now


def test_a_notice_goes_on_under_its_own_clock_when_somebody_else_has_to_give_it() -> None:
    """A statutory clock does not start anew because the one who is told can be reached again."""
    stories.staff()
    User.objects.filter(agency__code="HHS_OTIP").update(is_active=False)
    begun = timezone.now().replace(microsecond=0) - handoff.NOTICE_TARGETS["immediate_danger"]
    facts = {**stories.FORCED_LABOR, "age": "under_18"}
    case = stories.case_as_it_is(facts, at=begun)
    by_hand = Duty.notices().get(case=case, desk="HHS_OTIP", role="notify", withdrawn_at=None)
    assert by_hand.by_hand
    User.objects.filter(agency__code="HHS_OTIP").update(is_active=True)
    changing.change_facts(
        case.id,
        facts={**facts, "urgency": "within_24h"},
        place=places.Place(),
        seen_version=1,
        because="She called again.",
        by=stories.person("HOTLINE"),
        at=timezone.now(),
    )
    told = Duty.notices().get(case=case, desk="HHS_OTIP", role="notify", withdrawn_at=None)
    assert (told.by_hand, told.since, told.due_at) == (False, begun, by_hand.due_at)


def test_the_day_on_which_an_agency_is_missing_is_the_country_s() -> None:
    """A rule of a last day still asks in the evening of that day, when it is the next day in London."""
    files = table.shipped_files()
    rule = 'id = "next-osha"\nrole = "next"\n'
    assert rule in files["leads.toml"]
    files["leads.toml"] = files["leads.toml"].replace(rule, f"{rule}valid_to = 2026-11-24\n")
    book = tables.Book(uuid.uuid4(), table.read(files))
    evening = datetime.datetime(2026, 11, 24, 21, tzinfo=zoneinfo.ZoneInfo("America/New_York"))
    for hours, is_missing in ((0, True), (4, False)):
        at = (evening + datetime.timedelta(hours=hours)).astimezone(datetime.UTC)
        assert ("OSHA" in {each.code for each in forcing.missing_now(book, at=at)}) is is_missing
