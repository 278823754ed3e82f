"""T31, first half: open worklists take nothing from the pages, whatever becomes of server, database and session.

Each test asks the real web server, started by the product's own command.
"""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import time
from collections.abc import Iterator, Mapping

import httpx
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import idle, sessions, viewers
from nowrongdoor.access import streams as passes
from nowrongdoor.agencies import inviting
from nowrongdoor.agencies.models import User
from nowrongdoor.audit.models import Event
from nowrongdoor.operating import cluster
from nowrongdoor.site import events
from tests import servers, signing_in
from tests.access.test_doors import ROUTES
from tests.leads import stories

pytestmark = pytest.mark.storm
STREAMS = 60  # nearly twice what the pools of both processes hold
FEW = STREAMS // 6  # a pool grows by one or two where requests meet; streams that held connections would fill both
LISTENERS = 2  # each web process has one connection of its own that hears what changed


class Stream:
    """An open worklist's stream on a socket of its own: its status, and what it says."""

    def __init__(self, web: servers.Web, cookies: Mapping[str, str], *, heard: str = "") -> None:
        self.wire = socket.create_connection(("127.0.0.1", web.port), timeout=20)
        named = "; ".join(f"{name}={value}" for name, value in cookies.items())
        last = f"Last-Event-ID: {heard}\r\n" if heard else ""
        head = f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nCookie: {named}\r\n{last}\r\n"
        self.wire.sendall(head.encode())
        self.said, self._heard = "", 0
        assert self.waits_for("\r\n\r\n", 20), "the server does not answer"
        self.status = int(self.said.split(" ")[1])

    def waits_for(self, what: str, seconds: float) -> bool:
        """Whether the stream says this, after what was heard of it so far, within so many seconds."""
        deadline = time.monotonic() + seconds
        while (at := self.said.find(what, self._heard)) < 0:
            self.wire.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                got = self.wire.recv(65_536)
            except TimeoutError:
                return False
            if not got:
                return False
            self.said += got.decode()
        self._heard = at + len(what)
        return True

    def count(self, what: str, *, seconds: float) -> int:
        """How often the stream said this, after what was heard of it so far, when so many seconds have passed."""
        self.waits_for("what no stream says", seconds)
        found = self.said.count(what, self._heard)
        self._heard = len(self.said)
        return found

    def close(self) -> None:
        self.wire.close()


@contextlib.contextmanager
def opened(web: servers.Web, given: list[dict[str, str]]) -> Iterator[list[Stream]]:
    """A stream for each of these cookies."""
    streams: list[Stream] = []
    try:
        for cookies in given:
            streams.append(Stream(web, cookies))
        yield streams
    finally:
        for stream in streams:
            stream.close()


def person_of(code: str, role: viewers.Role = viewers.Role.COORDINATOR) -> User:
    viewer = stories.person(code, role)
    assert viewer.user_id
    return User.objects.get(id=viewer.user_id)


def at_the_worklist(web: servers.Web, person: User) -> dict[str, str]:
    """The cookies of a browser in which somebody has just opened the worklist."""
    client = Client()
    signing_in.passed(client, person)
    connection.close()
    cookies = {"sessionid": client.cookies["sessionid"].value}
    answer = httpx.get(f"{web.url}/worklist", cookies=cookies, timeout=20)
    assert answer.status_code == 200
    return cookies | {name: value for name, value in answer.cookies.items() if name != "csrftoken"}


def make_an_hour_old(cookies: Mapping[str, str]) -> None:
    """Puts the last click of a session an hour back, and leaves it open."""
    session = sessions.SessionStore(cookies["sessionid"])
    session["seen"] = int(time.time()) - 3600
    session.save()


def seen_of(cookies: Mapping[str, str]) -> object:
    return sessions.SessionStore(cookies["sessionid"]).get("seen")


def connections(owner: str) -> int:
    """How many connections the run-time role holds, without this test's own."""
    connection.close()
    with psycopg.connect(owner) as database:
        row = database.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'nwd_app'").fetchone()
    assert row
    return int(row[0])


def test_more_streams_than_the_pools_hold_take_no_connection_and_the_pages_answer(
    live: servers.Web, owner: str
) -> None:
    person = person_of("HSI")
    given = [at_the_worklist(live, person) for _ in range(STREAMS)]
    for cookies in given:
        make_an_hour_old(cookies)
    before = connections(owner)
    with opened(live, given) as streams:
        assert [stream.status for stream in streams] == [200] * STREAMS
        time.sleep(1)
        assert connections(owner) - before <= LISTENERS + FEW
        fresh = at_the_worklist(live, person)
        took = []
        for _ in range(20):
            begun = time.monotonic()
            assert httpx.get(f"{live.url}/worklist", cookies=fresh, timeout=20).status_code == 200
            took.append(time.monotonic() - begun)
        assert sorted(took)[18] < 1
        assert connections(owner) - before <= LISTENERS + FEW


def reads_of_worklists() -> int:
    connection.close()
    return Event.objects.filter(verb="worklist.read").count()


