"""A signal is always taken: facts that cannot all be true count as unknown, are kept as they were told, and somebody is
asked which is right until they are corrected. Staff's forms refuse them, and nothing that was typed is lost."""

from __future__ import annotations

import datetime
import html
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.cases.models import Case
from nowrongdoor.core import places
from nowrongdoor.core.intake import row
from nowrongdoor.core.mandates import facts, prove, table
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import worklist
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import importing, routing
from nowrongdoor.leads import answering, changing
from nowrongdoor.mandates import queries as tables
from nowrongdoor.mandates.models import Decision
from nowrongdoor.signals.models import Signal
from tests import claims, signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
CLEAR = {"labor": "yes", "means": "yes", "source": "government"}
CONFLICT = {**CLEAR, "age": "adult", "unaccompanied_child": "yes"}
SENTENCE = next(
    each.sentence for each in table.shipped().vocabulary.impossible if each.id == "adult-unaccompanied-child"
)


def asks(case: Case) -> list[Duty]:
    """The open duties that ask which of the facts is right."""
    return list(Duty.deadlines().filter(case=case, why__contains=SENTENCE, withdrawn_at=None).select_related("agency"))


def by_api(told: dict[str, str]) -> tuple[int, object]:
    """What the API answers to a signal: its status, and the conflicts that it tells."""
    token = agencies.make_token(stories.agency("HOTLINE"), label=uuid.uuid4().hex, by=None, at=timezone.now())
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
    sent = Client().post("/api/v1/signals", {"facts": told}, content_type="application/json", headers=headers)
    for signal_id in Signal.objects.filter(routed_at=None).values_list("id", flat=True):
        routing.route([signal_id], at=timezone.now())
    return sent.status_code, sent.json()["conflicts"]


def by_file(told: dict[str, str]) -> importing.Report:
    return importing.take_file(
        [row.Row(1, "row", told)],
        importing.Source("a file", importing.EqualRows.ASK),
        receiver_id=stories.agency("HOTLINE").id,
        by=None,
        at=timezone.now(),
        progress=lambda done: None,
    )


def change(case: Case, told: dict[str, str], *, version: int = 1, code: str = "HOTLINE") -> None:
    by = stories.person(code)
    place = places.Place()
    at = timezone.now()
    changing.change_facts(case.id, facts=told, place=place, seen_version=version, because="x", by=by, at=at)


