"""A table decides only on the facts that it was proved on: where those moved, signals are kept and wait, and are routed
once it is proved again and in force."""

from __future__ import annotations

import dataclasses
import json
import re
import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.tasks import Task

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.cases.models import Case
from nowrongdoor.core.intake import row
from nowrongdoor.core.mandates import facts, prove, table, vocabulary
from nowrongdoor.intake import importing, routing
from nowrongdoor.intake import tasks as intake
from nowrongdoor.leads import answering, changing, retrying, tasks
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.signals.models import Signal
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
SAID = "was proved for other questions and answers than this version asks"


def with_one_answer_more(name: str = "labor") -> facts.Vocabulary:
    """Today's questions, of which one has one answer more."""
    attributes = []
    for each in vocabulary.US.attributes:
        values = each.values
        if each.name == name:
            values = (*values[:-1], facts.Value("offered", f"{name} offered"), values[-1])
        attributes.append(dataclasses.replace(each, values=values))
    return facts.Vocabulary(tuple(attributes))


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A new version of the code, in which a question has one answer more, started on the database as it is."""
    stories.staff()
    tables.in_force()  # decides, before
    monkeypatch.setattr(vocabulary, "US", with_one_answer_more())
    forget()
    yield
    monkeypatch.undo()
    forget()


def body(task: Task[..., None, ...]) -> Callable[..., None]:
    """What a task does, on the connection of the test: a worker starts each on one that it knows to work."""
    return task.func.__wrapped__  # type: ignore[attr-defined,no-any-return]


def forget() -> None:
    table.shipped.cache_clear()
    tables.read_book.cache_clear()


def mended() -> dict[str, str]:
    """The shipped files, with rules for the new answer."""
    files = table.shipped_files()
    return files | {
        name: re.sub(r'labor = \["no", "unknown"\]', 'labor = ["no", "unknown", "offered"]', text)
        for name, text in files.items()
    }


def put_in_force(files: dict[str, str]) -> MandateTable:
    kept = mandates.add(files, at=timezone.now())
    coordinator = stories.agency("DOJ_COORDINATOR").id
    return mandates.put_in_force(kept.id, agency_id=coordinator, by=None, at=timezone.now())


def waiting() -> int:
    return Signal.objects.filter(routed_at=None).count()


def form(facts: dict[str, str]) -> tuple[Client, str]:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    answer = client.post(
        "/signals/new", {"key": uuid.uuid4().hex, "channel": "call", "source": "unknown", "place": "", **facts}
    )
    assert answer.status_code == 302
    return client, str(answer["Location"])


def route_what_waits() -> None:
    for signal_id in Signal.objects.filter(routed_at=None).values_list("id", flat=True):
        routing.route([signal_id], at=timezone.now())


def test_a_signal_by_api_by_form_and_by_file_is_kept_waits_and_is_routed_once_the_table_is_proved(moved: None) -> None:
    new = {"labor": "offered", "age": "adult"}
    token = agencies.make_token(stories.agency("HOTLINE"), label="test", by=None, at=timezone.now())
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    sent = Client().post("/api/v1/signals", {"facts": new}, content_type="application/json", headers=headers)
    assert sent.status_code == 201
    client, receipt = form(new)
    page = client.get(receipt).content.decode()
    assert "Your agency is the lead agency now." in page
    assert SAID in page
    report = importing.take_file(
        [row.Row(1, "row", new)],
        importing.Source("a file", importing.EqualRows.ASK),
        receiver_id=stories.agency("HOTLINE").id,
        by=None,
        at=timezone.now(),
        progress=lambda done: None,
    )
    assert (report.taken, report.waiting, len(report.refused)) == (1, 1, 0)
    assert any(SAID in warning for warning in report.warnings)
    assert (waiting(), Case.objects.count()) == (3, 0)
    body(intake.sweep)(0)  # finds no table that can decide, and says so in the log
    assert waiting() == 3

    with pytest.raises(prove.NotProved, match="labor offered"):
        put_in_force(table.shipped_files())
    put_in_force(mended())
    route_what_waits()
    assert (waiting(), Case.objects.count()) == (0, 3)
    assert {stories.lead_of(case) for case in Case.objects.all()} == {"HOTLINE"}
    assert SAID not in client.get(receipt).content.decode()


def test_the_task_of_a_signal_leaves_it_to_wait(moved: None) -> None:
    receipt = stories.signal({"labor": "offered"})
    body(intake.route)(str(receipt.signal_id))
    assert waiting() == 1
    with pytest.raises(tables.ProvedOnOtherFacts):
        routing.route([receipt.signal_id], at=timezone.now())


def test_the_same_files_are_proved_again_where_they_still_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The question that grew decides no lead, so that the shipped rules are total on the new facts too."""
    before, agency_id = MandateTable.objects.get(in_force=True), stories.agency("DOJ_COORDINATOR").id
    same = mandates.put_in_force(before.id, agency_id=agency_id, by=None, at=timezone.now())
    assert same.id == before.id  # nothing moved
    monkeypatch.setattr(vocabulary, "US", with_one_answer_more("discrimination"))
    forget()
    with pytest.raises(tables.ProvedOnOtherFacts):
        tables.in_force()
    again = mandates.put_in_force(before.id, agency_id=agency_id, by=None, at=timezone.now())
    assert again.facts_digest == vocabulary.US.digest != before.facts_digest
    assert tables.in_force().table_id == again.id
    kept = MandateTable.objects.get(id=before.id)
    assert (kept.in_force, kept.facts_digest, kept.digest) == (False, before.facts_digest, before.digest)
    monkeypatch.undo()
    forget()


