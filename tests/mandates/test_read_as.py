"""Facts that answer an older table are read by the one in force through its mapping, and not rewritten: what people
told stays as they told it, in cases and in signals that wait."""

from __future__ import annotations

import html
import pathlib
import re
import tomllib
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor import migrations
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.cases.models import Case, CaseFacts
from nowrongdoor.core import places
from nowrongdoor.core.mandates import facts, table
from nowrongdoor.intake import routing
from nowrongdoor.leads import changing
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.signals.models import Signal
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
FILES = table.shipped_files()
FACT = """[[fact]]
name = "{name}"
values = ["yes", "no"]
law = "14 USC 522"
evidence = "statute"

[[fact]]
name = "age"
"""
WORDS = """[{name}]
question = "{question}"
yes = "{words}"
no = "not {words}"
unknown = "whether {words} unknown"

[age]
"""
MAPPING = """
[[read_as]]
was = { ship = "yes" }
is = { afloat = "yes", vessel = "yes" }
"""
SHIP = {"labor": "yes", "age": "adult", "ship": "yes"}
AFLOAT = {"labor": "yes", "age": "adult", "vessel": "yes", "afloat": "yes"}


def asking(name: str, question: str, words: str, **more: str) -> dict[str, str]:
    """The shipped table with one question more."""
    asked = FILES["facts.toml"].replace('[[fact]]\nname = "age"\n', FACT.format(name=name))
    said = FILES["words/en.toml"].replace("[age]\n", WORDS.format(name=name, question=question, words=words))
    version = FILES["table.toml"].replace('version = "', f'version = "{name} ')
    return FILES | {"facts.toml": asked, "words/en.toml": said, "table.toml": version} | more


OLD = asking("ship", "A ship?", "on a ship")
NEW = asking("afloat", "Afloat?", "afloat", **{"read_as.toml": MAPPING})


def put_in_force(files: dict[str, str]) -> MandateTable:
    kept = mandates.add(files, at=timezone.now())
    coordinator = stories.agency("DOJ_COORDINATOR").id
    return mandates.put_in_force(kept.id, agency_id=coordinator, by=None, at=timezone.now())


@pytest.fixture
def case() -> Case:
    """A case of the old table, once the new one is in force and decided on it."""
    put_in_force(OLD)
    made = stories.case(SHIP)
    assert tables.ruled_of(made.id).known == SHIP
    put_in_force(NEW)
    assert changing.follow_table(limit=10, at=timezone.now()) == 1
    assert changing.follow_table(limit=10, at=timezone.now()) == 0
    made.refresh_from_db()
    return made


def visible(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))


def test_an_open_case_is_decided_again_through_the_mapping_and_not_rewritten(case: Case) -> None:
    assert case.facts == SHIP
    assert list(CaseFacts.objects.filter(case=case).values_list("facts", flat=True)) == [SHIP]
    ruled = tables.ruled_of(case.id)
    assert (ruled.as_told, ruled.known) == (SHIP, AFLOAT)
    now = timezone.now()
    assert ruled.decision == tables.in_force().rule(AFLOAT, at=now).decision
    assert ruled.decision != tables.in_force().rule({"labor": "yes", "age": "adult"}, at=now).decision


def test_the_mapping_is_kept_with_its_table(case: Case) -> None:
    kept = MandateTable.objects.get(in_force=True)
    assert kept.facts["files"]["read_as.toml"] == MAPPING
    assert table.read(tables.files_of(kept)).digest == kept.digest
    older = MandateTable.objects.get(version__startswith="ship ")
    assert older.facts["files"].get("read_as.toml") != MAPPING


def test_the_page_of_the_case_shows_what_was_read_as_what(case: Case) -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    page = client.get(f"/cases/{case.reference}").content.decode()
    assert "ship yes: read as afloat, on a vessel." in visible(page)
    known = page.partition('id="known"')[2].partition("</ul>")[0]
    assert '<span class="usa-tag">afloat</span>' in known
    assert '<span class="usa-tag">ship: yes</span>' not in known
    form = client.get(f"/cases/{case.reference}/facts").content.decode()
    chosen = form.partition('id="fact-afloat"')[2].partition("</select>")[0]
    assert 'value="yes" selected' in chosen
    assert "afloat=yes" in form  # the link that tries a change


def test_facts_saved_after_it_answer_the_new_questions_and_the_old_answer_does_not_come_back(case: Case) -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    sent = {"labor": "yes", "age": "adult", "afloat": "unknown", "vessel": "unknown", "place": "", "seen_version": "1"}
    assert client.post(f"/cases/{case.reference}/facts", {**sent, "back": "/cases"}).status_code == 302
    case.refresh_from_db()
    assert case.facts == {"labor": "yes", "age": "adult"}
    versions = CaseFacts.objects.filter(case=case).order_by("version").values_list("facts", flat=True)
    assert list(versions) == [SHIP, {"labor": "yes", "age": "adult"}]
    assert tables.ruled_of(case.id).known == {"labor": "yes", "age": "adult"}


