"""Promise 5: what names or describes a person opens only where it was put, with a key that can be destroyed. T9."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import uuid
from collections.abc import Callable

import psycopg
import pytest
from django.db import connection
from django.db.models import OuterRef
from django.test import Client

from nowrongdoor.access import policies, row_security, viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import need_to_know, people
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case, CaseFile, Note
from nowrongdoor.core import places
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import routing
from nowrongdoor.leads import answering, changing
from nowrongdoor.operating import cluster
from nowrongdoor.site import declared
from nowrongdoor.vault import keys, models, sealing
from tests import at_home, claims, contexts, servers, signing_in
from tests.leads import stories

WORDS = ("character varying", "text", "jsonb", "json", "bytea", "character", "ARRAY")
CANARIES = 500


def test_every_column_that_can_hold_a_word_is_declared_by_its_room(owner: str) -> None:
    with psycopg.connect(owner) as database:
        rows = database.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type = ANY(%s)",
            [list(WORDS)],
        ).fetchall()
    there = {(table, column) for table, column in rows if not table.startswith(policies.APART)}
    listed = {(each.table, column) for each in declared.COLUMNS for column in each.all}
    assert there - listed == set()
    assert listed - there == set()


def test_the_database_takes_nothing_into_a_sealed_column_that_was_not_sealed(owner: str) -> None:
    with psycopg.connect(owner) as database:
        rows = database.execute("SELECT conname FROM pg_constraint WHERE conname LIKE '%%_is_sealed'").fetchall()
    wanted = {
        f"{each.table.removeprefix('nowrongdoor_')}_{column}_is_sealed"
        for each in declared.COLUMNS
        for column in each.sealed
    }
    assert {name for (name,) in rows} == wanted


@pytest.mark.django_db
def test_plain_words_in_a_sealed_column_are_refused() -> None:
    from django.db import IntegrityError, transaction

    case = stories.case()
    offer = stories.offer_of(case)
    with pytest.raises(IntegrityError, match="handoff_reason_is_sealed"), transaction.atomic():
        type(offer).objects.filter(id=offer.id).update(reason=b"She is called Zuzana and lives next door.")


def test_a_sealed_text_opens_only_in_its_own_table_row_field_and_agency() -> None:
    key, here = sealing.Key(sealing.new_secret()), sealing.Place("note", uuid.uuid4(), "text", uuid.uuid4())
    sealed = key.seal("Zuzana", here)
    assert key.open(sealed, here) == "Zuzana"
    elsewhere = [
        sealing.Place("handoff", here.row, here.field, here.agency),
        sealing.Place(here.table, uuid.uuid4(), here.field, here.agency),
        sealing.Place(here.table, here.row, "review", here.agency),
        sealing.Place(here.table, here.row, here.field, uuid.uuid4()),
    ]
    for place in elsewhere:
        with pytest.raises(sealing.DoesNotOpen):
            key.open(sealed, place)
    with pytest.raises(sealing.DoesNotOpen):
        sealing.Key(sealing.new_secret()).open(sealed, here)
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(sealing.DoesNotOpen):
            key.open(bytes(changed), here)


def test_two_agencies_tokens_of_the_same_name_have_nothing_in_common() -> None:
    secret = sealing.new_secret()
    one, other = (sealing.Index(secret, uuid.uuid4()) for _ in range(2))
    assert one.token("person", "zuzana") == one.token("person", "zuzana")
    assert one.token("person", "zuzana") != other.token("person", "zuzana")
    assert one.token("person", "zuzana") != one.token("signal key", "zuzana")


@pytest.mark.storm
def test_no_canary_is_readable_in_the_dump_the_logs_or_the_files(
    committed_db: None, owner: str, tmp_path: pathlib.Path
) -> None:
    """T9: words planted through every door that takes words, then looked for wherever something is kept."""
    planted = _plant(owner)
    assert len(planted) >= CANARIES
    dump = tmp_path / "dump.sql"
    at = psycopg.conninfo.conninfo_to_dict(owner)
    environment = {**os.environ, "PGPASSWORD": str(at["password"])}
    subprocess.run(
        [cluster.tool("pg_dump"), "-h", str(at["host"]), "-U", str(at["user"]), "-f", str(dump), str(at["dbname"])],
        env=environment,
        check=True,
    )
    text = dump.read_text()
    assert "nowrongdoor_note" in text  # it is a dump of ours
    hexed = {canary: canary.encode().hex() for canary in planted}
    assert [canary for canary in planted if canary in text or hexed[canary] in text] == []
    files = [each for each in cluster.var().rglob("*") if each.is_file()]
    assert any("pg_wal" in str(each) for each in files)  # what PostgreSQL writes ahead is looked through too
    for file in files:
        content = file.read_bytes()
        found = re.search(rb"canary-[0-9a-f]{12}", content)
        assert found is None, (file, found)


def _plant(owner: str) -> list[str]:
    planted: list[str] = []

    def canary() -> str:
        planted.append(f"canary-{uuid.uuid4().hex[:12]}")
        return planted[-1]

    hotline = stories.person("HOTLINE")
    server = servers.Web(NWD_SCAN="off")
    server.log = cluster.var() / "web.log"
    with server as web:  # over the wire, so that what a server logs is looked through
        web.wait_until_answering()
        import httpx

        from nowrongdoor.agencies import actions as agencies

        _send_files(web, hotline, owner, canary)
        token = agencies.make_token(stories.agency("HOTLINE"), label="canary cage", by=None, at=stories.NOON)
        for _ in range(100):
            answer = httpx.post(
                f"{web.url}/api/v1/signals",
                json={"narrative": canary(), "facts": stories.FORCED_LABOR},
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": canary()},
            )
            assert answer.status_code == 201
    for _ in range(40):
        receipt = stories.signal(
            {**stories.FORCED_LABOR, "age": "under_18", "urgency": "immediate_danger"},
            narrative=canary(),
            people=({"prs_FirstName": canary(), "prs_MobilePhone": canary()},),
        )
        (routed,) = routing.route([receipt.signal_id], at=stories.NOON)
        case = Case.objects.get(id=routed.case_id)
        people.add(case.id, {"name": canary(), "immigration": canary()}, by=hotline, at=stories.NOON)
        cases.add_note(case.id, text=canary(), audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
        stories.attach(case.id, canary().encode(), label=canary(), name=canary(), by=hotline)
        offer = stories.offer_of(case)
        answering.decline(offer.id, reason=canary(), by=stories.person(offer.to_agency.code), at=stories.NOON)
        notice = Duty.notices().filter(case=case, agency_id=hotline.agency_id, done_at=None).first()
        if notice:
            duties.acknowledge(notice.id, how=canary(), confirmation=canary(), by=hotline, at=stories.NOON)
        clock = Duty.deadlines().filter(case=case, agency_id=hotline.agency_id, done_at=None).first()
        if clock:
            duties.meet(clock.id, how=canary(), by=hotline, at=stories.NOON)
        changing.change_facts(
            case.id,
            facts={**case.facts, "weapons": "yes"} if "weapons" in case.facts else case.facts,
            place=places.Place(),
            seen_version=1,
            because=canary(),
            by=hotline,
            at=stories.NOON,
        )
        other = stories.person("HOTLINE")
        assert other.user_id
        need_to_know.exclude(case.id, person_id=other.user_id, because=canary(), by=hotline, at=stories.NOON)
        stranger = stories.person("EEOC")
        broken = need_to_know.open_in_emergency(case.reference, because=canary(), by=stranger, at=stories.NOON)
        need_to_know.review(broken.id, justified="no", words=canary(), by=stories.person("EEOC"), at=stories.NOON)
        changing.close(case.id, because=canary(), by=hotline, at=stories.NOON)
    return planted


def _send_files(web: servers.Web, by: viewers.Viewer, owner: str, canary: Callable[[], str]) -> None:
    """Files as a browser sends them: kept, refused, opened, and not opened because somebody changed one."""
    import httpx

    case = stories.case()
    client = Client()
    signing_in.sign_in(client, by)
    cookies = {"sessionid": client.cookies["sessionid"].value}
    with httpx.Client(base_url=web.url, cookies=cookies, timeout=30) as browser:
        page = browser.get(f"/cases/{case.reference}").text
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]

        def send(content: bytes, label: str) -> int:
            data = {"label": label, "csrfmiddlewaretoken": token}
            given = {"file": (f"{canary()}.txt", content)}
            return browser.post(f"/cases/{case.reference}/files", data=data, files=given).status_code

        for _ in range(2):
            long = b"x" * 6_000_000  # so much is not kept in memory by itself
            assert [send(canary().encode() + long, canary()), send(b"MZ\0" + canary().encode(), canary())] == [302, 422]
        connection.close()
        files = [f"/cases/{case.reference}/files/{file.id}" for file in CaseFile.objects.filter(case=case)]
        assert claims.every(b"canary-" in browser.get(address).content for address in files)
        with psycopg.connect(owner) as database:
            changed = "set_byte(set_byte(content, 5, 0), 6, 0)"  # of the nonce
            database.execute(f"UPDATE nowrongdoor_case_file SET content = {changed}")  # noqa: S608
        assert claims.every(browser.get(address).status_code == 500 for address in files)
    assert web.log
    assert "A sealed text does not open where it stands" in web.log.read_text()


@pytest.mark.django_db
def test_a_text_moved_to_another_row_is_refused_and_not_shown(client: Client) -> None:
    """The page says that something is wrong; it never shows one agency's words as another's."""
    case, hotline = stories.case(), stories.person("HOTLINE")
    for text in ("first words", "second words"):
        cases.add_note(case.id, text=text, audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    one, other = Note.objects.filter(case=case).order_by("id")
    assert connection.settings_dict["USER"] == cluster.APP
    moved = Note(id=uuid.uuid4(), case=case, agency_id=other.agency_id, by_id=other.by_id, at=other.at)
    moved.audience, moved.text = other.audience, one.text
    with row_security.looking(hotline):
        moved.save(force_insert=True)
        found = case_queries.find(hotline, case.reference)
        with pytest.raises(sealing.DoesNotOpen):
            case_queries.notes(hotline, found)


# What somebody may do to a file who can change any row but has no key; and how the list and the file then answer.
SWAPS = {
    "content of another row": ("content = o.content", (200, 500)),
    "label of another row": ("label = o.label", (500, 200)),
    "content where the label stood": ("label = f.content, content = f.label", (500, 500)),
    "another agency": ("agency_id = %(hsi)s", (500, 500)),
}


@pytest.mark.parametrize("swap", SWAPS)
def test_a_file_moved_to_another_row_field_or_agency_is_refused_and_not_shown(
    committed_db: None, owner: str, swap: str
) -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    change, answers = SWAPS[swap]
    client = signing_in.sign_in(Client(raise_request_exception=False), hotline)
    words = ("first words!", "other words.")  # of one length, so that no constraint stands in the way
    for each in words:
        stories.attach(case.id, each.encode(), label=each, by=hotline, audience=Note.Audience.TEAM)
    one, other = CaseFile.objects.order_by("id")
    addresses = f"/cases/{case.reference}", f"/cases/{case.reference}/files/{one.id}"
    assert claims.every(words[0] in client.get(each).content.decode() for each in addresses)
    with psycopg.connect(owner) as database:
        row = {"one": one.id, "other": other.id, "hsi": stories.agency("HSI").id}
        both = "FROM nowrongdoor_case_file o WHERE f.id = %(one)s AND o.id = %(other)s"
        assert database.execute(f"UPDATE nowrongdoor_case_file f SET {change} {both}", row).rowcount == 1  # noqa: S608
    assert tuple(client.get(each).status_code for each in addresses) == answers


@pytest.mark.django_db
def test_without_its_key_a_case_stays_and_its_words_are_gone() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    cases.add_note(case.id, text="Zuzana is safe.", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    with row_security.looking(hotline):
        found = case_queries.find(hotline, case.reference)
        assert case_queries.notes(hotline, found)[0].text == "Zuzana is safe."
        gone = type(found)(found.case, found.sight, found.relations, found.is_lead, None)
        assert case_queries.notes(hotline, gone)[0].text == keys.ERASED


@pytest.mark.django_db
def test_keys_are_renewed_while_everybody_goes_on_reading(request: pytest.FixtureRequest) -> None:
    request.addfinalizer(keys.forget)  # the renewal is rolled back with the test
    case, hotline = stories.case(), stories.person("HOTLINE")
    cases.add_note(case.id, text="before", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    before = keys.index(hotline.agency_id).token("person", "zuzana")
    renewed = keys.renew()
    cases.add_note(case.id, text="between", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)

    def told() -> list[str]:
        with row_security.looking(hotline):
            found = case_queries.find(hotline, case.reference)
            return [note.text for note in case_queries.notes(hotline, found)]

    assert sorted(told()) == ["before", "between"]
    while keys.rewrap(limit=1):
        assert sorted(told()) == ["before", "between"]
    assert set(models.DataKey.objects.values_list(models.now(OuterRef("subject_id")).root, flat=True)) == {renewed}
    assert renewed not in set(models.DataKey.objects.values_list("root_id", flat=True))  # what was there stays
    assert keys.index(hotline.agency_id).token("person", "zuzana") == before


def _told(case: Case) -> list[str]:
    hotline = stories.person("HOTLINE")
    with row_security.looking(hotline):
        found = case_queries.find(hotline, case.reference)
        return [note.text for note in case_queries.notes(hotline, found)]


def _versions() -> dict[uuid.UUID, tuple[object, ...]]:
    rows = models.DataKey.objects.order_by("subject_id").values_list("subject_id", "root_id", "wrapped", "commitment")
    return {
        subject_id: (root_id, bytes(wrapped), bytes(commitment or b""))
        for subject_id, root_id, wrapped, commitment in rows
    }


@pytest.mark.django_db
def test_to_renew_adds_rows_overwrites_none_and_is_in_the_trail(request: pytest.FixtureRequest) -> None:
    request.addfinalizer(keys.forget)
    case = stories.case()
    before = _versions()
    roots = {row.id: bytes(row.wrapped) for row in models.RootKey.objects.all()}
    for _ in range(2):
        keys.renew()
        while keys.rewrap(limit=1):
            pass
    assert before.items() <= _versions().items()
    now = {row.id: bytes(row.wrapped) for row in models.RootKey.objects.all()}
    assert roots.items() <= now.items()
    assert len(now) == len(roots) + 4  # twice a root key and an index key
    numbers = models.KeyVersion.objects.filter(subject=case.id).order_by("version").values_list("version", flat=True)
    assert list(numbers) == [2, 3]
    verbs = Event.objects.filter(agency_id=stories.agency("HOTLINE").id).values_list("verb", flat=True)
    assert {"keys.renewed", "keys.rewrapped"} <= set(verbs)


def _add_version(case: Case, wrapped: bytes) -> None:
    """As the run-time role, for the system: the database cannot know what it holds."""
    key = models.DataKey.objects.get(subject_id=case.id)
    last = models.KeyVersion.objects.filter(subject=key).count() + 1
    models.KeyVersion.objects.create(
        subject=key, version=last + 1, root_id=keys._current()[0], wrapped=wrapped, commitment=key.commitment
    )


WRONG = {
    "a version that does not open": lambda case: bytes(60),
    "a version with another secret": lambda case: sealing.wrap(
        sealing.new_secret(), under=keys._current()[1], label=case.id.bytes
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_newer_version_hides_nothing_and_lets_no_key_be_forgotten(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    request.addfinalizer(keys.forget)
    case, hotline = stories.case(), stories.person("HOTLINE")
    cases.add_note(case.id, text="still here", audience=Note.Audience.TEAM, by=hotline, at=stories.NOON)
    keys.renew()
    _add_version(case, WRONG[wrong](case))
    assert _told(case) == ["still here"]
    assert f"The newest version of the key of {case.id} does not open" in caplog.text
    while keys.rewrap(limit=100):
        pass
    with pytest.raises(keys.WrongSecret, match="Nothing was destroyed"):
        keys.forget_old()
    assert _told(case) == ["still here"]


@pytest.mark.django_db
def test_a_wrong_index_key_is_passed_over(request: pytest.FixtureRequest) -> None:
    """Whoever may write a root key may name one that does not open; the one before it stays, and still makes tokens."""
    request.addfinalizer(keys.forget)
    hotline = stories.person("HOTLINE")
    before = keys.index(hotline.agency_id).token("person", "zuzana")
    row = models.RootKey.objects.get(use="index", retired_at=None)
    row.retired_at = stories.NOON
    row.save(update_fields=["retired_at"])
    models.RootKey.objects.create(
        id=uuid.uuid4(),
        use="index",
        provider=row.provider,
        provider_key=row.provider_key,
        wrapped=bytes(60),
        made_at=stories.NOON,
        commitment=row.commitment,
    )
    keys.forget()
    assert keys.index(hotline.agency_id).token("person", "zuzana") == before


@pytest.mark.django_db
def test_a_process_that_knew_the_root_key_before_it_was_renewed_wraps_with_the_new_one(
    request: pytest.FixtureRequest,
) -> None:
    """A key under a root key that was retired would go with the provider's key that opens it."""
    request.addfinalizer(keys.forget)
    old, _ = keys._current()
    row = models.RootKey.objects.get(id=old)
    row.retired_at = stories.NOON
    row.save(update_fields=["retired_at"])
    new = keys._new_root(models.RootKey.Use.WRAP, sealing.new_secret())  # as another process does
    case = stories.case()
    assert models.DataKey.objects.get(subject_id=case.id).root_id == new


def test_raw_sql_of_a_stranger_finds_no_key(committed_db: None) -> None:
    case, stranger = stories.case(), stories.person("EEOC")
    with at_home.seeing_nothing() as database:
        contexts.say(database, contexts.of(stranger))
        rows = database.execute("SELECT * FROM nowrongdoor_datakey WHERE subject_id = %s", [case.id]).fetchall()
        assert rows == []
        assert database.execute("DELETE FROM nowrongdoor_datakey").rowcount == 0


@pytest.mark.django_db
def test_which_role_sees_which_part_of_a_person() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    details = {"name": "Zuzana", "address": "Elm Street 1", "immigration": "T visa asked for"}
    people.add(case.id, details, by=hotline, at=stories.NOON)
    for role in viewers.Role:
        person = User.objects.filter(agency_id=hotline.agency_id)[0]
        viewer = viewers.Viewer(person.id, "", role, hotline.agency_id, "HOTLINE", "HOTLINE")
        with row_security.looking(viewer):
            shown = people.shown(viewer, case.id, keys.open_all([case.id])[case.id] if role.sees_cases else None)
        parts = {part.part for each in shown for part in each.parts}
        assert parts == role.record.parts, role
