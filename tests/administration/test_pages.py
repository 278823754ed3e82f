"""The administrator's pages: what waits, the directory, the tables, health; for administrators alone, and cheap."""

from __future__ import annotations

import datetime
import pathlib
import re
import time

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test import utils as test_utils
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.administration import health
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import inviting
from nowrongdoor.agencies.models import Agency, Closing
from nowrongdoor.audit import verifying
from nowrongdoor.intake import closing
from nowrongdoor.leads import changing
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.operating import cluster
from nowrongdoor.retention import actions as retention
from tests import claims, signing_in
from tests.leads import stories
from tests.promises.world import LATER

pytestmark = pytest.mark.django_db
PAGES = {
    "/administration": 34,
    "/administration/agencies": 9,
    "/administration/tables": 6,
    "/administration/health": 19,
    "/staff": 11,
    "/tokens": 7,
}
A_DAY = datetime.timedelta(days=1)


@pytest.fixture
def client() -> Client:
    return signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADMINISTRATOR))


def text(client: Client, address: str, **asked: str) -> str:
    answer = client.get(address, asked)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2]).split())


@pytest.mark.parametrize("role", [role for role in viewers.Role if role is not viewers.Role.MACHINE])
def test_the_pages_are_for_administrators_alone(role: viewers.Role) -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", role))
    addresses = [*PAGES, f"/administration/agencies/{stories.agency('HSI').id}"]
    expected = 200 if role is viewers.Role.ADMINISTRATOR else 404
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, expected)
    linked = 'href="/administration"' in client.get("/mandates").content.decode().partition("<main")[0]
    assert linked == (role is viewers.Role.ADMINISTRATOR)


@pytest.mark.parametrize(("address", "limit"), PAGES.items())
def test_a_page_costs_a_constant_number_of_queries(client: Client, address: str, limit: int) -> None:
    asked = []
    for number in range(2):
        if number:
            administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
            for each in range(10):
                inviting.invite(f"n{each}", f"N {each}", "analyst", by=administrator, at=timezone.now())
                with row_security.system():
                    agencies.make_token(stories.agency("HOTLINE"), label=str(each), by=None, at=timezone.now())
            agencies.add_missing(
                agencies.New(f"CW{place}", "CHILD_WELFARE", place, "", "child_welfare", place) for place in ("CA", "TX")
            )
        client.get(address)  # the first click of a minute also moves the session's end on
        with test_utils.CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        asked.append([each["sql"] for each in captured if "SAVEPOINT" not in each["sql"]])
    assert len(asked[0]) == len(asked[1]) <= limit, "\n".join(asked[1])


@pytest.mark.usefixtures("clock_ahead")
def test_what_waits_is_said_with_where_to_act(client: Client) -> None:
    administrator, hotline = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR), stories.person("HOTLINE")
    before = text(client, "/administration")
    assert "invitation" not in before.partition("People and invitations")[0]
    now = timezone.now()
    inviting.invite("nina", "Nina", "analyst", by=administrator, at=now)
    inviting.invite("olga", "Olga", "analyst", by=administrator, at=now - inviting.LASTS)
    with row_security.system():
        agencies.make_token(stories.agency("HOTLINE"), label="x", by=None, at=now, lasts=3 * A_DAY)
        agencies.make_token(stories.agency("HOTLINE"), label="y", by=None, at=now, lasts=90 * A_DAY)
    case = changing.close(stories.case(at=stories.NOON).id, because="She is home.", by=hotline, at=stories.NOON)
    retention.ask(case.id, by=hotline, at=LATER)
    page = text(client, "/administration")
    for sentence in (
        "1 invitation expired unused.",
        "1 invitation is waiting.",
        "1 token ends soon or has ended.",
        "1 disposal needs a second person.",
    ):
        assert sentence in page
    elsewhere = signing_in.sign_in(Client(), stories.person("HSI", viewers.Role.ADMINISTRATOR))
    theirs = text(elsewhere, "/administration")
    assert claims.every(f"1 {word}" not in theirs for word in ("invitation", "token", "disposal"))


def test_the_directory_says_who_answers_and_is_narrowed_by_codes(client: Client) -> None:
    agencies.add_missing(
        [agencies.New("CW", "CHILD_WELFARE", "Child welfare of California", "", "child_welfare", "CA")]
    )
    stories.case()  # somebody answers at every agency but the new one
    agencies.add_missing([agencies.New("CW2", "CHILD_WELFARE", "Child welfare of Texas", "", "child_welfare", "TX")])
    everything = text(client, "/administration/agencies")
    assert "An agency with a place is an office" in everything
    assert "nwd agency add" in everything
    there = text(client, "/administration/agencies", place="CA")
    assert "1 agency" in there
    assert "Child welfare of California" in there
    assert "Filters (1 on)" in there
    assert "Child welfare of California" in text(
        client, "/administration/agencies", answers="yes", kind="child_welfare"
    )
    assert "No agency matches" in text(client, "/administration/agencies", answers="no", place="CA")
    assert "No agency matches" in text(client, "/administration/agencies", state="closed", place="CA")
    wrong = client.get("/administration/agencies", {"kind": "everything"})
    assert wrong.status_code == 422
    assert b"The list has no such filter, so it was left out." in wrong.content


