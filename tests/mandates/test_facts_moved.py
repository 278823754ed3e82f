"""The table in force says what is asked, and decides only on the facts that it was proved on: where it does not read as
it was proved, signals are kept and wait, and are routed once a proved one is in force."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import uuid
from collections.abc import Callable

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.tasks import Task

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.bulk import writing
from nowrongdoor.cases.models import Case
from nowrongdoor.core import places
from nowrongdoor.core.intake import row
from nowrongdoor.core.mandates import facts, prove, table
from nowrongdoor.intake import importing, routing
from nowrongdoor.intake import tasks as intake
from nowrongdoor.leads import answering, changing, tasks
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.signals.models import Signal
from nowrongdoor.site import reference
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
SAID = "was proved for other questions and answers than this version reads in it"
SHIPPED = table.shipped()
RELEASED = importlib.import_module("nowrongdoor.migrations.0009_facts").RELEASED
# A small table that asks what 0.2.0 asked.
OF_BEFORE = {
    "table.toml": 'name = "x"\nversion = "of before"\ncovers_from = 2023-01-01',
    "agencies.toml": '[[agency]]\ncode = "DOJ_COORDINATOR"\nname = "C"\ndepartment = "D"\nkind = "coordination"\n'
    "can_decline = false",
    "leads.toml": "".join(
        f'[[rule]]\nid = "{role}"\nrole = "{role}"\nprecedence = 1\nagency = "DOJ_COORDINATOR"\nwhen = {{}}\n'
        'authority = "a law"\nevidence = "policy"\nsources = ["M11"]\nwhy = "So."\n'
        for role in ("lead", "backstop")
    ),
}
ASKED_BY_RELEASES = importlib.import_module("nowrongdoor.migrations.0007_facts_digest").RELEASED


def asking_more(name: str = "labor") -> dict[str, str]:
    """The shipped files, in which one question has one answer more."""
    files = table.shipped_files()
    asked, words = files["facts.toml"], files["words/en.toml"]
    before, after = f'name = "{name}"\nvalues = ["yes", "no"]', f'name = "{name}"\nvalues = ["yes", "no", "offered"]'
    assert before in asked
    assert f"[{name}]\n" in words
    return files | {
        "facts.toml": asked.replace(before, after),
        "words/en.toml": words.replace(f"[{name}]\n", f'[{name}]\noffered = "{name} offered"\n'),
    }


@pytest.fixture
def moved() -> None:
    """A table in force that asks one answer more than it was proved on: no action makes such a row."""
    stories.staff()
    before = tables.in_force().table_id  # decides, before
    kept = MandateTable.objects.get(id=before)
    MandateTable.objects.update(in_force=False)
    kept.id, kept.digest, kept.proved_digest = uuid.uuid4(), "d" * 64, "d" * 64
    kept.facts = {**kept.facts, "files": {**kept.facts["files"], "facts.toml": asking_more()["facts.toml"]}}
    kept.save(force_insert=True)


def body(task: Task[..., None, ...]) -> Callable[..., None]:
    """What a task does, on the connection of the test: a worker starts each on one that it knows to work."""
    return task.func.__wrapped__  # type: ignore[attr-defined,no-any-return]


def mended() -> dict[str, str]:
    """The shipped files with one answer more, and with rules for it."""
    return {
        name: re.sub(r'labor = \["no", "unknown"\]', 'labor = ["no", "unknown", "offered"]', text)
        for name, text in asking_more().items()
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
    new = {"labor": "yes", "age": "adult"}
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
        put_in_force(asking_more())
    assert waiting() == 3
    put_in_force(mended())
    route_what_waits()
    assert (waiting(), Case.objects.count()) == (0, 3)
    assert {stories.lead_of(case) for case in Case.objects.all()} == {"HOTLINE"}
    assert SAID not in client.get(receipt).content.decode()


def test_the_task_of_a_signal_leaves_it_to_wait(moved: None) -> None:
    receipt = stories.signal()
    body(intake.route)(str(receipt.signal_id))
    assert waiting() == 1
    with pytest.raises(tables.ProvedOnOtherFacts):
        routing.route([receipt.signal_id], at=timezone.now())


def test_a_table_that_is_proved_again_and_reads_as_before_stays_the_same_row() -> None:
    before, agency_id = MandateTable.objects.get(in_force=True), stories.agency("DOJ_COORDINATOR").id
    same = mandates.put_in_force(before.id, agency_id=agency_id, by=None, at=timezone.now())
    assert same.id == before.id


def test_a_table_that_does_not_read_as_it_was_proved_is_kept_anew_where_it_holds(moved: None) -> None:
    """Its own rules leave the new answer without a lead; with rules for it, the same facts are proved."""
    bad, agency_id = MandateTable.objects.get(in_force=True), stories.agency("DOJ_COORDINATOR").id
    with pytest.raises(table.TableError, match="'offered' cannot be shown"):
        mandates.put_in_force(bad.id, agency_id=agency_id, by=None, at=timezone.now())
    kept = MandateTable.objects.get(id=bad.id)
    assert (kept.in_force, kept.facts_digest, kept.digest) == (True, bad.facts_digest, "d" * 64)


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
    changed = {
        "labor": "no",
        "commercial_sex": "yes",
        "age": "under_18",
        "nationality": "us_citizen",
        "source": "hotline",
    }
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
    case = stories.case({"truck": "yes"}, at=stories.NOON)
    request.getfixturevalue("moved")
    form({"labor": "yes", "case": case.reference})
    assert Signal.objects.filter(in_case__case=case).count() == 2
    assert Case.objects.get(id=case.id).facts == {"truck": "yes", "labor": "yes"}


def test_the_administrator_reads_what_is_wrong_and_what_to_do(moved: None) -> None:
    stories.signal()
    client = signing_in.sign_in(Client(), stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR))
    page = client.get("/routing").content.decode()
    assert SAID in page
    assert "nwd table force" in page
    assert "Signals waiting for a case: 1." in page
    for path in ("/mandates", "/mandates/what-if?labor=yes"):
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


# --- the table in force says what is asked ---


def post(facts: dict[str, str]) -> tuple[int, str]:
    """Send a signal by the API."""
    token = agencies.make_token(stories.agency("HOTLINE"), label=uuid.uuid4().hex, by=None, at=timezone.now())
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
    sent = Client().post("/api/v1/signals", {"facts": facts}, content_type="application/json", headers=headers)
    return sent.status_code, sent.content.decode()


def test_form_api_import_and_facts_of_a_case_ask_the_table_in_force_and_no_other() -> None:
    stories.staff()
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    new = {"labor": "offered", "age": "adult"}
    lines = [row.Row(1, "row", new)]

    def take() -> importing.Report:
        return importing.take_file(
            lines,
            importing.Source("a file", importing.EqualRows.ASK),
            receiver_id=stories.agency("HOTLINE").id,
            by=None,
            at=timezone.now(),
            progress=lambda done: None,
        )

    shipped = MandateTable.objects.get(in_force=True)
    assert post(new)[0] == 422
    assert "write one of yes, no, unknown" in post(new)[1]
    assert "Labor offered" not in client.get("/signals/new").content.decode()
    refused = [refusal.reason for refusal in take().refused]
    assert refused == ["'labor' cannot be 'offered': write one of yes, no, unknown."]

    ours = put_in_force(mended())
    assert post(new)[0] == 201
    for page in ("/signals/new", "/mandates/what-if"):
        assert "Labor offered" in client.get(page).content.decode()
    answer = client.get("/mandates/what-if?labor=offered").content.decode()
    assert "would be asked to lead" in answer
    assert '<span class="usa-tag">labor offered</span>' in answer
    assert take().taken == 1
    form(new)
    route_what_waits()
    assert [case.facts["labor"] for case in Case.objects.all()] == ["offered"] * 3
    case = stories.case(new)
    hotline = stories.person("HOTLINE")
    changing.change_facts(
        case.id,
        facts={"labor": "offered"},
        place=places.Place(),
        seen_version=1,
        because="x",
        by=hotline,
        at=timezone.now(),
    )
    assert Case.objects.get(id=case.id).facts == {"labor": "offered"}

    mandates.put_in_force(shipped.id, agency_id=stories.agency("DOJ_COORDINATOR").id, by=None, at=timezone.now())
    assert post(new)[0] == 422  # in the same process, at once
    assert MandateTable.objects.get(id=ours.id).in_force is False


def test_what_was_answered_to_a_table_before_stays_and_is_unknown_to_one_that_does_not_ask() -> None:
    shipped = MandateTable.objects.get(in_force=True)
    put_in_force(mended())
    case, hotline = stories.case({"labor": "offered", "age": "adult"}), stories.person("HOTLINE")
    mandates.put_in_force(shipped.id, agency_id=stories.agency("DOJ_COORDINATOR").id, by=None, at=timezone.now())
    assert changing.follow_table(limit=10, at=timezone.now()) == 1
    assert tables.ruled_of(case.id).known == {"age": "adult"}
    client = signing_in.sign_in(Client(), hotline)
    assert '<span class="usa-tag">labor: offered</span>' in client.get(f"/cases/{case.reference}").content.decode()
    more = {"age": "under_18", "place": "", "seen_version": "1", "back": "/cases"}
    assert client.post(f"/cases/{case.reference}/facts", more).status_code == 302
    assert Case.objects.get(id=case.id).facts == {"labor": "offered", "age": "under_18"}


def test_an_old_table_is_read_with_the_newest_words_where_it_asks_the_same() -> None:
    files = table.shipped_files()
    words = files["words/en.toml"].replace("Is the person under 18?", "How old?")
    kept = put_in_force(
        files | {"words/en.toml": words, "table.toml": files["table.toml"].replace(SHIPPED.version, "of before")}
    )
    assert "How old?" in kept.facts["files"]["words/en.toml"]
    assert tables.asked().attribute("age").question == "Is the person under 18?"
    ours = put_in_force(
        mended() | {"words/en.toml": mended()["words/en.toml"].replace("Is the person under 18?", "Age?")}
    )
    assert tables.in_force().table_id == ours.id
    assert tables.asked().attribute("age").question == "Age?"


def test_pages_name_agencies_as_the_table_in_force_does() -> None:
    case, hsi = stories.case(), stories.person("HSI")
    client = signing_in.sign_in(Client(), hsi)
    paths = ("/mandates", "/mandates/what-if?labor=yes&nationality=foreign", f"/cases/{case.reference}")
    files = table.shipped_files()
    name = "Homeland Security Investigations"
    assert name in files["agencies.toml"]
    ours = "Investigations of Elsewhere"
    assert [ours in client.get(path).content.decode() for path in paths] == [False] * 3
    put_in_force(files | {"agencies.toml": files["agencies.toml"].replace(name, ours)})
    assert [ours in client.get(path).content.decode() for path in paths] == [True] * 3


ADD_OF_BEFORE = """
INSERT INTO nowrongdoor_mandate_table (id, name, version, digest, files, added_at, proved_digest, proof, in_force
  {columns})
  VALUES (gen_random_uuid(), 'x', 'of before', %s, %s, now(), %s, '{{}}', false{values}) RETURNING id
