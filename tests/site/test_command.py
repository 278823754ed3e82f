"""`nwd` at a terminal: help, what an administrator keeps, the documents' examples, the whole system up and down."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import httpx
import psycopg
import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from nowrongdoor.access import grants, row_security, signing, viewers
from nowrongdoor.agencies import setting_up
from nowrongdoor.agencies.models import Agency, User
from nowrongdoor.audit.models import Event
from nowrongdoor.core.mandates import table
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.operating import printing
from nowrongdoor.site import command, declared
from tests import servers, signing_in
from tests.leads import stories

NWD = str(pathlib.Path(sys.executable).parent / "nwd")


def nwd(*arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [NWD, *arguments], input=given, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


@pytest.mark.parametrize("verb", ["", *command.VERBS])
def test_help_answers_without_a_database(verb: str, tmp_path: pathlib.Path) -> None:
    done = nwd(*([verb] if verb else []), "--help", NWD_VAR=str(tmp_path / "none"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: nwd")
    assert not (tmp_path / "none" / "postgres").exists()


def test_a_wrong_verb_ends_with_2() -> None:
    assert nwd("fly").returncode == 2


def test_a_table_is_kept_proved_and_put_in_force_by_an_administrator(
    committed_db: None, tmp_path: pathlib.Path
) -> None:
    stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    name = User.objects.get(role="administrator").name
    shipped = MandateTable.objects.get(in_force=True)
    case = stories.case()
    past = nwd("table", "past").stdout
    assert json.loads(past)["case"] == case.reference
    files = table.shipped_files()
    (tmp_path / "words").mkdir()
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    (tmp_path / "leads.toml").write_text(files["leads.toml"].replace('labor = ["no", "unknown"]', 'labor = ["no"]'))
    (tmp_path / "gates.toml").write_text(files["gates.toml"].replace("\nlets_through", "\nbars", 1))
    strange = nwd("table", "add", str(tmp_path), "--json")
    assert strange.returncode == 2
    assert {each["file"] for each in json.loads(strange.stdout)["refused"]} == {"gates.toml"}
    assert list(MandateTable.objects.all()) == [shipped]
    (tmp_path / "gates.toml").write_text(files["gates.toml"])
    digest = nwd("table", "add", str(tmp_path)).stdout.split()[0]
    refused = nwd("table", "force", digest, "--by", name)
    assert refused.returncode == 1
    assert "no lead for:" in refused.stderr
    ours, theirs = ('precedence = 52\nagency = "HSI"', 'precedence = 52\nagency = "FBI"')
    assert ours in files["leads.toml"]
    (tmp_path / "leads.toml").write_text(files["leads.toml"].replace(ours, theirs))
    (tmp_path / "past.jsonl").write_text(past)
    compared = nwd("mandates", "compare", str(tmp_path), "--on", str(tmp_path / "past.jsonl"), "--json")
    assert json.loads(compared.stdout)["leads"] == {"FBI": {"before": 0, "after": 1}, "HSI": {"before": 1, "after": 0}}
    added = nwd("table", "add", str(tmp_path)).stdout
    assert added.split()[1] == "proved"
    assert nwd("table", "force", added.split()[0][:12], "--by", "nobody").returncode == 2
    guess = nwd("table", "force", "", "--by", name)
    assert guess.returncode == 2
    assert "More than one kept table's digest begins with ''" in guess.stderr
    asked = nwd("table", "force", added.split()[0][:12], "--by", name, given="n\n")
    assert asked.returncode == 1
    assert "Of 1 open cases,\n       1 would get another offer of the lead\n" in asked.stdout
    assert "Tribal police (TRIBAL_POLICE): it is not on this system" in asked.stdout
    assert "in force? [y/N]" in asked.stdout
    assert MandateTable.objects.get(in_force=True).id == shipped.id
    assert nwd("table", "force", added.split()[0][:12], "--by", name, "--yes").returncode == 0
    with servers.Worker():
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and stories.offer_of(case).to_agency.code != "FBI":
            time.sleep(0.2)
    assert stories.offer_of(case).to_agency.code == "FBI"
    changes = nwd("table", "changes")
    assert changes.stdout.startswith(f"{shipped.name} {shipped.version} is not in force. Rules: 1 changed.\n\nRules\n")
    assert json.loads(nwd("table", "changes", "--json").stdout)[0]["words"] == "who"
    assert nwd("table", "changes", added.split()[0][:12]).stdout.endswith(" is in force.\n")
    assert nwd("table", "changes", "none").returncode == 2
    assert nwd("table", "force", shipped.digest, "--by", name, "--yes").returncode == 0
    assert nwd("table", "changes").stdout == f"{shipped.name} {shipped.version} is in force.\n"
    assert nwd("table", "facts", "--json").stdout == nwd("mandates", "facts", "--json").stdout
    MandateTable.objects.filter(in_force=True).update(in_force_by=None)


def test_an_unproved_table_cannot_be_in_force_by_raw_sql_either(committed_db: None) -> None:
    with pytest.raises(IntegrityError, match="only_a_proved_table_is_in_force"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO nowrongdoor_mandate_table (id, name, version, digest, files, added_at, proved_digest, "
            "facts, facts_digest, proof, in_force, in_force_since) SELECT gen_random_uuid(), 'x', 'x', 'aa', '{}', "
            "now(), 'bb', facts, facts_digest, proof, true, now() FROM nowrongdoor_mandate_table WHERE in_force"
        )


def opens(person: User, printed: str) -> bool:
    """Whether the setup code that a command printed lets somebody add their first factor."""
    code = printed.rpartition(": ")[2].strip()
    with row_security.entry():
        return setting_up.opens(person, setting_up.read(code), at=timezone.now())


def test_offices_people_and_tokens_are_added_at_a_terminal(committed_db: None) -> None:
    new = ("agency", "add", "USAO_X", "--desk", "USAO", "--place", "NY-S", "--name", "U.S. Attorney")
    assert nwd(*new).returncode == 0
    assert nwd(*new).returncode == 2
    assert Agency.objects.get(code="USAO_X").kind == "prosecutor"
    add = ("person", "add", "pat", "--full-name", "Pat", "--agency", "USAO_X", "--role", "coordinator")
    assert "too short" in nwd(*add, given="short\nshort\n").stderr
    added = nwd(*add, given="a long enough phrase\n" * 2)
    assert added.returncode == 0
    pat = User.objects.get(name="pat")
    assert opens(pat, added.stdout)
    again = nwd("person", "setup-code", "pat")
    assert (opens(pat, added.stdout), opens(pat, again.stdout)) == (False, True)
    signing_in.enrol(pat)
    assert "If they lost it, say --reset." in nwd("person", "setup-code", "pat").stderr
    assert opens(pat, nwd("person", "setup-code", "pat", "--reset").stdout)
    assert Event.objects.get(verb="person.factor_reset").by_id is None
    assert "Nobody active" in nwd("person", "setup-code", "nobody").stderr
    assert "already taken" in nwd(*add, given="a long enough phrase\n" * 2).stderr
    made = nwd("token", "make", "case system", "--agency", "USAO_X")
    assert made.stdout.startswith("nwd_")
    assert nwd("token", "revoke", "case system", "--agency", "USAO_X").stdout == "Revoked 1.\n"


def test_a_body_that_takes_part_in_no_case_is_added_by_its_kind(committed_db: None) -> None:
    new = ("agency", "add", "SHELTER", "--name", "A shelter")
    assert "Write --desk for an agency that the mandate table names, or --kind" in nwd(*new).stderr
    assert nwd(*new, "--kind", "provider", "--desk", "FBI").returncode == 2
    assert "'regulator' is not one of 'provider', 'carrier', 'grantee'" in nwd(*new, "--kind", "regulator").stderr
    assert nwd(*new, "--kind", "provider").returncode == 0
    shelter = Agency.objects.get(code="SHELTER")
    assert (shelter.may_lead, shelter.may_be_told, shelter.may_receive) == (False, False, False)
    made = nwd("token", "make", "system", "--agency", "SHELTER")
    assert "A shelter (provider) receives no signals" in made.stderr
    assert made.returncode == 2


# A key and a token by a disposal alone, for which a trigger asks; the others by the person whose they are.
DELETED = (
    *("nowrongdoor_datakey", "nowrongdoor_directory_row", "nowrongdoor_draft", "nowrongdoor_listing"),
    *("nowrongdoor_listing_opening", "nowrongdoor_person_token", "nowrongdoor_saved_search", "nowrongdoor_unfinished"),
)


def test_the_run_time_role_owns_nothing_and_may_no_more_than_the_list_says(committed_db: None, owner: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = user")
        assert cursor.fetchone() == ("nwd_app", False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)
    rows = {each.table: each for each in declared.ROWS}
    with psycopg.connect(owner) as database:
        tables = [r[0] for r in database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for name in tables:
            may = database.execute(
                "SELECT array_agg(privilege_type::text ORDER BY 1) FROM information_schema.role_table_grants "
                "WHERE grantee = %s AND table_name = %s",
                [signing.APP, name],
            ).fetchone()
            listed = grants.of_framework(name) or grants.privileges(rows.get(name))
            whole = {privilege for privilege in listed if "(" not in privilege}
            assert set(may[0] or []) == whole, name  # type: ignore[index]
            columns = database.execute(
                "SELECT array_agg(column_name::text ORDER BY 1) FROM information_schema.column_privileges "
                "WHERE grantee = %s AND table_name = %s AND privilege_type = 'UPDATE'",
                [signing.APP, name],
            ).fetchone()
            if "UPDATE" not in whole:
                changed = sorted(rows[name].columns) if name in rows else []
                assert columns == (changed if changed else None,), name
            if name.startswith("nowrongdoor_"):
                assert ("DELETE" in whole) is (name in DELETED), name
                assert "TRUNCATE" not in whole, name


@pytest.mark.storm
def test_everything_comes_up_and_goes_down_and_comes_up_quickly_again(tmp_path: pathlib.Path) -> None:
    port = servers.free_port()
    tmp_path.chmod(0o755)
    for _ in range(2):
        up = subprocess.Popen(
            [NWD, "up", "--port", str(port)],
            env={**os.environ, "NWD_VAR": str(tmp_path / "v")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            deadline = time.monotonic() + 90
            while True:
                try:
                    answer = httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=2)
                    break
                except httpx.TransportError:
                    assert time.monotonic() < deadline
                    assert up.poll() is None
                    time.sleep(0.1)
            assert answer.status_code == 200
            assert "fictional" in answer.text
        finally:
            up.send_signal(signal.SIGTERM)
            out, _ = up.communicate(timeout=30)
        assert "Stopped. The data is kept" in out
        assert "Sign in as" in out
        assert not (tmp_path / "v" / "postgres" / "postmaster.pid").exists()


def test_a_list_for_people_says_truths_by_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    printing.rows([{"name": "A table", "proved": True, "in_force": False}], as_json=False)
    assert capsys.readouterr().out == "A table  proved  not in force\n"