def test_after_a_restart_all_come_back_at_once_and_nothing_is_multiplied(live: servers.Web) -> None:
    """Each page is told once to look, because it may have missed something; one that shows it already reads nothing."""
    person = person_of("HSI")
    given = [at_the_worklist(live, person) for _ in range(STREAMS)]
    shown = shown_to(live, given[0])
    live.kill9()
    live.start()
    live.wait_until_answering()
    reads = reads_of_worklists()
    with opened(live, given) as streams:
        assert {stream.status for stream in streams} == {200}
        assert httpx.get(f"{live.url}/worklist", cookies=given[0], timeout=20).status_code == 200
        time.sleep(STREAMS / events.RELOADS)  # each has had its turn, even if one process has them all
        told = [stream.count("event: changed", seconds=0.2) for stream in streams]
        assert set(told) == {1}
        for cookies in given:
            assert shown_again(live, cookies, shown).status_code == 204
    assert reads_of_worklists() - reads == 1  # the one page that was loaded


def shown_to(web: servers.Web, cookies: Mapping[str, str]) -> str:
    """What a worklist says that it shows."""
    page = httpx.get(f"{web.url}/worklist", cookies=dict(cookies), timeout=20).text
    return page.partition('data-shown="')[2].partition('"')[0]


def shown_again(web: servers.Web, cookies: Mapping[str, str], shown: str) -> httpx.Response:
    """A worklist that brings itself up to date."""
    headers = {"HX-Request": "true", "Nwd-Shown": shown}
    return httpx.get(f"{web.url}/worklist", cookies=dict(cookies), headers=headers, timeout=20)


def test_a_list_that_changed_is_read_and_noted_and_one_that_did_not_is_neither(live: servers.Web) -> None:
    cookies = at_the_worklist(live, person_of("HSI"))
    shown, reads = shown_to(live, cookies), reads_of_worklists()
    assert shown_again(live, cookies, shown).status_code == 204
    assert reads_of_worklists() == reads
    stories.case()
    connection.close()
    changed = shown_again(live, cookies, shown)
    assert (changed.status_code, "Offer of the lead" in changed.text) == (200, True)
    assert reads_of_worklists() == reads + 1


def test_many_changes_are_few_reloads_and_the_last_is_never_lost(live: servers.Web) -> None:
    with opened(live, [at_the_worklist(live, person_of("HSI"))]) as (stream,):
        stream.count("event: changed", seconds=3)  # what a process that has just begun to listen tells everybody
        made, heard, begun = 0, 0, time.monotonic()
        while time.monotonic() - begun < 8:
            stories.case()
            connection.close()
            made += 1
            heard += stream.count("event: changed", seconds=0.05)
        most = (time.monotonic() - begun) / events.PACE + 1
        assert made > most, "too few changes to see whether they are many reloads"
        assert 1 <= heard <= most
        stream.count("event: changed", seconds=events.PACE + 1)
        stories.case()
        connection.close()
        assert stream.waits_for("event: changed", 5)


def test_what_names_no_agency_and_a_lost_listener_end_no_stream(live: servers.Web, owner: str) -> None:
    with opened(live, [at_the_worklist(live, person_of("HSI"))]) as (stream,):
        stream.count("event: changed", seconds=3)
        with psycopg.connect(owner, autocommit=True) as database:
            database.execute("NOTIFY worklist, 'no agency'")
        stories.case()
        connection.close()
        assert stream.waits_for("event: changed", 5), "what names no agency silenced the stream"
        with psycopg.connect(owner) as eyes, psycopg.connect(run_time_role(), autocommit=True) as database:
            pids = eyes.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = %s", [events.NAME]
            ).fetchall()
            ended = [database.execute("SELECT pg_terminate_backend(%s)", pid).fetchone() for pid in pids]
        assert (True,) in ended
        assert stream.waits_for("event: changed", 10), "whoever may have missed something is told to look"
        stories.case()
        connection.close()
        assert stream.waits_for("event: changed", 10), "the listener was not opened again"


def run_time_role() -> str:
    """It may end its own connections, and not look which there are."""
    return psycopg.conninfo.make_conninfo(**cluster.address(cluster.APP))


def listeners(owner: str) -> int:
    with psycopg.connect(owner) as database:
        row = database.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [events.NAME])
        return int((row.fetchone() or [0])[0])


def test_what_was_missed_between_the_page_and_its_stream_is_told(live: servers.Web, owner: str) -> None:
    person = person_of("HSI")
    early = at_the_worklist(live, person)
    with contextlib.ExitStack() as stack:
        for _ in range(60):  # until one of them came to each process
            stack.enter_context(opened(live, [early]))
            time.sleep(0.2)
            if listeners(owner) == LISTENERS:
                break
        assert listeners(owner) == LISTENERS
        time.sleep(events.MARGIN + 1)
        late = at_the_worklist(live, person)
        for _ in range(4):
            with opened(live, [late]) as (stream,):
                assert stream.count("event: changed", seconds=0.5) == 0, "nothing changed since it was shown"
        stories.case()
        connection.close()
        time.sleep(events.MARGIN + 1)
        heard = str(int(time.time() * 1000))
        for _ in range(4):
            with opened(live, [late]) as (stream,):
                assert stream.waits_for("event: changed", 3), "something changed before it listened"
            stream = Stream(live, late, heard=heard)
            assert stream.count("event: changed", seconds=0.5) == 0, "it said that it heard everything"
            stream.close()