"""


def test_a_table_is_not_kept_without_the_facts_that_it_asks_about() -> None:
    """Every release since 0.3.0 says them."""
    files = json.dumps(OF_BEFORE)
    with pytest.raises(IntegrityError, match='"facts"'), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ADD_OF_BEFORE.format(columns="", values=""), ["0" * 64, files, "0" * 64])
    with connection.cursor() as cursor:
        facts = json.dumps(RELEASED)
        cursor.execute(ADD_OF_BEFORE.format(columns=", facts", values=", %s"), ["0" * 64, files, "0" * 64, facts])
        (added,) = cursor.fetchone() or ("",)
    assert MandateTable.objects.get(id=added).facts_digest == ""  # never proved


def test_a_table_kept_by_0_2_0_asks_what_it_asked() -> None:
    files = {**dict.fromkeys(table.OTHER_FILES, ""), **OF_BEFORE}
    content = table.read(files | RELEASED["files"])
    with connection.cursor() as cursor:
        cursor.execute(
            ADD_OF_BEFORE.format(columns=", facts, facts_digest", values=", %s, %s"),
            [content.digest, json.dumps(files), content.digest, json.dumps(RELEASED), ASKED_BY_RELEASES],
        )
        added = cursor.fetchone()
    assert added is not None
    kept = MandateTable.objects.get(id=added[0])
    assert hashlib.sha256(json.dumps(kept.facts["asked"]).encode()).hexdigest() == ASKED_BY_RELEASES
    assert table.read(tables.files_of(kept)).digest == content.digest
    now = mandates.put_in_force(kept.id, agency_id=stories.agency("DOJ_COORDINATOR").id, by=None, at=timezone.now())
    assert (now.in_force, now.facts_digest) == (True, ASKED_BY_RELEASES)


def test_the_way_back_stops_where_a_table_asks_what_the_release_before_cannot_keep() -> None:
    stays = importlib.import_module("nowrongdoor.migrations.0009_facts").STAYS
    for count in (1, 2):  # the shipped one; and one more
        said = f"facts than the release before: {count}"
        with pytest.raises(OperationalError, match=said), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(stays)
        mandates.add(mended(), at=timezone.now())


def test_an_upgrade_says_that_the_shipped_table_waits_and_what_it_would_change() -> None:
    stories.staff()
    client = signing_in.sign_in(Client(), stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR))
    assert tables.waiting_shipped() is None
    assert reference.waiting() == ""
    assert "This version ships another table" not in client.get("/routing").content.decode()
    put_in_force(mended())
    said = reference.waiting()
    assert f"This version ships the mandate table United States {SHIPPED.version}, which is not in force." in said
    assert "Questions: 1 changed. Rules: " in said
    assert f"nwd table force {SHIPPED.digest[:12]}" in said
    page = client.get("/routing").content.decode()
    assert "What it would change: Questions: 1 changed. Rules: " in page
    assert '<span class="mono">labor</span>: no longer an answer: labor offered' in page


def test_a_table_that_cannot_decide_is_compared_with_nothing_and_the_shipped_one_waits_all_the_same(
    moved: None,
) -> None:
    waiting = tables.waiting_shipped()
    assert waiting is not None
    assert waiting.changes == ()
    with pytest.raises(tables.ProvedOnOtherFacts):
        tables.waiting(SHIPPED)


# --- the digest, and its guards ---


def test_rewording_a_question_moves_nothing_and_one_code_more_does() -> None:
    files = table.shipped_files()
    words = files["words/en.toml"].replace("Is the person under 18?", "How old?")
    reworded = table.read(files | {"words/en.toml": words})
    assert reworded.vocabulary.attribute("age").question == "How old?"
    assert reworded.vocabulary.digest == SHIPPED.vocabulary.digest
    assert reworded.digest == SHIPPED.digest
    more = table.read(mended())
    assert more.vocabulary.digest != SHIPPED.vocabulary.digest
    assert more.digest != SHIPPED.digest
    first, *others = SHIPPED.vocabulary.attributes
    assert facts.Vocabulary((*others, first)).digest != SHIPPED.vocabulary.digest


def test_the_table_in_force_says_on_which_facts_it_was_proved() -> None:
    kept = MandateTable.objects.get(in_force=True)
    assert kept.proof is not None
    assert kept.facts_digest == SHIPPED.vocabulary.digest == kept.proof["facts_digest"]
    assert kept.facts["asked"] == SHIPPED.vocabulary.asked
    assert kept.files.keys() == set(table.OTHER_FILES)


ASKED = json.dumps({"asked": [["urgency", ["yes", "unknown"]]]})
OF_ASKED = hashlib.sha256(json.dumps(json.loads(ASKED)["asked"]).encode()).hexdigest()


def attack(facts_digest: str, proof: str, asked: str = ASKED) -> None:
    """As the run-time role, with SQL of its own."""
    statement = """
        INSERT INTO nowrongdoor_mandate_table
          (id, name, version, digest, files, added_at, proved_digest, proved_at, in_force, in_force_since, facts_digest,
           proof, facts)
        VALUES (gen_random_uuid(), 'x', '1', 'd', '{}', now(), 'd', now(), true, now(), %s, %s, %s)
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [facts_digest, proof, asked])