def test_what_was_decided_stands_and_can_be_answered_while_the_table_waits(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    case = stories.case(at=stories.NOON)
    request.getfixturevalue("moved")
    answering.decline(stories.offer_of(case).id, reason="No.", by=stories.person("HSI"), at=stories.NOON)
    assert stories.offer_of(case).to_agency.code == "FBI"


def test_facts_that_change_meanwhile_are_kept_and_decided_on_afterward(request: pytest.FixtureRequest) -> None:
    case, hotline = stories.case(at=stories.NOON), stories.person("HOTLINE")
    request.getfixturevalue("moved")
    changed = {"labor": "offered", "commercial_sex": "yes", "age": "under_18", "nationality": "us_citizen"}
    client = signing_in.sign_in(Client(), hotline)
    answer = client.post(
        f"/cases/{case.reference}/facts", {**changed, "place": "", "seen_version": "1", "back": "/cases"}, follow=True
    )
    assert SAID in answer.content.decode()
    now = Case.objects.get(id=case.id)
    assert (now.facts, now.facts_version) == (changed, 2)
    assert stories.offer_of(case).to_agency.code == "HSI"
    body(tasks.follow)(0)
    assert stories.offer_of(case).to_agency.code == "HSI"
    put_in_force(mended())
    assert changing.follow_table(limit=10, at=timezone.now()) == 1
    assert changing.follow_table(limit=10, at=timezone.now()) == 0
    assert stories.offer_of(case).to_agency.code == "FBI_VCAC"


def test_another_signal_of_a_case_is_kept_in_it_meanwhile(request: pytest.FixtureRequest) -> None:
    case = stories.case({"setting": "truck"}, at=stories.NOON)
    request.getfixturevalue("moved")
    form({"labor": "offered", "case": case.reference})
    assert Signal.objects.filter(in_case__case=case).count() == 2
    assert Case.objects.get(id=case.id).facts == {"setting": "truck", "labor": "offered"}


def test_the_administrator_reads_what_is_wrong_and_what_to_do(moved: None) -> None:
    stories.signal({"labor": "offered"})
    client = signing_in.sign_in(Client(), stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR))
    page = client.get("/routing").content.decode()
    assert SAID in page
    assert "nwd table force" in page
    assert "Signals waiting for a case: 1." in page
    for path in ("/mandates", "/mandates/what-if?labor=offered"):
        answer = client.get(path)
        assert (answer.status_code, SAID in answer.content.decode()) == (200, True)
    put_in_force(mended())
    assert SAID not in client.get("/routing").content.decode()


def test_without_any_table_signals_wait_too() -> None:
    stories.staff()
    MandateTable.objects.update(in_force=False)
    client, receipt = form({"labor": "yes"})
    assert "No mandate table is in force" in client.get(receipt).content.decode()
    assert waiting() == 1
    put_in_force(table.shipped_files())
    route_what_waits()
    assert waiting() == 0


# --- the digest, and its guard ---


def test_rewording_a_question_moves_nothing_and_one_code_more_does() -> None:
    first, *others = vocabulary.US.attributes
    reworded = facts.Vocabulary((dataclasses.replace(first, question="?", law="", evidence=""), *others))
    assert reworded.digest == vocabulary.US.digest
    assert with_one_answer_more().digest != vocabulary.US.digest
    assert facts.Vocabulary((*others, first)).digest != vocabulary.US.digest


def test_the_table_in_force_says_on_which_facts_it_was_proved() -> None:
    kept = MandateTable.objects.get(in_force=True)
    assert kept.facts_digest == vocabulary.US.digest == (kept.proof or {})["facts_digest"]


def attack(fields: str, values: list[str]) -> None:
    """As the run-time role, with SQL of its own."""
    statement = f"""
        INSERT INTO nowrongdoor_mandate_table
          (id, name, version, digest, files, added_at, proved_digest, proved_at, in_force, in_force_since, {fields})
        VALUES (gen_random_uuid(), 'x', '1', 'd', '{{}}', now(), 'd', now(), true, now(), %s, %s)
    """  # noqa: S608  our own words
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    ("facts_digest", "proof"), [("", {"facts_digest": "f"}), ("g", {"facts_digest": "f"}), ("f", {}), ("", {})]
)
def test_no_table_is_in_force_on_facts_that_its_proof_does_not_name(facts_digest: str, proof: dict[str, str]) -> None:
    MandateTable.objects.update(in_force=False)
    with pytest.raises(IntegrityError) as refused:
        attack("facts_digest, proof", [facts_digest, json.dumps(proof)])
    assert retrying.constraint_of(refused.value) == "a_table_in_force_is_proved_on_its_facts"
    attack("facts_digest, proof", ["f", json.dumps({"facts_digest": "f"})])


def test_the_run_time_role_cannot_say_afterward_that_a_proof_was_of_other_facts() -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction.atomic(), connection.cursor() as cursor:
        cursor.cursor.execute("UPDATE nowrongdoor_mandate_table SET facts_digest = 'f'")
