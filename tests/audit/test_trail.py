"""Promise 6: the trail only grows, and whoever touches it is found out, the superuser included. T16."""

from __future__ import annotations

import ast
import concurrent.futures
import hashlib
import pathlib
import re
import threading
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.audit import models, record, verifying, words
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Note
from nowrongdoor.leads import answering
from nowrongdoor.operating import cluster
from nowrongdoor.site import declared
from tests.leads import stories


@pytest.fixture
def superuser(committed_db: None) -> Iterator[psycopg.Connection]:
    """Somebody who may do anything to this database."""
    with cluster.as_superuser(cluster.var() / "postgres", cluster.NAME) as database:
        yield database


@pytest.fixture
def trail(committed_db: None) -> list[int]:
    """A trail with links of one event and of several, of three agencies; gives the ids of its events."""
    for _ in range(3):
        case = stories.case()
        hotline = stories.person("HOTLINE")
        cases.add_note(case.id, text="Called back.", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
        answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    deeds = [record.Deed("case.tested", uuid.uuid4(), uuid.uuid4(), details={"n": n}) for n in range(2)]
    with row_security.system():
        record.record_all([*deeds, *deeds, *deeds], at=timezone.now())
    assert verifying.verify().holds
    return list(models.Event.objects.order_by("id").values_list("id", flat=True))


def test_the_run_time_role_may_add_to_the_trail_and_nothing_else(trail: list[int]) -> None:
    for statement in (
        "UPDATE nowrongdoor_auditevent SET verb = 'x'",
        "DELETE FROM nowrongdoor_auditevent",
        "TRUNCATE nowrongdoor_auditevent",
        "UPDATE nowrongdoor_auditseal SET number = 1",
        "INSERT INTO nowrongdoor_auditseal (agency_id, tx) VALUES (gen_random_uuid(), gen_random_uuid())",
        "DELETE FROM nowrongdoor_auditanchor",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


def test_a_sealed_transaction_takes_no_more_events(trail: list[int]) -> None:
    event = models.Event.objects.order_by("id")[0]
    late = record.Deed("case.tested", event.agency_id, uuid.uuid4())
    with row_security.system(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('nwd.tx', %s, true)", [str(event.tx)])
        with pytest.raises(IntegrityError, match="takes no more events"), transaction.atomic():
            record.record(late, at=timezone.now())


def test_every_event_that_is_deleted_is_named(trail: list[int], superuser: psycopg.Connection) -> None:
    for event in trail:
        row = superuser.execute("DELETE FROM nowrongdoor_auditevent WHERE id = %s RETURNING *", [event]).fetchone()
        assert row
        verdict = verifying.verify()
        assert not verdict.holds
        assert verdict.event_id == event
        marks = ", ".join(["%s"] * len(row))
        superuser.execute("ALTER TABLE nowrongdoor_auditevent DISABLE TRIGGER USER")
        values = [psycopg.types.json.Jsonb(value) if isinstance(value, dict) else value for value in row]
        superuser.execute(f"INSERT INTO nowrongdoor_auditevent VALUES ({marks})", values)  # noqa: S608
        superuser.execute("ALTER TABLE nowrongdoor_auditevent ENABLE TRIGGER USER")
        assert verifying.verify().holds


@pytest.mark.parametrize(
    "change",
    [
        "verb = verb || 'x'",
        "by_id = gen_random_uuid()",
        "at = at + interval '1 microsecond'",
        "details = details || '{\"extra\": 1}'",
        "case_id = gen_random_uuid()",
        "kind = CASE kind WHEN 'read' THEN 'write' ELSE 'read' END",
        "agency_id = gen_random_uuid()",
        "tx = gen_random_uuid()",
    ],
)
def test_an_event_that_is_edited_is_named(trail: list[int], superuser: psycopg.Connection, change: str) -> None:
    event = trail[len(trail) // 2]
    superuser.execute(f"UPDATE nowrongdoor_auditevent SET {change} WHERE id = %s", [event])  # noqa: S608
    assert verifying.verify().event_id == event


def test_events_that_change_places_are_named(trail: list[int], superuser: psycopg.Connection) -> None:
    one, other = trail[1], trail[4]
    superuser.execute("UPDATE nowrongdoor_auditevent SET id = -1 WHERE id = %s", [one])
    superuser.execute("UPDATE nowrongdoor_auditevent SET id = %s WHERE id = %s", [one, other])
    superuser.execute("UPDATE nowrongdoor_auditevent SET id = %s WHERE id = -1", [other])
    assert verifying.verify().event_id == one


def test_an_event_written_past_the_trail_is_named(trail: list[int], superuser: psycopg.Connection) -> None:
    superuser.execute("ALTER TABLE nowrongdoor_auditevent DISABLE TRIGGER USER")
    row = superuser.execute(
        "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, subject_id, details) "
        "VALUES (now(), 'write', 'forged', 'rule', gen_random_uuid(), gen_random_uuid(), '{}') RETURNING id"
    ).fetchone()
    superuser.execute("ALTER TABLE nowrongdoor_auditevent ENABLE TRIGGER USER")
    assert row
    assert verifying.verify().event_id == row[0]


def test_events_that_are_swapped_for_as_many_others_are_found(trail: list[int], superuser: psycopg.Connection) -> None:
    """The numbers still agree: one whole link of several events is emptied, and as many are written past the trail."""
    row = superuser.execute(
        "SELECT agency_id, tx, events FROM nowrongdoor_auditseal WHERE cardinality(events) > 1 ORDER BY id LIMIT 1"
    ).fetchone()
    assert row
    agency, tx, events = row
    superuser.execute("ALTER TABLE nowrongdoor_auditevent DISABLE TRIGGER USER")
    superuser.execute(
        "UPDATE nowrongdoor_auditevent SET tx = gen_random_uuid() WHERE agency_id = %s AND tx = %s", [agency, tx]
    )
    superuser.execute("ALTER TABLE nowrongdoor_auditevent ENABLE TRIGGER USER")
    assert verifying.verify().event_id == events[0]


def test_a_link_that_is_taken_out_with_its_events_is_found(trail: list[int], superuser: psycopg.Connection) -> None:
    chosen = superuser.execute(
        "SELECT agency_id, tx FROM nowrongdoor_auditseal WHERE number = 2 ORDER BY id LIMIT 1"
    ).fetchone()
    for table in ("auditevent", "auditseal"):
        superuser.execute(f"DELETE FROM nowrongdoor_{table} WHERE agency_id = %s AND tx = %s", chosen)  # noqa: S608
    assert "does not follow" in verifying.verify().wrong


def relink(superuser: psycopg.Connection) -> None:
    """Makes every chain anew from what its links say, as somebody would who may change anything."""
    rows = superuser.execute(
        "SELECT id, agency_id, number, digests FROM nowrongdoor_auditseal ORDER BY agency_id, number, id"
    ).fetchall()
    heads: dict[uuid.UUID, bytes] = {}
    for row_id, agency, number, digests in rows:
        if number is None or digests is None:
            continue
        told = heads.get(agency, b"") + agency.bytes + number.to_bytes(8, "big") + digests
        heads[agency] = hashlib.sha256(told).digest()
        superuser.execute("UPDATE nowrongdoor_auditseal SET hash = %s WHERE id = %s", [heads[agency], row_id])


# One link of three events, and one that is its chain's last and not its first.
OF_THREE = "id = (SELECT min(id) FROM nowrongdoor_auditseal WHERE cardinality(events) = 3)"
LAST = (
    "id = (SELECT id FROM nowrongdoor_auditseal s WHERE number > 2 AND number = "
    "(SELECT max(number) FROM nowrongdoor_auditseal WHERE agency_id = s.agency_id) ORDER BY id LIMIT 1)"
)
BEFORE_LAST = LAST.replace("SELECT max(number)", "SELECT max(number) - 1")
FORGERIES = {
    "its events in another order": (
        "events = ARRAY[events[2], events[3], events[1]], digests = substr(digests, 33) || substr(digests, 1, 32)",
        OF_THREE,
    ),
    "its events counted from elsewhere": ("events = ('[100000000:100000002]=' || events::text)::bigint[]", OF_THREE),
    "its events counted from zero": ("events = ('[0:2]=' || events::text)::bigint[]", OF_THREE),
    "its events in two dimensions": ("events = ARRAY[events]", OF_THREE),
    "a digest more": ("digests = digests || sha256('')", OF_THREE),
    "an event more": ("events = events || events[3]", OF_THREE),
    "an event twice": ("events = events || events[3], digests = digests || substr(digests, 65)", OF_THREE),
    "no events": ("events = '{}', digests = ''", OF_THREE),
    "nothing": ("events = NULL, digests = NULL", OF_THREE),
    "another transaction": ("tx = gen_random_uuid()", OF_THREE),
    "no number": ("number = NULL", OF_THREE),
    "a number after a gap": ("number = number + 1", LAST),
    "a huge number": ("number = 9223372036854775807", LAST),
    "the number before the first": ("number = 0", LAST),
    "the number of another": ("number = number - 1", BEFORE_LAST),
}


@pytest.fixture
def lawless(trail: list[int], superuser: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The superuser, with nothing of ours in the way: neither triggers nor numbers that must be unique."""
    laws = superuser.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = 'nowrongdoor_auditseal'::regclass AND contype = 'u'"
    ).fetchall()
    assert len(laws) == 2
    for name, _ in laws:
        superuser.execute(f"ALTER TABLE nowrongdoor_auditseal DROP CONSTRAINT {name}")
    for table in ("auditseal", "auditevent"):
        superuser.execute(f"ALTER TABLE nowrongdoor_{table} DISABLE TRIGGER USER")
    yield superuser
    superuser.execute("TRUNCATE nowrongdoor_auditseal")
    for name, law in laws:
        superuser.execute(f"ALTER TABLE nowrongdoor_auditseal ADD CONSTRAINT {name} {law}")
    for table in ("auditseal", "auditevent"):
        superuser.execute(f"ALTER TABLE nowrongdoor_{table} ENABLE TRIGGER USER")


@pytest.mark.parametrize("says", FORGERIES)
def test_a_link_that_says_something_else_is_found_with_its_chain_made_anew(
    lawless: psycopg.Connection, says: str
) -> None:
    relink(lawless)
    assert verifying.verify().holds  # to make a chain anew from the same links changes nothing
    change, link = FORGERIES[says]
    assert lawless.execute(f"UPDATE nowrongdoor_auditseal SET {change} WHERE {link}").rowcount == 1  # noqa: S608
    relink(lawless)
    assert verifying.verify().wrong


def test_two_chains_that_are_woven_into_each_other_are_found(lawless: psycopg.Connection) -> None:
    """A link of one chain takes the place of a link of the next one, and all that follows is made anew."""
    last = (
        "UPDATE nowrongdoor_auditseal s SET number = number + 1 WHERE agency_id = (SELECT min(agency_id::text)::uuid "
        "FROM nowrongdoor_auditseal) AND number = (SELECT max(number) FROM nowrongdoor_auditseal o "
        "WHERE o.agency_id = s.agency_id)"
    )
    first = (
        "UPDATE nowrongdoor_auditseal SET number = 0 WHERE number = 1 AND agency_id = (SELECT DISTINCT agency_id "
        "FROM nowrongdoor_auditseal ORDER BY agency_id OFFSET 1 LIMIT 1)"
    )
    assert lawless.execute(last).rowcount == lawless.execute(first).rowcount == 1
    rows = lawless.execute(
        "SELECT id, agency_id, number, digests FROM nowrongdoor_auditseal ORDER BY number + "
        "(SELECT count(*) FROM nowrongdoor_auditseal o WHERE o.agency_id < nowrongdoor_auditseal.agency_id)"
    ).fetchall()
    before = b""
    for row_id, agency, number, digests in rows:
        told = (b"" if number == 1 else before) + agency.bytes + number.to_bytes(8, "big") + digests
        before = hashlib.sha256(told).digest()
        lawless.execute("UPDATE nowrongdoor_auditseal SET hash = %s WHERE id = %s", [before, row_id])
    assert "does not follow" in verifying.verify().wrong


def test_an_event_past_the_trail_is_found_though_another_is_sealed_twice(lawless: psycopg.Connection) -> None:
    """The numbers agree: as many events as are sealed, and each link has what it says."""
    sealed = lawless.execute(
        "INSERT INTO nowrongdoor_auditseal (agency_id, tx, number, events, digests, is_ready) "
        "SELECT agency_id, tx, max(number) OVER (PARTITION BY agency_id) + 1, events, digests, true "
        "FROM nowrongdoor_auditseal ORDER BY cardinality(events), id LIMIT 1 RETURNING events[1]"
    ).fetchone()
    relink(lawless)
    assert sealed
    assert verifying.verify().event_id == sealed[0]
    forged = lawless.execute(
        "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, subject_id, details) "
        "VALUES (now(), 'write', 'forged', 'rule', gen_random_uuid(), gen_random_uuid(), '{}') RETURNING id"
    ).fetchone()
    assert forged
    assert verifying.verify().event_id == forged[0]


def test_the_trail_verifies_while_others_go_on_writing_it(committed_db: None) -> None:
    hotline = stories.person("HOTLINE")
    done = threading.Event()

    def look() -> None:
        try:
            while not done.is_set():
                with row_security.looking(hotline):
                    record.looked("case.tested", uuid.uuid4(), by=hotline, at=timezone.now())
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        writing = [pool.submit(look) for _ in range(2)]
        try:
            verdicts = [verifying.verify() for _ in range(40)]
        finally:
            done.set()
    assert [each.wrong for each in verdicts if not each.holds] == []
    assert verdicts[-1].events > verdicts[0].events
    for each in writing:
        each.result()


def test_a_history_made_anew_does_not_match_what_was_anchored(
    trail: list[int], superuser: psycopg.Connection, tmp_path: pathlib.Path
) -> None:
    """The superuser cuts the end of a chain off, links, events, anchors and all: only what was kept outside tells."""
    printed = verifying.read(verifying.anchor(at=stories.NOON).as_text())
    assert verifying.verify(printed=printed).holds
    agency = stories.agency("HOTLINE").id
    for table in ("auditevent", "auditseal"):
        superuser.execute(
            f"DELETE FROM nowrongdoor_{table} WHERE agency_id = %s AND tx IN "  # noqa: S608
            "(SELECT tx FROM nowrongdoor_auditseal WHERE agency_id = %s ORDER BY number DESC LIMIT 2)",
            [agency, agency],
        )
    assert "anchored" in verifying.verify().wrong
    superuser.execute("DELETE FROM nowrongdoor_auditanchor")
    assert "no event says so" in verifying.verify().wrong  # what was noted there is still there: that goes, too
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(
        "DELETE FROM nowrongdoor_note n WHERE NOT EXISTS "
        "(SELECT FROM nowrongdoor_auditevent e WHERE jsonb_exists(e.details -> 'rows', n.id::text))"
    )
    superuser.execute("RESET session_replication_role")
    assert verifying.verify().holds  # inside, everything fits
    assert "is gone" in verifying.verify(printed=printed).wrong


def test_an_anchor_that_was_changed_is_found(trail: list[int], superuser: psycopg.Connection) -> None:
    text = verifying.anchor(at=stories.NOON).as_text()
    with pytest.raises(verifying.UnreadableAnchor):
        verifying.read(text.replace("2026", "2025"))
    superuser.execute("UPDATE nowrongdoor_auditanchor SET heads = '{}'")
    assert "Anchor" in verifying.verify().wrong


def test_many_at_once_leave_one_unbroken_chain(committed_db: None) -> None:
    hotline = stories.person("HOTLINE")
    before = verifying.verify()

    def look(n: int) -> None:
        try:
            with row_security.looking(hotline):
                record.looked("case.tested", uuid.uuid4(), by=hotline, at=timezone.now(), details={"n": n})
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(200)))
    verdict = verifying.verify()
    assert verdict.holds
    assert verdict.events - before.events == verdict.links - before.links == 200


def test_the_verifier_and_the_database_make_the_same_line_of_an_event(trail: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE nowrongdoor_event_line(e) = {verifying.LINE}) "  # noqa: S608
            "FROM nowrongdoor_auditevent e"
        )
        everything, alike = cursor.fetchone()
    assert everything == alike == len(trail)


def test_every_verb_that_the_code_writes_has_its_words_and_no_other() -> None:
    """A verb is written by the function that is given it, so it may stand in any call but the one that declares it."""
    written, named = set(), set()
    for file in pathlib.Path(words.__file__).parent.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call | ast.Assign):
                continue
            name = "" if isinstance(node, ast.Assign) else getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "Verb":
                continue
            given = [node.value] if isinstance(node, ast.Assign) else node.args
            named |= {each.value for one in given for each in ast.walk(one) if isinstance(each, ast.Constant)}
            if name in ("Deed", "looked", "_record"):
                first = {each.value for each in ast.walk(given[0]) if isinstance(each, ast.Constant)}
                written |= {verb for verb in first if re.fullmatch(r"[a-z_]+\.[a-z_]+", str(verb))}
    for file in pathlib.Path(words.__file__).parent.parent.rglob("*.sql"):  # what the database itself writes
        written |= set(re.findall(r"'write', '([a-z_]+\.[a-z_]+)'", file.read_text("utf-8")))
    for file in (pathlib.Path(words.__file__).parent.parent / "migrations").glob("0*.py"):
        named |= set(re.findall(r"'([a-z_]+\.[a-z_]+)'", file.read_text("utf-8")))
    known = {verb.code for verb in declared.VERBS}
    assert written - known == set()
    assert known - named - written == set()
    assert set(words.AUTHORITIES) == {each.value for each in record.Authority}