def visible(page: str) -> str:
    """What stands on a page, its tags aside."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))


# --- machine doors ---


def test_the_api_takes_facts_in_conflict_keeps_them_and_asks_the_receiver_which_is_right() -> None:
    stories.staff()
    told = [{"facts": ["age", "unaccompanied_child"], "sentence": SENTENCE}]
    assert by_api(CONFLICT) == (201, told)
    case = Case.objects.get()
    assert case.facts == CONFLICT
    assert Signal.objects.get().facts == CONFLICT
    (asked,) = asks(case)
    assert asked.agency is not None
    assert (asked.agency.code, asked.follows_lead, asked.basis) == ("HOTLINE", True, "policy")
    assert asked.why == (
        f"Find out which of the facts is right, and correct them. {SENTENCE} "
        "Until then routing treats these facts as not known."
    )
    assert asked.due_at - asked.since == datetime.timedelta(hours=24)
    entries = worklist.page(stories.person("HOTLINE")).entries
    assert [entry.why for entry in entries if entry.id == asked.id] == [asked.why]


def test_the_api_tells_of_no_conflict_where_there_is_none() -> None:
    stories.staff()
    assert by_api(CLEAR) == (201, [])


def test_an_import_takes_them_too() -> None:
    stories.staff()
    report = by_file(CONFLICT)
    assert (report.taken, report.refused) == (1, [])
    assert report.readings[f"{importing.CONFLICT} {SENTENCE}"] == 1
    case = Case.objects.get()
    assert case.facts == CONFLICT
    assert len(asks(case)) == 1


def test_what_is_in_conflict_counts_as_unknown_and_nothing_else_does() -> None:
    book = tables.in_force()
    ruled, clear = (book.rule(each, at=stories.NOON) for each in (CONFLICT, CLEAR))
    assert ruled.decision == clear.decision
    assert ruled.as_told == ruled.known == CONFLICT
    assert [each.id for each in ruled.conflicts] == ["adult-unaccompanied-child"]
    assert clear.conflicts == ()
    one_side = [book.rule({**CLEAR, name: CONFLICT[name]}, at=stories.NOON) for name in ("age", "unaccompanied_child")]
    assert any(each.decision != clear.decision for each in one_side)  # neither side was picked
    case = stories.case(CONFLICT)
    body = Decision.objects.select_related("ruling").get(case=case).ruling.body
    assert [each["facts"] for each in body["conflicts"]] == [["age", "unaccompanied_child"]]
    assert "conflicts" not in Decision.objects.select_related("ruling").get(case=stories.case(CLEAR)).ruling.body


@pytest.mark.parametrize("right", [{"age": "under_18", "unaccompanied_child": "yes"}, {"age": "adult"}])
def test_once_the_facts_are_corrected_nobody_is_asked_any_more(right: dict[str, str]) -> None:
    case = stories.case(CONFLICT)
    (before,) = asks(case)
    change(case, {**CLEAR, **right})
    assert asks(case) == []
    assert Duty.objects.get(id=before.id).withdrawn_at is not None
    assert tables.ruled_of(case.id).conflicts == ()


def test_each_conflict_is_asked_about_and_a_correction_that_leaves_one_is_refused() -> None:
    case = stories.case({**CONFLICT, "nationality": "us_citizen", "visa": "h2a"})
    (before,) = asks(case)
    assert Duty.deadlines().filter(case=case, why__startswith="Find out which").count() == 3
    with pytest.raises(facts.ImpossibleFacts):
        change(case, {**CONFLICT, "nationality": "us_citizen"})
    change(case, {**CLEAR, "unaccompanied_child": "yes"})
    assert not Duty.deadlines().filter(case=case, why__startswith="Find out which", withdrawn_at=None).exists()
    assert Duty.objects.get(id=before.id).withdrawn_at is not None


def test_whoever_accepts_the_lead_is_asked_from_then_on_because_they_alone_can_correct() -> None:
    case = stories.case(CONFLICT)
    offer = stories.offer_of(case)
    code = offer.to_agency.code
    answering.accept(offer.id, by=stories.person(code), at=timezone.now())
    (asked,) = asks(case)
    assert asked.agency is not None
    assert asked.agency.code == code
    with pytest.raises(changing.NotTheLead):
        change(case, {**CLEAR, "age": "adult"})
    change(case, {**CLEAR, "age": "adult"}, code=code)
    assert asks(case) == []


def test_a_note_does_not_settle_a_conflict_and_a_correction_does_where_nobody_can_say_too() -> None:
    case = stories.case(CONFLICT)
    (asked,) = asks(case)
    with pytest.raises(duties.NotCorrected):
        duties.meet(asked.id, how="The sender does not know.", by=stories.person("HOTLINE"), at=timezone.now())
    (still,) = asks(case)
    assert still.done_at is None
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    page = visible(client.get("/worklist?kind=clock").content.decode())
    assert "Correct the facts" in page
    assert "Mark complete" not in page
    told = client.post(f"/clocks/{asked.id}/meet", {"how": "Nobody knows.", "back": "/worklist"}, follow=True)
    assert "the facts of the case still can’t all be right" in visible(told.content.decode())
    change(case, CLEAR)  # both are not known
    assert asks(case) == []
    assert tables.ruled_of(case.id).conflicts == ()


def test_another_signal_that_contradicts_the_case_is_taken_into_it() -> None:
    case = stories.case({"age": "adult", **CLEAR})
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    sent = {"channel": "call", "source": "bystander", "unaccompanied_child": "yes", "place": ""}
    answer = client.post("/signals/new", {**sent, "key": uuid.uuid4().hex, "case": case.reference})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.facts["age"], case.facts["unaccompanied_child"]) == ("adult", "yes")
    assert Signal.objects.filter(in_case__case=case).count() == 2
    assert len(asks(case)) == 1


def test_the_page_of_the_case_says_what_cannot_be_right_and_what_to_ask_next() -> None:
    case = stories.case(CONFLICT)
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    page = client.get(f"/cases/{case.reference}").content.decode()
    assert "These facts can’t all be right." in visible(page)
    assert "Some of these facts can’t all be right." in visible(page)  # beside them, before the chain
    assert visible(page).count(SENTENCE) == 2  # under what to ask, and among the deadlines
    form = client.get(f"/cases/{case.reference}/facts").content.decode()
    assert visible(form).count(SENTENCE) == 2  # beside both questions
    question = tables.in_force().next_question(CONFLICT, at=timezone.now())
    assert question is not None
    assert f"Ask next: {question.attribute.question}" in visible(page)
    settled = client.get(f"/cases/{stories.case(CLEAR).reference}").content.decode()
    assert "can’t all be right" not in visible(settled)
    assert "Ask next: " in visible(settled)


def test_the_receipt_asks_what_would_change_the_lead_and_says_where_to_add_it_until_another_agency_leads() -> None:
    stories.staff()
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    sent = {"channel": "call", "source": "bystander", "labor": "yes", "means": "yes", "nationality": "foreign"}
    answer = client.post("/signals/new", {**sent, "place": "", "key": uuid.uuid4().hex})
    case = Case.objects.get()
    question = tables.in_force().next_question(case.facts, at=timezone.now())
    assert question is not None
    receipt = client.get(answer["Location"]).content.decode()
    assert f"Ask next: {question.attribute.question}" in visible(receipt)
    assert f'href="/signals/new?case={case.reference}"' in receipt
    offer = stories.offer_of(case)
    answering.accept(offer.id, by=stories.person(offer.to_agency.code), at=timezone.now())
    assert "Ask next" not in visible(client.get(answer["Location"]).content.decode())


def test_a_case_whose_lead_no_answer_changes_asks_nothing_next() -> None:
    case = stories.case({"source": "survivor", "wishes": "services_only", "age": "adult"})
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    assert "What to ask next" not in visible(client.get(f"/cases/{case.reference}").content.decode())


# --- staff's forms ---


def marked(page: str) -> set[str]:
    """The facts beside which an error stands that the field names as its description."""
    beside = set(re.findall(r'<span class="usa-error-message" id="fact-(\w+)_error">', page))
    return beside & set(re.findall(r'aria-describedby="(?:fact-\w+_helptext )?fact-(\w+)_error"', page))


TYPED = {
    **CONFLICT,
    "channel": "call",
    "source": "bystander",
    "narrative": "She said: “wait <here>”.",
    "place": "NY-S",
    "nationality": "us_citizen",
    "visa": "h2a",
    "indicator": ["ilo.5.threats"],
}


def test_the_form_of_a_new_signal_refuses_with_the_field_marked_and_loses_nothing() -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    answer = client.post("/signals/new", {**TYPED, "key": "k1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert not Signal.objects.exists()
    conflicts = facts.parse(
        {**CONFLICT, "nationality": "us_citizen", "visa": "h2a"}, table.shipped().vocabulary
    ).conflicts
    top = page.partition('role="alert"')[2].partition("<form")[0]
    assert claims.every(visible(top).count(each.sentence) == 1 for each in conflicts)
    leads = {html.unescape(words): id for id, words in re.findall(r'<a href="#([\w-]+)">([^<]*)</a>', top)}
    assert claims.every(re.fullmatch(rf"fact-{each.names[0]}(_0)?", leads[each.sentence]) for each in conflicts)
    assert claims.every(f'id="{leads[each.sentence]}"' in page for each in conflicts)
    assert marked(page) == {name for each in conflicts for name in each.names}
    assert 'name="key" value="k1"' in page
    narrative = re.search(r'<textarea name="narrative"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert narrative
    assert html.unescape(narrative[1]) == TYPED["narrative"]
    radio, option = r'<input type="radio" name="{}" value="{}"[^>]* checked', 'value="{}" selected'
    assert re.search(radio.format("age", "adult"), page)
    assert re.search(radio.format("labor", "yes"), page)
    for name in ("unaccompanied_child", "visa"):
        select = page.partition(f'id="fact-{name}"')[2].partition("</select>")[0]
        assert option.format(TYPED[name]) in select
    assert option.format("NY-S") in page
    assert re.search(r'value="ilo\.5\.threats"[^>]* checked', page)


def test_the_same_form_is_taken_once_one_of_them_is_not_known() -> None:
    stories.staff()
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    sent = {**TYPED, "key": "k1", "unaccompanied_child": "unknown", "visa": "unknown"}
    assert client.post("/signals/new", sent).status_code == 302
    assert Signal.objects.get().facts["age"] == "adult"


def test_the_form_that_changes_facts_refuses_with_the_field_marked_and_loses_nothing() -> None:
    case = stories.case({"age": "adult", **CLEAR})
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    sent = {**CONFLICT, "place": "NY-S", "seen_version": "1", "because": "She told us <more>."}
    answer = client.post(f"/cases/{case.reference}/facts", {**sent, "back": "/cases"})
    page = answer.content.decode()
    assert answer.status_code == 422
    case.refresh_from_db()
    assert (case.facts, case.facts_version) == ({"age": "adult", **CLEAR}, 1)
    top = page.partition('role="alert"')[2].partition("<h1")[0]
    assert visible(top).count(SENTENCE) == 1
    assert marked(page) == {"age", "unaccompanied_child"}
    assert 'value="She told us &lt;more&gt;."' in page
    assert 'value="NY-S" selected' in page
    chosen = page.partition('id="fact-unaccompanied_child"')[2].partition("</select>")[0]
    assert 'value="yes" selected' in chosen


def test_the_page_of_the_table_lists_what_cannot_be_true_together() -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    page = visible(client.get("/mandates").content.decode())
    shipped = table.shipped()
    assert claims.every(each.sentence in page for each in shipped.vocabulary.impossible)
    assert f"Each of {prove.prove(shipped).points:,} possible cases was covered" in page
    assert SENTENCE not in visible(client.get("/mandates?agency=FBI").content.decode())


def test_the_page_that_tries_facts_out_refuses_them_too_and_shows_the_next_question() -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    page = client.get("/mandates/what-if", CONFLICT).content.decode()
    assert SENTENCE in visible(page)
    assert '<div class="answer">' not in page
    assert marked(page) == {"age", "unaccompanied_child"}
    clear = client.get("/mandates/what-if", CLEAR).content.decode()
    assert '<div class="answer">' in clear
    assert "Ask next: " in visible(clear)