def test_the_streams_of_those_who_may_no_longer_look_are_ended(live: servers.Web) -> None:
    administrator, now = stories.person("HSI", viewers.Role.ADMINISTRATOR), timezone.now()
    ways = ("out", "everywhere", "role", "switch", "factor", "password", "nothing")
    who = {how: person_of("HSI") for how in ways}
    given = {how: at_the_worklist(live, person) for how, person in who.items()}
    with opened(live, list(given.values())) as streams:
        assert [stream.count("event: over", seconds=1) for stream in streams] == [0] * len(ways)  # longer than a look
        viewer = who["everywhere"].viewer()
        assert viewer
        sessions.SessionStore(given["out"]["sessionid"]).delete()
        inviting.end_sessions(by=viewer, at=now)
        inviting.set_role(who["role"].id, "advocate", by=administrator)
        inviting.switch(who["switch"].id, on="no", by=administrator)
        inviting.reset_second_factor(who["factor"].id, by=administrator, at=now)
        who["password"].set_password("four-words-put-together")
        who["password"].save(update_fields=["password"])
        connection.close()
        for how, stream in zip(ways, streams, strict=True):
            if how == "nothing":
                assert stream.count("event: over", seconds=events.LOOK + 1) == 0, "nobody else's is ended"
                assert shown_again(live, given[how], "").status_code == 200
            else:
                assert stream.waits_for("event: over", 2 * events.LOOK), how
                assert shown_again(live, given[how], "").status_code == 401, how


def test_a_pass_that_runs_out_ends_its_stream_and_opens_no_other(live: servers.Web) -> None:
    cookies = at_the_worklist(live, person_of("HSI"))
    holder = passes.read(cookies[passes.COOKIE], at=time.time())
    assert holder
    assert holder.until - time.time() <= settings.SESSION_COOKIE_AGE
    short = passes.write(dataclasses.replace(holder, until=time.time() + 3))
    with opened(live, [{passes.COOKIE: short}]) as (stream,):
        assert stream.status == 200
        assert stream.waits_for("event: over", 5)
    changed = cookies[passes.COOKIE]
    changed = changed[:-1] + ("a" if changed[-1] != "a" else "b")
    for given in ({passes.COOKIE: short}, {passes.COOKIE: changed}, {"sessionid": cookies["sessionid"]}, {}):
        refused = Stream(live, given)
        assert refused.status == 401, given
        refused.close()


def test_a_stream_ends_twelve_hours_after_signing_in_however_short_ago_somebody_clicked(live: servers.Web) -> None:
    cookies = at_the_worklist(live, person_of("HSI"))
    session = sessions.SessionStore(cookies["sessionid"])
    session[idle.BEGAN] = int(time.time()) - idle.LONGEST + 4
    session.save()
    connection.close()
    answer = httpx.get(f"{live.url}/worklist", cookies=cookies, timeout=20)  # a click, four seconds before the end
    assert answer.status_code == 200
    last = {passes.COOKIE: answer.cookies[passes.COOKIE]}
    with opened(live, [last]) as (stream,):
        assert stream.status == 200
        assert stream.waits_for("event: over", 8)
    refused = Stream(live, last)
    assert refused.status == 401
    refused.close()
    assert httpx.get(f"{live.url}/worklist", cookies=cookies, timeout=20).status_code == 302


def test_a_stream_that_comes_back_is_no_click(live: servers.Web) -> None:
    cookies = at_the_worklist(live, person_of("HSI"))
    make_an_hour_old(cookies)
    before = seen_of(cookies)
    with opened(live, [cookies]):
        time.sleep(0.5)
    assert seen_of(cookies) == before
    assert httpx.get(f"{live.url}/worklist", cookies=cookies, timeout=20).status_code == 200
    assert seen_of(cookies) != before  # that was one


def test_no_script_reads_the_pass_and_no_other_address_gets_it(live: servers.Web) -> None:
    cookies = at_the_worklist(live, person_of("HSI"))
    answer = httpx.get(f"{live.url}/worklist", cookies=cookies, timeout=20)
    (given,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{passes.COOKIE}=")]
    said = {each.strip().lower() for each in given.split(";")[1:]}
    assert {"httponly", "samesite=strict", f"path={passes.PATH}"} <= said
    assert passes.PATH not in {"/" + path for path, _ in ROUTES}, "Django answers this address too"
    only = {passes.COOKIE: cookies[passes.COOKIE]}
    assert httpx.get(f"{live.url}/worklist", cookies=only, timeout=20).status_code == 302