@pytest.mark.parametrize(
    ("facts_digest", "proof"),
    [("", {"facts_digest": "f"}), ("g", {"facts_digest": OF_ASKED}), (OF_ASKED, {}), ("", {})],
)
def test_no_table_is_in_force_on_facts_that_its_proof_does_not_name(facts_digest: str, proof: dict[str, str]) -> None:
    MandateTable.objects.update(in_force=False)
    with pytest.raises(IntegrityError) as refused:
        attack(facts_digest, json.dumps(proof))
    assert writing.constraint_of(refused.value) == "a_table_in_force_is_proved_on_its_facts"
    attack(OF_ASKED, json.dumps({"facts_digest": OF_ASKED}))


@pytest.mark.parametrize("kept", ['{"asked": []}', '{"asked": [["urgency", ["no", "unknown"]]]}', "{}", "[]"])
def test_no_table_is_in_force_that_keeps_other_facts_than_it_was_proved_on(kept: str) -> None:
    MandateTable.objects.update(in_force=False)
    with pytest.raises(IntegrityError) as refused:
        attack(OF_ASKED, json.dumps({"facts_digest": OF_ASKED}), kept)
    assert writing.constraint_of(refused.value) == "a_table_in_force_keeps_the_facts_it_was_proved_on"
    attack(OF_ASKED, json.dumps({"facts_digest": OF_ASKED}))


@pytest.mark.parametrize("column", ["facts_digest", "facts", "files"])
def test_the_run_time_role_cannot_say_afterward_that_a_proof_was_of_other_facts(column: str) -> None:
    change = f"UPDATE nowrongdoor_mandate_table SET {column} = NULL"  # noqa: S608  our own words
    with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction.atomic(), connection.cursor() as cursor:
        cursor.cursor.execute(change)
