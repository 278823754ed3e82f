"""T17: what is on hold stays, nobody disposes alone, and what was disposed of opens nowhere; a tombstone stays."""

from __future__ import annotations

import datetime
import pathlib

import pytest
from django.core.files import uploadedfile
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.utils import timezone

from nowrongdoor.access import guards, row_security
from nowrongdoor.audit import verifying
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import files, need_to_know, noting, people
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case, CaseFile, Note
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import schedules
from nowrongdoor.core.line import Medium
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import routing
from nowrongdoor.leads import answering, changing
from nowrongdoor.line import moving, writing
from nowrongdoor.operating import cluster
from nowrongdoor.retention import actions, models, queries
from nowrongdoor.vault import keys, providers, sealing
from nowrongdoor.vault.models import DataKey, KeyVersion
from tests import signing_in
from tests.access.test_doors import ROUTES, address
from tests.leads import stories
from tests.line import floors

CANARY = "canary-of-a-closed-case"
KEEP = schedules.installed()["case"].keep or datetime.timedelta()
OTHERS = {"cases", "worklist", "find_people", "emergencies", "review", "retention", "hold", "ask_disposal"}
LATER = stories.NOON + KEEP + datetime.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("clock_ahead")


@pytest.fixture
def closed(committed_db: None) -> Case:
    """A case that was closed; at LATER its time is over."""
    receipt = stories.signal(narrative=CANARY, people=({"prs_FirstName": CANARY},), at=stories.NOON)
    (routed,) = routing.route([receipt.signal_id], at=stories.NOON)
    hotline = stories.person("HOTLINE")
    note = cases.add_note(routed.case_id, text=CANARY, audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    noting.correct(note.id, text=f"{CANARY}, twice", because=CANARY, seen=0, by=hotline, at=stories.NOON)
    stories.attach(routed.case_id, CANARY.encode(), label=CANARY, by=hotline)
    withdrawn = stories.attach(routed.case_id, CANARY.encode(), label=CANARY, by=hotline)
    files.withdraw(routed.case_id, withdrawn.id, because=CANARY, by=hotline, at=stories.NOON)
    return changing.close(routed.case_id, because=CANARY, by=hotline, at=stories.NOON)


def words(case: Case) -> str:
    hotline = stories.person("HOTLINE")
    with row_security.looking(hotline):
        found = case_queries.find(hotline, case.reference)
        told = (
            *(case_queries.notes(hotline, found), case_queries.signals(hotline, case.id)),
            files.listed(hotline, found),
        )
        return str([*told, people.shown(hotline, case.id, found.key), found.closed_because])


def test_two_people_dispose_of_a_case_whose_time_is_over(closed: Case) -> None:
    one, other = stories.person("HOTLINE"), stories.person("HOTLINE")
    assert CANARY in words(closed)
    with row_security.system():
        wrapped = [bytes(row.wrapped) for row in DataKey.objects.all()]
    asked = actions.ask(closed.id, by=one, at=LATER)
    assert CANARY in words(closed)
    with pytest.raises(actions.Refused, match="second person"):
        actions.approve(asked.id, by=one, at=LATER)
    done = actions.approve(asked.id, by=other, at=LATER)
    assert done.destroyed == len(wrapped) == 2
    assert CANARY not in words(closed)
    assert keys.ERASED in words(closed)
    hotline = stories.person("HOTLINE")
    with row_security.looking(hotline):
        assert people.find(hotline, CANARY) == []
    tombstone = models.Disposal.objects.get()
    assert (tombstone.schedule, tombstone.destroyed, tombstone.approved_by_id) == ("case", 2, other.user_id)
    assert Case.objects.get(id=closed.id).facts == stories.FORCED_LABOR
    assert verifying.verify().holds
    with pytest.raises(actions.Refused):
        actions.approve(asked.id, by=other, at=LATER)


@pytest.mark.parametrize("leader", ["HOTLINE", "HSI"])
def test_what_was_said_on_the_line_ends_with_the_case_whoever_led_it_last(
    committed_db: None, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, leader: str
) -> None:
    floors.install(tmp_path, monkeypatch)
    desk = floors.on_shift()
    texts = [
        floors.take(floors.event(Kind.WROTE, name, medium=Medium.TEXT, call=name, sender=name, words=CANARY))
        for name in ("of the case", "of another")
    ]
    receipt, other = (stories.signal(at=stories.NOON) for _ in "ab")
    for contact, became in zip(texts, (receipt, other), strict=True):
        moving.became(contact.id, became.signal_id, by=desk, at=stories.NOON)
        moving.end(contact.id, by=desk, at=stories.NOON)
    (routed,) = routing.route([receipt.signal_id], at=stories.NOON)
    case = Case.objects.get(id=routed.case_id)
    if leader == "HSI":
        answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    one, two = (stories.person(leader) for _ in "ab")
    changing.close(case.id, because=CANARY, by=one, at=stories.NOON)
    actions.approve(actions.ask(case.id, by=one, at=LATER).id, by=two, at=LATER)
    gone, kept = (writing.of(contact.id, by=desk, at=LATER) for contact in texts)
    assert [said.words for said in kept] == [CANARY]
    assert [said.words for said in gone] == [keys.ERASED]


def test_a_file_of_a_case_that_was_disposed_of_opens_nowhere(closed: Case) -> None:
    one, other = stories.person("HOTLINE"), stories.person("HOTLINE")
    file = CaseFile.objects.get(withdrawn_at=None)
    client = signing_in.sign_in(Client(), one)
    page, address = f"/cases/{closed.reference}", f"/cases/{closed.reference}/files/{file.id}"
    assert client.get(address).content == CANARY.encode()
    assert f'href="{address}"' in client.get(page).content.decode()
    actions.approve(actions.ask(closed.id, by=one, at=LATER).id, by=other, at=LATER)
    assert client.get(address).status_code == 404
    shown = client.get(page).content.decode()
    assert CANARY not in shown
    assert address not in shown
    assert "Attach a file" not in shown  # there is no key to seal one with
    late = {"label": "too late", "file": uploadedfile.SimpleUploadedFile("x.txt", b"x")}
    with override_settings(SCAN="off"):
        assert "was erased" in client.post(f"{page}/files", late, follow=True).content.decode()
    assert CaseFile.objects.count() == 2
    with row_security.system():
        kept = CaseFile.objects.get(withdrawn_at=None)
        assert len(kept.content) == len(CANARY) + sealing.OVERHEAD  # the row stays, and no key opens it
        for key in keys.open_all(DataKey.objects.values_list("subject_id", flat=True))._found.values():
            with pytest.raises(sealing.DoesNotOpen):
                key.open_bytes(kept.content, sealing.Place("case_file", kept.id, "content", kept.agency_id))


def test_how_a_duty_was_done_is_erased_with_its_case(committed_db: None) -> None:
    case = stories.case({**stories.FORCED_LABOR, "urgency": "immediate_danger"}, at=stories.NOON)
    one, other = stories.person("HOTLINE"), stories.person("HOTLINE")
    told = Duty.notices().filter(case=case, by_hand=True)[0]
    duties.acknowledge(told.id, how=CANARY, by=one, at=stories.NOON)
    changing.close(case.id, because="She is home.", by=one, at=stories.NOON)
    client = signing_in.sign_in(Client(), one)
    page = f"/cases/{case.reference}"
    assert client.get(page).content.decode().count(CANARY) == 2  # beside the notice, and in the timeline
    actions.approve(actions.ask(case.id, by=one, at=LATER).id, by=other, at=LATER)
    shown = client.get(page).content.decode()
    assert CANARY not in shown
    assert "Notified by" in shown
    with row_security.system():
        kept = Duty.objects.get(id=told.id)
        assert len(kept.how) == len(CANARY) + sealing.OVERHEAD
        assert not DataKey.objects.filter(subject_id=case.id).exists()


def test_what_was_copied_before_cannot_be_unwrapped_once_the_keys_are_renewed(
    closed: Case, request: pytest.FixtureRequest
) -> None:
    """An old backup of the keys holds the wrapped key; the key above it is destroyed with the next renewal."""
    request.addfinalizer(keys.forget)
    with row_security.system():
        old = DataKey.objects.get(subject_id=closed.id)
    assert keys.opened(old.subject_id, old.root_id, old.wrapped, old.commitment)
    asked = actions.ask(closed.id, by=stories.person("HOTLINE"), at=LATER)
    actions.approve(asked.id, by=stories.person("HOTLINE"), at=LATER)
    with row_security.system():
        keys.renew()
    with row_security.system():
        while keys.rewrap(limit=10):
            pass
        assert keys.forget_old()
    keys.forget()
    with pytest.raises(providers.NoSuchKey, match="has no key"):
        keys.opened(old.subject_id, old.root_id, old.wrapped, old.commitment)
    case = stories.case()  # what is there now opens as before
    hotline = stories.person("HOTLINE")
    cases.add_note(case.id, text="still readable", audience=Note.Audience.TEAM, by=hotline, at=LATER)
    assert "still readable" in words(case)


def test_a_disposal_destroys_every_version_of_a_key_and_counts_keys(
    closed: Case, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(keys.forget)
    with row_security.system():
        keys.renew()
        while keys.rewrap(limit=100):
            pass
        assert KeyVersion.objects.count() == 2
    asked = actions.ask(closed.id, by=stories.person("HOTLINE"), at=LATER)
    done = actions.approve(asked.id, by=stories.person("HOTLINE"), at=LATER)
    assert done.destroyed == 2
    with row_security.system():
        assert (DataKey.objects.count(), KeyVersion.objects.count()) == (0, 0)


def test_a_hold_blocks_disposal_whoever_asks_and_stops_one_that_waits(closed: Case) -> None:
    one, other = stories.person("HOTLINE"), stories.person("HOTLINE")
    asked = actions.ask(closed.id, by=one, at=LATER)
    held = actions.hold(closed.id, because="The district court asked for it.", by=other, at=LATER)
    with pytest.raises(actions.Refused):
        actions.approve(asked.id, by=other, at=LATER)
    with pytest.raises(actions.Refused, match="on hold"):
        actions.ask(closed.id, by=one, at=LATER)
    actions.lift(held.id, by=one, at=LATER)
    again = actions.ask(closed.id, by=one, at=LATER)
    actions.approve(again.id, by=other, at=LATER)


def test_a_hold_covers_every_case_that_was_merged_with_the_one_it_names(committed_db: None) -> None:
    """Somebody is charged in the case that goes on; the words of the first call are under the key of another."""
    one, other = stories.person("HOTLINE"), stories.person("HOTLINE")
    first, going_on, beside = (
        stories.case(at=stories.NOON),
        stories.case(at=stories.NOON),
        stories.case(at=stories.NOON),
    )
    for each in (first, beside):
        changing.merge(each.id, into_id=going_on.id, because="The same farm.", by=one, at=stories.NOON)
    asked = actions.ask(first.id, by=one, at=LATER)
    charged = actions.hold(going_on.id, kind=models.Hold.Kind.CHARGE, because="4:26-cr-00118", by=other, at=LATER)
    assert models.Disposal.objects.get(id=asked.id).stopped_at == LATER
    for each in (first, beside):
        with pytest.raises(actions.Refused, match="on hold"):
            actions.ask(each.id, by=one, at=LATER)
        assert each.reference not in [reference for reference, _ in queries.due(one, at=LATER)]
    actions.lift(charged.id, by=one, at=LATER)
    again = actions.ask(first.id, by=one, at=LATER)
    actions.hold(beside.id, kind=models.Hold.Kind.SUBPOENA, because="GJ 26-7", by=one, at=LATER)
    with pytest.raises(actions.NotThere):
        actions.approve(again.id, by=other, at=LATER)  # the hold stopped it
    with row_security.system():
        assert DataKey.objects.filter(subject_id=first.id).exists()


def test_before_its_time_is_over_nothing_is_disposed_of(committed_db: None) -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    with pytest.raises(actions.Refused, match="5 years"):
        actions.ask(case.id, by=hotline, at=stories.NOON)
    changing.close(case.id, because="done", by=hotline, at=stories.NOON)
    with pytest.raises(actions.Refused, match="5 years"):
        actions.ask(case.id, by=hotline, at=stories.NOON + KEEP - datetime.timedelta(seconds=1))
    actions.ask(case.id, by=hotline, at=stories.NOON + KEEP)
    with pytest.raises(actions.Refused, match="led the case"):
        actions.ask(case.id, by=stories.person("FBI"), at=stories.NOON + KEEP)


def test_the_database_destroys_no_key_without_a_second_person_or_under_a_hold(closed: Case) -> None:
    one, other = stories.person("HOTLINE"), stories.person("HOTLINE")
    with pytest.raises(IntegrityError, match="second person"), row_security.system():
        DataKey.objects.filter(subject_id=closed.id).delete()
    asked = actions.ask(closed.id, by=one, at=LATER)
    with pytest.raises(IntegrityError, match="nobody_disposes_alone"), transaction.atomic(), row_security.looking(one):
        models.Disposal.objects.filter(id=asked.id).update(approved_by=one.user_id, approved_at=LATER)
    assert other.user_id
    with row_security.looking(other):
        sealed = keys.of(closed.id).seal("court", sealing.Place("hold", asked.id, "because", other.agency_id))
        models.Hold.objects.create(
            case=closed, agency_id=other.agency_id, because=sealed, at=LATER, by_id=other.user_id
        )
    with row_security.looking(other):
        models.Disposal.objects.filter(id=asked.id).update(approved_by=other.user_id, approved_at=LATER)
        row_security.act_on(closed.id)
        with pytest.raises(IntegrityError, match="on hold"), transaction.atomic():
            DataKey.objects.filter(subject_id=closed.id).delete()
        transaction.set_rollback(True)
    assert connection.settings_dict["USER"] == cluster.APP


def test_the_canary_is_in_no_file_of_the_database(closed: Case) -> None:
    for file in pathlib.Path(cluster.var()).rglob("*"):
        if file.is_file():
            assert CANARY.encode() not in file.read_bytes(), file


def test_the_page_holds_lifts_asks_and_approves(closed: Case) -> None:
    with row_security.system():
        Case.objects.filter(id=closed.id).update(closed_at=timezone.now() - KEEP - datetime.timedelta(days=1))
    one = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    other = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    assert closed.reference in one.get("/retention").content.decode()
    one.post("/retention/hold", {"reference": closed.reference, "because": "The court asked for it."})
    assert not models.Hold.objects.exists()  # nobody said what makes it necessary
    form = {"reference": closed.reference, "kind": "charge", "because": "The court asked for it."}
    one.post("/retention/hold", form)
    assert "Somebody was charged" in one.get("/retention").content.decode()
    assert "The court asked for it." in one.get("/retention").content.decode()
    one.post("/retention/ask", {"reference": closed.reference})
    assert "on hold" in one.get("/retention").content.decode()
    held = models.Hold.objects.get()
    one.post(f"/retention/holds/{held.id}/lift")
    one.post("/retention/ask", {"reference": closed.reference})
    asked = models.Disposal.objects.get()
    one.post(f"/retention/disposals/{asked.id}/approve")
    assert "A second person must approve" in one.get("/retention").content.decode()
    assert "Destroy permanently" in other.get("/retention").content.decode()
    other.post(f"/retention/disposals/{asked.id}/approve")
    assert "2 keys were destroyed" in other.get("/retention").content.decode()
    stranger = signing_in.sign_in(Client(), stories.person("FBI"))
    assert stranger.post(f"/retention/disposals/{asked.id}/approve").status_code == 404
    assert closed.reference not in stranger.get("/retention").content.decode()


def test_a_case_that_was_disposed_of_is_answered_and_never_a_fault(closed: Case) -> None:
    """Every address of a case, read and written to, as everybody who worked on it."""
    with row_security.system():
        opened = need_to_know.open_in_emergency(
            closed.reference, because="Somebody may come to harm.", by=stories.person("FBI"), at=stories.NOON
        )
    one, other = stories.person("HOTLINE"), stories.person("HOTLINE")
    actions.approve(actions.ask(closed.id, by=one, at=LATER).id, by=other, at=LATER)
    sent = {
        "text": "late",
        "reason": "late",
        "because": "A late reason.",
        "name": "Late",
        "reference": closed.reference,
    }
    values = {"reference": closed.reference, "emergency_id": str(opened.id)}
    client = signing_in.sign_in(Client(), one)
    reviewer = signing_in.sign_in(Client(), stories.person("FBI"))
    said = []
    for path, route in ROUTES:
        if guards.guard_of(route.callback) == guards.TOKEN or not ("reference>" in path or route.name in OTHERS):
            continue
        for method in ("get", "post"):
            for browser in (client, reviewer):
                answer = getattr(browser, method)(address(path, **values), sent)
                assert answer.status_code < 500, (path, method)
                said.append(answer.status_code)
    assert 410 in said
    assert client.post(f"/cases/{closed.reference}/notes", {"text": "late"}).status_code == 410
    assert keys.ERASED in reviewer.get("/emergencies").content.decode()
