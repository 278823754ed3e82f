"""Reports to law enforcement: who may be told, who reviews, what leaves when, and what comes back."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Mapping

import pytest
from django.test import Client
from django.utils import timezone, translation

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case
from nowrongdoor.core import places, schedules
from nowrongdoor.core.protocols import Immigration, Verdict
from nowrongdoor.intake import routing
from nowrongdoor.leads import changing
from nowrongdoor.mailbox import visiting
from nowrongdoor.protocols import library, models, queries, reporting, weighing
from nowrongdoor.protocols.models import Outcome, Report, Sending
from nowrongdoor.records import discovery
from nowrongdoor.retention import actions as retention
from nowrongdoor.signals.models import Signal
from nowrongdoor.vault import keys
from tests import claims, signing_in
from tests.leads import stories
from tests.mailbox import senders

pytestmark = pytest.mark.django_db
CANARY = "canary-of-a-report"
NOBODY = uuid.UUID(int=0)
TAKEN_BACK = "The sender took their consent back"
KEPT_FOR = schedules.installed()["case"].keep or datetime.timedelta()
MINUTE = datetime.timedelta(minutes=1)
AGREED = {**stories.FORCED_LABOR, "source": "survivor", "wishes": "report_agreed"}
SERVICES_ONLY = {**AGREED, "wishes": "services_only"}


@pytest.fixture
def writer(db: None) -> viewers.Viewer:
    return stories.person("HOTLINE", viewers.Role.ADVOCATE)


@pytest.fixture
def supervisor(db: None) -> viewers.Viewer:
    return stories.person("HOTLINE")


@pytest.fixture
def sheriff(supervisor: viewers.Viewer) -> uuid.UUID:
    return kept(supervisor)


def kept(
    by: viewers.Viewer,
    kind: str = "police",
    choice: int = 1,
    immigration: str = "no",
    county: str = "",
    at: datetime.datetime | None = None,
) -> uuid.UUID:
    recipient = library.Recipient(
        kind=kind,
        state="NV",
        county=county,
        choice=choice,
        immigration=Immigration(immigration),
        contact=library.Contact(body=f"{kind} {choice} (fictional)", telephone="555-0100"),
    )
    return library.add(recipient, by=by, at=at or timezone.now()).id


def a_case_whose_sender_took_consent_back() -> Case:
    stories.staff()
    sender = senders.send(facts=AGREED, state="NV")
    (routed,) = routing.route([sender.signal.id], at=timezone.now())
    visiting.withdraw(sender.opener, at=timezone.now())
    with row_security.system():
        return Case.objects.get(id=routed.case_id)


def subject(case: Case, by: viewers.Viewer) -> weighing.Subject:
    with row_security.looking(by):
        return weighing.of_case(cases.find(by, case.reference), by)


def written(
    by: viewers.Viewer,
    to: uuid.UUID,
    facts: Mapping[str, str] = AGREED,
    danger: str = "",
    at: datetime.datetime | None = None,
) -> Report:
    case = stories.case(facts, state="NV")
    text = reporting.Written(protocol_id=to, parts={"what": CANARY}, danger_because=danger)
    return reporting.write(subject(case, by), text, by=by, at=at or timezone.now())


def reviewed(report: Report, by: viewers.Viewer, seen: int = 1) -> Report:
    return reporting.review(report.id, comment="", seen=seen, by=by, at=timezone.now())


def sent(report: Report, to: uuid.UUID, by: viewers.Viewer, seen: int = 1) -> Sending:
    return reporting.send(report.id, protocol_id=to, how=Sending.How.PHONE, seen=seen, by=by, at=timezone.now())


def test_a_report_leaves_once_somebody_else_reviewed_it(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = written(writer, sheriff)
    with pytest.raises(reporting.Refused):
        sent(report, sheriff, writer)
    reviewed(report, supervisor)
    assert sent(report, sheriff, writer).number == 1
    assert sent(report, sheriff, writer).number == 2


def test_whoever_wrote_a_report_does_not_review_it_and_no_advocate_does(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    own, colleague = written(supervisor, sheriff), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    for report, by in ((own, supervisor), (own, colleague), (written(writer, sheriff), writer)):
        with pytest.raises(reporting.Refused):
            reviewed(report, by)
    reviewed(own, stories.person("HOTLINE"))


def test_words_that_change_need_a_review_again(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = reviewed(written(writer, sheriff), supervisor)
    other = reporting.Written(protocol_id=sheriff, parts={"what": "She moved."})
    reporting.change(report.id, other, seen=1, by=writer, at=timezone.now())
    with pytest.raises(reporting.Refused):
        sent(report, sheriff, writer, seen=2)
    with pytest.raises(reporting.ChangedMeanwhile):
        reviewed(report, supervisor, seen=1)
    reviewed(report, supervisor, seen=2)
    sent(report, sheriff, writer, seen=2)
    with pytest.raises(reporting.Refused):
        reporting.change(report.id, other, seen=2, by=writer, at=timezone.now())


def test_in_danger_it_leaves_at_once_and_stays_on_the_list_until_somebody_reviewed_it(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = written(writer, sheriff, danger="He said that he comes back tonight.")
    sent(report, sheriff, writer)
    (waiting,) = queries.listed(supervisor, at=timezone.now())
    assert waiting.waits_for_review
    assert waiting.review_due_at
    assert waiting.review_due_at - report.words_at == models.REVIEW_WITHIN
    reviewed(report, supervisor)
    (after,) = queries.listed(supervisor, at=timezone.now())
    assert not after.waits_for_review


def test_nobody_whom_the_table_bars_gets_a_report_and_nobody_else_is_barred(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    children = kept(supervisor, "child_protection")
    with pytest.raises(reporting.Refused) as refusal:
        written(writer, sheriff, SERVICES_ONLY)
    assert refusal.value.field == "recipient"
    assert "services only" in str(refusal.value)
    written(writer, children, SERVICES_ONLY)
    written(writer, sheriff, AGREED)


def test_a_wish_that_comes_after_the_review_stops_the_report(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = reviewed(written(writer, sheriff), supervisor)
    case = Case.objects.get(id=report.case_id or NOBODY)
    changing.change_facts(
        case.id,
        facts=SERVICES_ONLY,
        place=places.Place(),
        seen_version=1,
        because="She changed her mind.",
        by=supervisor,
        at=timezone.now(),
    )
    with pytest.raises(reporting.Refused) as refusal:
        sent(report, sheriff, writer)
    assert refusal.value.field == "recipient"


def test_a_recipient_that_works_with_immigration_enforcement_is_barred_by_that_wish(
    writer: viewers.Viewer, supervisor: viewers.Viewer
) -> None:
    no, yes = kept(supervisor), kept(supervisor, choice=2, immigration="yes")
    facts = {**AGREED, "wish_immigration": "no"}
    written(writer, no, facts)
    with pytest.raises(reporting.Refused):
        written(writer, yes, facts)
    written(writer, yes, AGREED)


def test_a_sending_says_whether_its_recipient_was_proved_and_to_whom_it_went(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = reviewed(written(writer, sheriff), supervisor)
    assert not sent(report, sheriff, writer).was_proved
    library.prove(sheriff, by=supervisor, at=timezone.now())
    assert sent(report, sheriff, writer).was_proved
    contact = library.Contact(body="Another name", telephone="555-0199")
    library.change(
        sheriff,
        library.Recipient(kind="police", state="NV", county="", choice=1, immigration=Immigration.NO, contact=contact),
        by=supervisor,
        at=timezone.now(),
    )
    assert not sent(report, sheriff, writer).was_proved
    shown = queries.read(report.id, by=writer, at=timezone.now())
    assert [each.contact.body for each in shown.sendings] == ["police 1 (fictional)"] * 2 + ["Another name"]


def test_confirmed_is_a_number_or_a_name_from_there_once(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    sending = sent(reviewed(written(writer, sheriff), supervisor), sheriff, writer)
    with pytest.raises(reporting.Refused):
        reporting.confirm(sending.report_id, sending.id, number=" ", name="", by=writer, at=timezone.now())
    reporting.confirm(sending.report_id, sending.id, number="", name="Deputy Lee", by=writer, at=timezone.now())
    with pytest.raises(reporting.Refused):
        reporting.confirm(sending.report_id, sending.id, number="26-118", name="", by=writer, at=timezone.now())


def test_minutes_count_from_the_contact_until_it_left_first(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    now = timezone.now()
    case = stories.case(AGREED, at=now - 40 * MINUTE, state="NV")
    text = reporting.Written(protocol_id=sheriff, parts={"what": CANARY}, danger_because="Tonight.")
    report = reporting.write(subject(case, writer), text, by=writer, at=now - 30 * MINUTE)
    for at in (now - 15 * MINUTE, now):
        reporting.send(report.id, protocol_id=sheriff, how=Sending.How.PHONE, seen=1, by=writer, at=at)
    assert queries.read(report.id, by=writer, at=now).minutes == 25
    assert queries.pace(writer, at=now) == queries.Pace(1, 25)
    assert queries.pace(stories.person("FBI"), at=now) is None


def test_what_came_of_it_is_told_to_the_agencies_of_the_case_and_to_nobody_else(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = written(writer, sheriff)
    with pytest.raises(reporting.Refused):
        reporting.note_outcome(report.id, Outcome.Result.SAFE, by=writer, at=timezone.now())
    sent(reviewed(report, supervisor), sheriff, writer)
    reporting.note_outcome(report.id, Outcome.Result.SAFE, by=writer, at=timezone.now())
    case = Case.objects.get(id=report.case_id or NOBODY)
    stories.told(case, "WHD")
    for viewer, count in ((stories.person("WHD"), 1), (stories.person("EEOC"), 0)):
        with row_security.looking(viewer):
            assert len(queries.outcomes_of(case.id)) == count
            assert not Report.objects.exists()
            assert not Sending.objects.exists()


def test_a_signal_that_no_case_holds_is_reported_too_and_its_outcome_reaches_its_case(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    taken = stories.signal(AGREED, state="NV")
    with row_security.looking(writer):
        about = weighing.of_signal(Signal.objects.get(id=taken.signal_id).reference, writer)
    text = reporting.Written(protocol_id=sheriff, parts={"what": CANARY}, danger_because="Tonight.")
    report = reporting.write(about, text, by=writer, at=timezone.now())
    sent(report, sheriff, writer)
    (routed,) = routing.route([taken.signal_id], at=timezone.now())
    reporting.note_outcome(report.id, Outcome.Result.OPENED, by=writer, at=timezone.now())
    with row_security.looking(writer):
        assert [each.result for each in queries.outcomes_of(routed.case_id)] == ["They opened an investigation"]
        assert [each.id for each in queries.of_case(writer, routed.case_id)] == [report.id]
    stranger = stories.person("FBI")
    with pytest.raises(weighing.NotThere), row_security.looking(stranger):
        weighing.of_signal(about.reference, stranger)


@pytest.mark.parametrize(
    "role", [role for role in viewers.Role if role.sees_cases and role.name not in ("ADVOCATE", "COORDINATOR")]
)
def test_other_roles_of_the_agency_read_no_report(
    writer: viewers.Viewer, sheriff: uuid.UUID, role: viewers.Role
) -> None:
    report = written(writer, sheriff)
    with row_security.looking(stories.person("HOTLINE", role)):
        assert not Report.objects.filter(id=report.id).exists()
    with row_security.looking(writer):
        assert Report.objects.filter(id=report.id).exists()


def test_the_words_are_sealed(writer: viewers.Viewer, sheriff: uuid.UUID) -> None:
    report = written(writer, sheriff)
    assert CANARY.encode() not in bytes(report.words)
    assert queries.read(report.id, by=writer, at=timezone.now()).parts == {"what": CANARY}


def test_whoever_reads_a_report_collects_it_for_discovery_and_nobody_else_does(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = written(writer, sheriff, danger="Tonight.")
    sent(report, sheriff, writer)
    case = Case.objects.get(id=report.case_id or NOBODY)
    stories.told(case, "WHD")
    digests = set()
    for viewer, there in (
        (supervisor, [str(report.id)]),
        (stories.person("HOTLINE", viewers.Role.INVESTIGATOR), []),
        (stories.person("WHD"), []),
    ):
        with row_security.looking(viewer):
            access = cases.find(viewer, case.reference)
            collected = discovery.collect(viewer, access, person=None, form="page", at=timezone.now())
        items = [each for each in collected.items if each.sort is discovery.Sort.REPORT]
        assert [each.name for each in items] == there
        digests |= {each.digest for each in items}
    with row_security.looking(supervisor), translation.override("es-us"):
        access = cases.find(supervisor, case.reference)
        again = discovery.collect(supervisor, access, person=None, form="page", at=timezone.now())
    assert {each.digest for each in again.items if each.sort is discovery.Sort.REPORT} == digests


def test_what_came_of_a_report_is_collected_by_all_who_see_it_and_the_report_is_named_as_left_out(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = written(writer, sheriff, danger="Tonight.")
    case = Case.objects.get(id=report.case_id or NOBODY)
    sent(report, sheriff, writer)
    text = reporting.Written(protocol_id=sheriff, parts={"what": CANARY})
    reporting.write(
        subject(case, writer), text, by=writer, at=timezone.now()
    )  # of which no page of others says anything
    outcome = reporting.note_outcome(report.id, Outcome.Result.OPENED, by=writer, at=timezone.now())
    stories.told(case, "WHD")
    agency, digests = stories.agency("HOTLINE").name, set()
    for viewer, language, left_out in (
        (supervisor, "en-us", []),
        (stories.person("HOTLINE", viewers.Role.INVESTIGATOR), "en-us", [(str(report.id), agency)]),
        (stories.person("WHD"), "es-us", [(str(report.id), agency)]),
    ):
        with row_security.looking(viewer), translation.override(language):
            access = cases.find(viewer, case.reference)
            collected = discovery.collect(viewer, access, person=None, form="page", at=timezone.now())
        (item,) = (each for each in collected.items if each.sort is discovery.Sort.OUTCOME)
        assert (item.name, item.at, item.agency) == (str(outcome.id), outcome.at, agency)
        digests.add(item.digest)
        left = [each for each in collected.left_out if each.sort is discovery.Sort.REPORT]
        assert [(each.name, each.agency) for each in left] == left_out
        assert {each.why for each in left} <= {discovery.Why.REPORTED}
    assert len(digests) == 1


def test_each_verb_leaves_one_event(writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID) -> None:
    report = reviewed(written(writer, sheriff), supervisor)
    sending = sent(report, sheriff, writer)
    reporting.confirm(sending.report_id, sending.id, number="26-118", name="", by=writer, at=timezone.now())
    reporting.note_outcome(report.id, Outcome.Result.SAFE, by=writer, at=timezone.now())
    with row_security.system():
        verbs = Event.objects.filter(subject_id=report.id).order_by("id").values_list("verb", flat=True)
        assert list(verbs) == [
            "report.written",
            "report.reviewed",
            "report.sent",
            "report.confirmed",
            "report.outcome",
        ]


def test_the_page_says_who_must_may_and_may_not_be_told_before_anything_is_written(
    client: Client, writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    kept(supervisor, "child_protection")
    case = stories.case(SERVICES_ONLY, state="NV")
    page = signing_in.sign_in(client, writer).get(f"/cases/{case.reference}/report").content.decode()
    assert "May not tell" in page
    assert "I won’t tell local police or the sheriff about this." in page
    assert "child_protection 1 (fictional)" in page
    assert "This does not replace your own report." in page
    choices = re.findall(r'name="recipient" value="([0-9a-f-]{36})"', page)
    assert str(sheriff) not in choices
    assert len(choices) == 1
    refused = client.post(f"/cases/{case.reference}/report", {"recipient": str(sheriff), "part_what": CANARY})
    assert refused.status_code == 422
    assert CANARY in refused.content.decode()


def test_a_third_party_tip_about_an_adult_goes_to_the_state_first(
    client: Client, writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    kept(supervisor, "attorney_general")
    case = stories.case({"source": "bystander", "age": "adult", "labor": "yes", "means": "yes"}, state="NV")
    page = signing_in.sign_in(client, writer).get(f"/cases/{case.reference}/report").content.decode()
    kinds = re.findall(r'id="kind-(\w+)"', page)
    assert kinds[0] == "attorney_general"
    assert "such tips go to the State" in page
    assert "We can’t tell you what comes of it." in page


def test_a_report_walks_through_its_pages(
    client: Client, writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    case = stories.case(AGREED, state="NV")
    signing_in.sign_in(client, writer)
    saved = client.post(f"/cases/{case.reference}/report", {"recipient": str(sheriff), "part_what": CANARY})
    address = saved["Location"]
    assert "Waits for review" in client.get(address).content.decode()
    how = {"recipient": str(sheriff), "how": "phone", "seen": "1"}
    assert client.post(f"{address}/send", how).status_code == 422
    assert client.post(f"{address}/review", {"seen": "1", "review": "yes"}).status_code == 404
    signing_in.sign_in(client, supervisor)
    assert client.post(f"{address}/review", {"seen": "1", "review": "yes"}).status_code == 302
    signing_in.sign_in(client, writer)
    assert client.post(f"{address}/send", how).status_code == 302
    sending = Sending.objects.filter(report=uuid.UUID(address.rpartition("/")[2]))
    with row_security.looking(writer):
        sending_id = sending.get().id
    assert client.post(f"{address}/sent/{sending_id}", {}).status_code == 422
    assert client.post(f"{address}/sent/{sending_id}", {"confirmation": "26-118"}).status_code == 302
    assert client.post(f"{address}/outcome", {"result": "safe"}).status_code == 302
    page = client.get(address).content.decode()
    assert claims.every(words in page for words in ("26-118", CANARY, "The person is safe", "Confirmed"))
    assert "The person is safe" in client.get(f"/cases/{case.reference}").content.decode()
    assert CANARY not in client.get("/reports").content.decode()
    stranger = stories.person("FBI")
    assert signing_in.sign_in(client, stranger).get(address).status_code == 404
    assert client.post(f"{address}/outcome", {"result": "safe"}).status_code == 404


def test_the_answer_of_a_kind_is_shown_with_its_reason(writer: viewers.Viewer, sheriff: uuid.UUID) -> None:
    case = stories.case(AGREED, state="NV")
    considered = weighing.consider(subject(case, writer), by=writer, at=timezone.now())
    by_kind = {each.kind.code: each for each in considered.answers}
    assert by_kind["police"].weighed.verdict is Verdict.MAY
    assert [each.id for each, _ in by_kind["police"].recipients] == [sheriff]
    assert claims.every(each.weighed.reason.words for each in considered.answers)
    assert claims.every(each.sentence for each in considered.answers)
    assert considered.limits


def test_in_danger_the_page_says_to_call_first_and_of_a_person_who_does_not_know_it_says_so(
    client: Client, writer: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    signing_in.sign_in(client, writer)
    calm, danger = stories.case(AGREED, state="NV"), stories.case({**AGREED, "urgency": "immediate_danger"}, state="NV")
    first = "call 911 first"
    assert first in client.get(f"/cases/{danger.reference}/report").content.decode()
    assert first not in client.get(f"/cases/{calm.reference}/report").content.decode()
    proxy = stories.signal({**AGREED, "source": "proxy"}, telling={"proxy_knows": "no"})  # type: ignore[arg-type]
    reference = Signal.objects.get(id=proxy.signal_id).reference
    unaware = "they don’t know about this"
    assert unaware in client.get(f"/signals/{reference}/report").content.decode()
    assert unaware not in client.get(f"/cases/{calm.reference}/report").content.decode()


@pytest.mark.usefixtures("clock_ahead")
def test_once_the_key_of_its_case_is_gone_a_report_says_erased_and_leaves_no_more(
    client: Client, writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = reviewed(written(writer, sheriff), supervisor)
    sent(report, sheriff, writer)
    case = Case.objects.get(id=report.case_id or NOBODY)
    hope, later = stories.person("HOTLINE"), timezone.now() + KEPT_FOR + datetime.timedelta(days=1)
    changing.close(case.id, because="She is home.", by=hope, at=timezone.now())
    retention.approve(retention.ask(case.id, by=hope, at=later).id, by=stories.person("HOTLINE"), at=later)
    page = signing_in.sign_in(client, writer).get(f"/reports/{report.id}")
    assert page.status_code == 200
    assert keys.ERASED in page.content.decode()
    assert CANARY not in page.content.decode()
    with pytest.raises(reporting.Refused):
        sent(report, sheriff, writer)


def test_nobody_is_in_danger_because_a_line_was_filled_in(
    client: Client, writer: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    case = stories.case(AGREED, state="NV")
    signing_in.sign_in(client, writer)
    text = {"recipient": str(sheriff), "part_what": CANARY}
    page = f"/cases/{case.reference}/report"
    unchecked = client.post(page, {**text, "danger_because": "Nobody right now"})
    unsaid = client.post(page, {**text, "in_danger": "on"})
    assert (unchecked.status_code, unsaid.status_code) == (422, 422)
    assert "Nobody right now" in unchecked.content.decode()
    assert "Write who is in danger now, and of what." in unsaid.content.decode()
    saved = client.post(page, {**text, "in_danger": "on", "danger_because": "She is there tonight."})
    with row_security.looking(writer):
        assert Report.objects.get(id=uuid.UUID(saved["Location"].rpartition("/")[2])).in_danger


def test_a_report_is_sent_to_whom_it_was_reviewed_for_or_to_another_choice_there(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    second, state = kept(supervisor, choice=2), kept(supervisor, "attorney_general")
    elsewhere = kept(supervisor, county="Elko")
    report = reviewed(written(writer, sheriff), supervisor)
    for other in (state, elsewhere):
        with pytest.raises(reporting.Refused, match="another recipient"):
            sent(report, other, writer)
    assert sent(report, second, writer).number == 1
    urgent = written(writer, sheriff, danger="She is there tonight.")
    assert sent(urgent, state, writer).number == 1


def test_another_recipient_needs_a_review_again(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = reviewed(written(writer, sheriff), supervisor)
    other = reporting.Written(protocol_id=kept(supervisor, "attorney_general"), parts={"what": CANARY})
    changed = reporting.change(report.id, other, seen=1, by=writer, at=timezone.now())
    assert (changed.version, changed.reviewed_at) == (2, None)


def test_a_signal_of_a_case_is_reported_on_its_case(client: Client, writer: viewers.Viewer, sheriff: uuid.UUID) -> None:
    taken = stories.signal(AGREED, state="NV")
    with row_security.looking(writer):
        about = weighing.of_signal(Signal.objects.get(id=taken.signal_id).reference, writer)
    (routed,) = routing.route([taken.signal_id], at=timezone.now())
    text = reporting.Written(protocol_id=sheriff, parts={"what": CANARY})
    with pytest.raises(reporting.Refused, match="part of a case"):
        reporting.write(about, text, by=writer, at=timezone.now())
    answer = signing_in.sign_in(client, writer).get(f"/signals/{about.reference}/report")
    with row_security.system():
        case = Case.objects.get(id=routed.case_id)
    assert answer["Location"] == f"/cases/{case.reference}/report"


def test_recipients_of_other_states_are_not_offered_while_nobody_knows_the_state(
    client: Client, writer: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    case = stories.case(AGREED)
    page = signing_in.sign_in(client, writer).get(f"/cases/{case.reference}/report").content.decode()
    assert "Nobody has said which state this is in" in page
    assert str(sheriff) not in page
    assert "police 1 (fictional)" not in page


def test_whoever_may_work_with_immigration_enforcement_is_named_last_and_with_a_warning(
    client: Client, writer: viewers.Viewer, supervisor: viewers.Viewer
) -> None:
    risky, safe = kept(supervisor, choice=1, immigration="unknown"), kept(supervisor, choice=2, immigration="no")
    case = stories.case({**AGREED, "wish_immigration": "no", "urgency": "immediate_danger"}, state="NV")
    about = subject(case, writer)
    there = weighing.recipients(about, by=writer, at=timezone.now())
    assert [(each.id, weighed.is_risky) for each, weighed in there] == [(safe, False), (risky, True)]
    page = signing_in.sign_in(client, writer).get(f"/cases/{case.reference}/report").content.decode()
    assert "They may tell immigration enforcement." in page
    calm = subject(stories.case({**AGREED, "wish_immigration": "no"}, state="NV"), writer)
    verdicts = {each.id: weighed.verdict for each, weighed in weighing.recipients(calm, by=writer, at=timezone.now())}
    assert verdicts == {safe: Verdict.MAY, risky: Verdict.MAY_NOT}


def test_a_report_that_was_returned_is_written_anew_before_anybody_approves_it(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report, now = written(writer, sheriff), timezone.now()
    with pytest.raises(reporting.Refused):
        reporting.send_back(report.id, comment=" ", seen=1, by=supervisor, at=now)
    reporting.send_back(report.id, comment="Say where.", seen=1, by=supervisor, at=now)
    (shown,) = queries.listed(writer, at=now)
    assert (shown.state, shown.waits_for_review) == (queries.State.RETURNED, False)
    with pytest.raises(reporting.Refused, match="returned"):
        reviewed(report, stories.person("HOTLINE"))
    other = reporting.Written(protocol_id=sheriff, parts={"what": "In the old mill."})
    reporting.change(report.id, other, seen=1, by=writer, at=timezone.now())
    reviewed(report, supervisor, seen=2)
    shown = queries.read(report.id, by=writer, at=timezone.now())
    assert (shown.state, shown.comment) == (queries.State.READY, "Say where.")


def test_an_objection_stays_above_what_is_noted_later_and_is_listed_apart(
    client: Client, writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    report = written(writer, sheriff)
    reporting.send_back(report.id, comment="Say where.", seen=1, by=supervisor, at=timezone.now())
    page = signing_in.sign_in(client, writer).get("/reports").content.decode()
    waiting, returned, over = (page.index(f'id="{name}') for name in ("waiting", "returned", "reviewed"))
    assert waiting < returned < page.index(str(report.id)) < over
    other = reporting.Written(protocol_id=sheriff, parts={"what": "In the old mill."})
    reporting.change(report.id, other, seen=1, by=writer, at=timezone.now())
    reporting.review(report.id, comment="Good.", seen=2, by=supervisor, at=timezone.now())
    assert queries.read(report.id, by=writer, at=timezone.now()).comment == "Say where.\nGood."


def test_a_sending_is_confirmed_under_the_address_of_its_own_report(
    client: Client, writer: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    one, other = (written(writer, sheriff, danger="She is there tonight.") for _ in "ab")
    sending = sent(one, sheriff, writer)
    signing_in.sign_in(client, writer)
    confirmed = {"confirmation": "26-118"}
    assert client.post(f"/reports/{other.id}/sent/{sending.id}", confirmed).status_code == 404
    assert client.post(f"/reports/{one.id}/sent/{sending.id}", confirmed).status_code == 302


def test_what_came_of_a_report_about_a_signal_goes_with_it_into_its_case(
    writer: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    taken = stories.signal(AGREED, state="NV")
    with row_security.looking(writer):
        about = weighing.of_signal(Signal.objects.get(id=taken.signal_id).reference, writer)
    text = reporting.Written(protocol_id=sheriff, parts={"what": CANARY}, danger_because="Tonight.")
    report = reporting.write(about, text, by=writer, at=timezone.now())
    sent(report, sheriff, writer)
    reporting.note_outcome(report.id, Outcome.Result.OPENED, by=writer, at=timezone.now())
    (routed,) = routing.route([taken.signal_id], at=timezone.now())
    with row_security.system():
        case = Case.objects.get(id=routed.case_id)
    stories.told(case, "WHD")
    for viewer in (writer, stories.person("WHD")):
        with row_security.looking(viewer):
            assert [each.result for each in queries.outcomes_of(case.id)] == ["They opened an investigation"]


def test_the_page_says_that_consent_was_taken_back_and_whom_a_duty_binds(
    client: Client, writer: viewers.Viewer
) -> None:
    child = {"source": "child_welfare", "age": "under_18", "child_in_care": "yes", "missing_child": "yes"}
    calm, commanded = stories.case(AGREED, state="NV"), stories.case({**AGREED, **child}, state="NV")
    signing_in.sign_in(client, writer)
    assert "Binds: " not in client.get(f"/cases/{calm.reference}/report").content.decode()
    assert "Binds: " in client.get(f"/cases/{commanded.reference}/report").content.decode()
    assert TAKEN_BACK not in client.get(f"/cases/{calm.reference}/report").content.decode()
    taken_back = a_case_whose_sender_took_consent_back()
    assert TAKEN_BACK in client.get(f"/cases/{taken_back.reference}/report").content.decode()


def test_consent_that_was_taken_back_binds_an_agency_that_sees_no_mailbox() -> None:
    case = stories.told(a_case_whose_sender_took_consent_back(), "WHD")
    assert subject(case, stories.person("WHD")).is_withdrawn


def test_a_closed_case_with_reports_of_ones_own_does_not_say_that_there_are_none(
    client: Client, writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    nothing = "Nothing is known of a report by any agency on this case."
    report, empty = written(writer, sheriff), stories.case(AGREED, state="NV")
    with row_security.system():
        case = report.case
    assert case is not None
    signing_in.sign_in(client, writer)
    for each, is_said in ((case, False), (empty, True)):
        changing.close(each.id, because="She is home.", by=supervisor, at=timezone.now())
        assert (nothing in client.get(f"/cases/{each.reference}").content.decode()) is is_said


def test_what_can_leave_at_any_time_is_not_returned(
    writer: viewers.Viewer, supervisor: viewers.Viewer, sheriff: uuid.UUID
) -> None:
    urgent = written(writer, sheriff, danger="She is there tonight.")
    with pytest.raises(reporting.Refused, match="Talk with whoever wrote it"):
        reporting.send_back(urgent.id, comment="Wait.", seen=1, by=supervisor, at=timezone.now())