def test_an_agencys_page_keeps_its_people_to_itself_and_tells_its_history(client: Client) -> None:
    boss = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    agencies.add_missing(
        [agencies.New(code, code, f"Agency {code}", "Justice", "prosecutor") for code in ("GONE", "KEPT")]
    )
    assert boss.user_id
    closing.close_agency("GONE", into="DOJ_COORDINATOR", by=boss, at=timezone.now())
    kept = Agency.objects.get(code="KEPT")
    now = timezone.now()
    Closing.objects.create(agency=kept, into=stories.agency("HSI"), by_id=boss.user_id, at=now, given_up_at=now)
    gone = text(client, f"/administration/agencies/{Agency.objects.get(code='GONE').id}")
    for words in ("Closed", "began to close it; its cases move to", "Added to the directory", "Its cases moved to"):
        assert words in gone
    assert "nwd agency close" not in gone  # it is closed already
    assert "The closing was given up" in text(client, f"/administration/agencies/{kept.id}")
    theirs = text(client, f"/administration/agencies/{stories.agency('HSI').id}")
    assert "Only that agency can see this" in theirs
    assert "nwd agency close HSI" in theirs
    assert "Change how often your coordinators sign in" not in theirs
    own = text(client, f"/administration/agencies/{stories.agency('HOTLINE').id}")
    assert "Change how often your coordinators sign in" in own
    assert re.search(r"People \d+ active", own)


def test_the_tables_say_which_is_in_force_since_when(client: Client) -> None:
    with row_security.system():
        table = MandateTable.objects.get(in_force=True)
    page = text(client, "/administration/tables")
    assert table.version in page
    assert page.count("in force ") >= 1
    assert table.digest[:12] in page
    assert table.digest not in page


def line(name: str, *, at: datetime.datetime | None = None) -> health.Line:
    (found,) = [each for each in health.lines(at=at or timezone.now()) if each.name == name]
    return found


def test_what_nothing_records_is_unknown_and_never_fine() -> None:
    for name in ("Backup", "Audit trail verified", "Mail"):
        assert line(name).health is health.Health.UNKNOWN


def test_a_key_is_due_for_renewal_after_a_year() -> None:
    stories.case()
    now = timezone.now()
    assert line("Keys", at=now).health is health.Health.FINE
    later = line("Keys", at=now + health.KEY_LASTS + A_DAY)
    assert (later.health, later.command) == (health.Health.ACT, "nwd vault renew")


@pytest.mark.parametrize(("seconds", "words"), [(100, "100 seconds ahead of"), (-100, "100 seconds behind")])
def test_a_clock_that_is_not_the_databases_needs_action(
    monkeypatch: pytest.MonkeyPatch, seconds: int, words: str
) -> None:
    assert line("Clock").health is health.Health.FINE
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + seconds)
    assert (line("Clock").health, line("Clock").words[: len(words)]) == (health.Health.ACT, words)


def test_a_worker_that_says_nothing_needs_action() -> None:
    with connection.cursor() as database:
        database.execute("DELETE FROM procrastinate_workers")
        assert line("Worker").health is health.Health.ACT
        database.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    assert line("Worker").health is health.Health.FINE
    assert line("Worker", at=timezone.now() + 2 * health.WORKER_SILENT).health is health.Health.ACT


def test_a_task_that_waits_too_long_needs_action() -> None:
    with connection.cursor() as database:
        database.execute("DELETE FROM procrastinate_jobs")
        assert line("Task queue").words == "0 tasks wait."
        database.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'x', '{}')")
    assert line("Task queue").health is health.Health.FINE
    late = line("Task queue", at=timezone.now() + health.TASK_WAITS + A_DAY)
    assert late.health is health.Health.ACT
    assert "The oldest has waited since" in late.words


def test_a_signal_without_a_case_and_a_trail_without_an_anchor_need_action() -> None:
    stories.signal()
    assert line("Signals").words == "1 signal is waiting for a case."
    assert line("Audit trail anchored").words == "Never anchored."
    now = timezone.now()
    with row_security.system():
        verifying.anchor(at=now)
    assert line("Audit trail anchored").health is health.Health.FINE
    assert line("Audit trail anchored", at=now + health.ANCHORED + A_DAY).health is health.Health.ACT


def test_health_shows_no_path_secret_or_address(client: Client) -> None:
    page = client.get("/administration/health").content.decode()
    folder = str(cluster.socket_folder(cluster.var() / "postgres"))
    hidden = [str(cluster.var()), folder, cluster.APP, cluster.password(cluster.APP), cluster.secret_key()]
    assert [each for each in hidden if each in page.partition("<main")[2]] == []


def test_a_key_that_does_not_open_needs_action_whatever_its_age(tmp_path: pathlib.Path) -> None:
    """The process may still have it in memory: what counts is whether the next one will."""
    stories.case()
    assert line("Keys").health is health.Health.FINE
    for content in (None, "{", "{}"):
        file = tmp_path / "keys.json"
        if content is not None:
            file.write_text(content, encoding="utf-8")
        with override_settings(KEY_FILE=file):
            found = line("Keys")
        assert found.health is health.Health.ACT
        assert "doesn’t open" in found.words
        assert str(tmp_path) not in found.words + found.act