def test_a_form_that_was_refused_shows_the_old_answer_as_it_is_read_now(case: Case) -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    sent = {**AFLOAT, "unaccompanied_child": "yes", "place": "", "seen_version": "1", "back": "/cases"}
    answer = client.post(f"/cases/{case.reference}/facts", sent)
    assert answer.status_code == 422

    def chosen(page: str, name: str) -> str:
        (code,) = re.findall(
            r'value="(\w+)" selected', page.partition(f'id="fact-{name}"')[2].partition("</select>")[0]
        )
        return str(code)

    page = answer.content.decode()
    assert [chosen(page, name) for name in ("afloat", "vessel", "unaccompanied_child")] == ["yes", "yes", "yes"]
    cleared = client.post(f"/cases/{case.reference}/facts", {**sent, "afloat": "unknown"}).content.decode()
    assert [chosen(cleared, name) for name in ("afloat", "vessel")] == ["unknown", "yes"]


def test_a_further_signal_fills_what_no_reading_says(case: Case) -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    sent = {"channel": "call", "source": "bystander", "afloat": "no", "means": "yes", "place": ""}
    client.post("/signals/new", {**sent, "key": uuid.uuid4().hex, "case": case.reference})
    case.refresh_from_db()
    assert case.facts == {**AFLOAT, "means": "yes", "source": "bystander"}


def test_a_signal_that_waited_under_the_old_table_is_routed_through_the_mapping_and_kept_as_told() -> None:
    put_in_force(OLD)
    receipt = stories.signal(SHIP)
    put_in_force(NEW)
    (routed,) = routing.route([receipt.signal_id], at=timezone.now())
    case = Case.objects.get(id=routed.case_id)
    assert case.facts == SHIP
    assert Signal.objects.get(id=receipt.signal_id).facts == SHIP
    assert tables.ruled_of(case.id).known == AFLOAT


def test_another_system_may_go_on_answering_the_old_table() -> None:
    stories.staff()
    token = agencies.make_token(stories.agency("HOTLINE"), label="test", by=None, at=timezone.now())

    def send(told: dict[str, str]) -> int:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
        body = {"facts": told}
        return Client().post("/api/v1/signals", body, content_type="application/json", headers=headers).status_code

    assert send(SHIP) == 422
    put_in_force(NEW)
    assert send(SHIP) == 201
    assert send({"ship": "no"}) == 422
    assert send({"shipp": "yes"}) == 422
    assert Signal.objects.get().facts == SHIP


def test_every_answer_of_the_released_tables_can_still_be_sent() -> None:
    """A question or an answer that goes needs its line in read_as.toml: what a file of before says is no mistake."""
    released = tomllib.loads((pathlib.Path(migrations.__file__).parent / "0009_facts.toml").read_text("utf-8"))
    answers = [(fact["name"], code) for fact in released["fact"] for code in (*fact["values"], "unknown")]
    assert len(answers) > 100
    for name, code in answers:
        facts.read_strictly({name: code}, table.shipped().vocabulary)


def test_what_is_read_and_cannot_be_true_counts_as_unknown_too() -> None:
    put_in_force(OLD)
    made = stories.case(SHIP)
    child = MAPPING.replace('vessel = "yes"', 'unaccompanied_child = "yes"')
    put_in_force(NEW | {"read_as.toml": child})
    changing.follow_table(limit=10, at=timezone.now())
    ruled = tables.ruled_of(made.id)
    assert [each.id for each in ruled.conflicts] == ["adult-unaccompanied-child"]
    place, by = places.Place(), stories.person("HOTLINE")
    right = {"labor": "yes", "age": "under_18", "afloat": "yes", "unaccompanied_child": "yes"}
    now = timezone.now()
    changing.change_facts(made.id, facts=right, place=place, seen_version=1, because="x", by=by, at=now)
    assert tables.ruled_of(made.id).conflicts == ()


def test_an_older_table_with_the_same_questions_keeps_its_own_declarations_and_mapping() -> None:
    """Its questions are shown in the newest words; what it was proved on stays its own."""
    asked, _, _ = FILES["facts.toml"].partition("[[impossible]]")
    words, _, _ = FILES["words/en.toml"].partition("[impossible.")
    version = FILES["table.toml"].replace('version = "', 'version = "none ')
    none = FILES | {"facts.toml": asked, "words/en.toml": words, "table.toml": version}
    put_in_force(none)
    assert tables.asked().digest == table.shipped().vocabulary.digest
    assert tables.asked().impossible == ()
    conflict = {"age": "adult", "unaccompanied_child": "yes"}
    assert tables.in_force().rule(conflict, at=timezone.now()).conflicts == ()
    put_in_force(none | {"read_as.toml": MAPPING.replace('afloat = "yes", ', "")})
    assert tables.in_force().rule({"ship": "yes"}, at=timezone.now()).known == {"vessel": "yes"}
    put_in_force(FILES)
    assert len(tables.in_force().rule(conflict, at=timezone.now()).conflicts) == 1
