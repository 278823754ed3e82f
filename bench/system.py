"""The whole system on its own embedded cluster: taking signals in by the API, pages, and the import, small and large.

CPU is that of the web processes and of PostgreSQL together, from the operating system's own counters.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import http.client
import importlib
import io
import json
import os
import pathlib
import shutil
import statistics
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping

import psutil

from bench import result

CLIENTS = 8
# Each filter and order of the worklist, and some of them together.
FILTERS = {
    "offers": "kind=offer",
    "leads": "kind=lead",
    "mine": "has=me",
    "unassigned": "has=nobody",
    "overdue": "due=late",
    "within a week": "due=week",
    "in danger": "urgency=immediate_danger",
    "urgency not known": "urgency=unknown",
    "a place": "place=NY",
    "a matter": "matter=labor%3Dyes",
    "a matter that few have": "matter=age%3Dunder_18",
    "most urgent first": "sort=urgent",
    "newest first": "sort=newest",
    "several filters": "kind=offer&place=NY&urgency=within_24h&matter=labor%3Dyes&has=nobody&sort=newest",
}


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is measured: signals stored at first and at last, and what else the cluster holds."""

    small: int = 1_000
    middle: int = 10_000
    large: int = 1_000_000
    cases: int = 100_000
    profiles: int = 91_043
    burst: int = 2_000
    pages: int = 200
    events: int = 1_000_000
    links: int = 2_000


FULL = Size()
TINY = Size(small=100, middle=300, large=2_000, cases=700, profiles=300, burst=200, pages=20, events=2_000, links=20)
# What whoever saw something answers on the screens of the public form; the others are skipped.
TOLD = {
    "who": {"stance": "bystander"},
    "what": {"words": "The foreman keeps their passports and takes their pay for the beds. " * 6},
    "where": {"place": "Elko, NV"},
    "urgency": {"urgency": "within_24h"},
}
SAMPLE = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "ctdc_sample.csv"
PASSWORD = "bench-password"  # noqa: S105


def run(say: Callable[[str], None], size: Size) -> Iterator[result.Result]:
    """Fill a cluster of its own step by step and measure at each size. However it ends, nothing of it keeps running."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nwd-bench-"))
    folder.chmod(0o755)
    os.environ["NWD_VAR"] = str(folder)
    os.environ.pop("DATABASE_URL", None)
    from nowrongdoor.operating import cluster
    from nowrongdoor.site import up

    try:
        up.prepare_and_fill()
        from tests import servers

        secret = people()
        with servers.Web(FORWARDED_ALLOW_IPS="127.0.0.1") as web:
            web.wait_until_answering()
            fill_signals(size.small)
            yield from taking(web, folder, size, stored=size.small)
            yield from contacts(signed_in(web, secret), folder, size, stored=size.small)
            fill_signals(size.middle)
            yield from tips(web, folder, size, stored=size.middle)
            say(f"Importing {size.profiles:,} profiles")
            yield importing(size)
            say(f"Filling up to {size.large:,} signals and {size.cases:,} cases")
            fill_cases(size.cases)
            fill_signals(size.large)
            yield from taking(web, folder, size, stored=size.large)
            yield from tips(web, folder, size, stored=size.large)
            yield from pages(web, folder, secret, size)
            yield from each_guard(folder, size)
            yield from verifying(folder, size)
    finally:
        with contextlib.suppress(ImportError):
            from django.db import connections

            connections.close_all()
        cluster.stop(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def people() -> str:
    """Add somebody to look at pages, and give the secret of their second factor."""
    from tests import signing_in
    from tests.leads import stories

    from nowrongdoor.access import row_security, viewers
    from nowrongdoor.agencies.models import User
    from nowrongdoor.agencies.queries import by_code

    with row_security.system():
        stories.staff()  # an agency that nobody can answer for is passed over
        person = User.objects.add(
            name="bench", full_name="Bench", agency=by_code("HOTLINE"), role=viewers.Role.COORDINATOR, password=PASSWORD
        )
    return signing_in.enrol(person)


def taking(web: object, folder: pathlib.Path, size: Size, *, stored: int) -> Iterator[result.Result]:
    """8 clients hand in signals as fast as they are answered."""
    from django.utils import timezone

    from nowrongdoor.access import row_security
    from nowrongdoor.agencies import actions as agencies
    from nowrongdoor.agencies.queries import by_code

    with row_security.system():
        token = agencies.make_token(by_code("HOTLINE"), label=f"bench {stored}", by=None, at=timezone.now())
    port = web.port  # type: ignore[attr-defined]
    body = json.dumps(
        {"facts": {"labor": "yes", "nationality": "foreign", "source": "law_enforcement"}, "narrative": "x" * 400}
    )

    def client(number: int, count: int, label: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for each in range(count):
            headers = {
                "Authorization": f"Bearer {token}",
                "Idempotency-Key": f"{label}-{stored}-{number}-{each}",
                "Content-Type": "application/json",
            }
            connection.request("POST", "/api/v1/signals", body, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 201, answer.status
        connection.close()

    def burst(label: str, count: int) -> None:
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda number: client(number, count // CLIENTS, label), range(CLIENTS)))

    burst("warm", 200)
    costs, rates = [], []
    for each in range(5):
        before, begun = cpu(folder), time.perf_counter()
        burst(f"run{each}", size.burst // 5)
        rates.append(size.burst // 5 / (time.perf_counter() - begun))
        costs.append((cpu(folder) - before) * 1_000 / (size.burst // 5))
    note = f"{CLIENTS} clients, 2 web workers, {stored:,} signals stored"
    yield result.Result("take a signal by the API", statistics.median(costs), "ms CPU", 5, note)
    yield result.Result("take signals by the API", statistics.median(rates), "a second", 5, note)


def tips(web: object, folder: pathlib.Path, size: Size, *, stored: int) -> Iterator[result.Result]:
    """Somebody sees every page of the public form, answers or skips each question, and sends. The receipt's hash, slow
    on purpose, is reported apart and is not in the figure of a whole tip."""
    import itertools
    import secrets

    from nowrongdoor.core import receipts
    from nowrongdoor.mailbox import openers

    _analyze(folder)
    visitor, addresses, screens = Browser(web.port), itertools.count(), 0  # type: ignore[attr-defined]

    def tip() -> int:
        """Send one, from an address of its own, and return how many pages it took."""
        number = next(addresses)
        address = {"X-Forwarded-For": f"10.{stored % 251}.{number // 250}.{number % 250}"}
        carried, count = _carried(visitor.send("GET", "/tell", None, address)), 1
        while carried.get("at") != "check":
            answers = TOLD.get(carried["at"], {})
            fields = urllib.parse.urlencode({**carried, **answers, "do": "next" if answers else "skip"})
            carried, count = _carried(visitor.send("POST", "/tell", fields, address)), count + 1
        sent = visitor.send("POST", "/tell", urllib.parse.urlencode({**carried, "do": "send"}), address)
        assert "receipt-words" in sent
        return count + 1

    receipt = receipts.draw(secrets.randbits)
    openers.of(receipt)
    hashing = result.timed("hash a receipt", lambda: [openers.of(receipt) for _ in range(20)], per=20)
    costs, each_time = [], max(size.pages // 5, 3)
    tip()
    for _ in range(5):
        before = cpu(folder)
        screens = sum(tip() for _ in range(each_time)) // each_time
        costs.append((cpu(folder) - before) * 1_000 / each_time)
    note = f"{screens} pages, {stored:,} signals stored, without the receipt's hash; at most 30"
    yield result.Result("a whole public tip", statistics.median(costs) - hashing.median, "ms CPU", 5, note)
    yield dataclasses.replace(
        hashing, note=f"Argon2id, {openers.MEMORY // 1024} MiB, {openers.PASSES} passes, once a tip"
    )


def _carried(page: str) -> dict[str, str]:
    """Return what the form of a public page carries to the next."""
    import html
    import re

    form = page.partition('id="screen"')[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def importing(size: Size) -> result.Result:
    """The file's own lines over and over: equal rows have keys of their own, so each becomes a case."""
    from django.utils import timezone

    from nowrongdoor.agencies.queries import by_code
    from nowrongdoor.core.intake import ctdc
    from nowrongdoor.intake import importing

    header, *lines = SAMPLE.read_text().splitlines()
    text = "\n".join([header, *(lines[n % len(lines)] for n in range(size.profiles))]).encode()
    begun = time.perf_counter()
    report = importing.take_file(
        ctdc.read(io.BytesIO(text)),
        importing.Source("bench", told_by="law_enforcement"),
        receiver_id=by_code("HOTLINE").id,
        by=None,
        at=timezone.now(),
        progress=lambda done: None,
    )
    assert report.taken == size.profiles
    seconds = time.perf_counter() - begun
    return result.Result(
        "import and route profiles", size.profiles / seconds, "a second", 1, f"{size.profiles:,}, end to end"
    )


def fill_cases(total: int) -> None:
    """Tops the cases up, as the import makes them."""
    from django.utils import timezone

    from nowrongdoor.access import row_security
    from nowrongdoor.agencies.queries import by_code
    from nowrongdoor.cases.models import Case
    from nowrongdoor.core.intake import row
    from nowrongdoor.intake import importing

    with row_security.system():
        missing = total - Case.objects.count()
    rows = (row.Row(line=n, key=f"more-{n}", facts={"labor": "yes", "means": "yes"}) for n in range(missing))
    source, hotline = importing.Source("bench", told_by="law_enforcement"), by_code("HOTLINE").id
    importing.take_file(rows, source, receiver_id=hotline, by=None, at=timezone.now(), progress=lambda done: None)


def fill_signals(total: int) -> None:
    """Tops the signals up with ones that were routed long ago into the oldest case, straight in the database."""
    from django.db import connection

    from nowrongdoor.access import row_security
    from nowrongdoor.agencies.queries import by_code
    from nowrongdoor.cases.models import Case
    from nowrongdoor.signals.models import Signal

    fill_cases(1)
    with row_security.system(), connection.cursor() as cursor:
        missing = total - Signal.objects.count()
        hotline = by_code("HOTLINE")
        case = Case.objects.filter(received_by=hotline).earliest("id")
        cursor.execute(
            """
            WITH old AS (
            INSERT INTO nowrongdoor_signal (id, reference, receiver_id, key, digest, door, received_at, facts, answers,
                                            state, district, narrative, people, raw, routed_at)
            SELECT gen_random_uuid(), upper(left(md5(%(name)s || n), 4) || '-' || substr(md5(%(name)s || n), 5, 9)),
                   %(agency)s, sha256((%(name)s || n)::bytea), sha256(n::text::bytea), 'call',
                   now() - n * interval '1 minute', '{"labor": "yes"}', '{}', '', '',
                   '\x01'::bytea || repeat('words ', 60)::bytea, '', '', now()
              FROM generate_series(1, %(missing)s) AS n
            RETURNING id, reference, receiver_id, door, received_at)
            INSERT INTO nowrongdoor_case_signal (signal_id, case_id, reference, door, receiver_id, received_at)
            SELECT id, %(case)s, reference, door, receiver_id, received_at FROM old
            """,
            {"agency": hotline.id, "name": f"fill-{total}-", "missing": missing, "case": case.id},
        )


def pages(web: object, folder: pathlib.Path, secret: str, size: Size) -> Iterator[result.Result]:
    """A coordinator of the agency with the longest list, all that it leads, looks at the worklist and at cases."""
    from django.db import connection

    from nowrongdoor.access import row_security
    from nowrongdoor.cases.models import Case

    _analyze(folder)
    with row_security.system():
        references = list(Case.objects.order_by("-id").values_list("reference", flat=True)[: size.pages * 3 : 3])
    connection.close()
    crowd = f"/cases/{_crowded()}"  # before anybody signs in: a server ends a connection that waits for long
    browser = signed_in(web, secret)
    visits = {
        "worklist": ["/worklist"] * size.pages,
        "worklist, turned to the next page": _turned(browser, size.pages),
        **{f"worklist, {words}": [f"/worklist?{query}"] * size.pages for words, query in FILTERS.items()},
        "worklist, found by a part of it that is not there": ["/worklist?place=GU&urgency=none&has=me"] * size.pages,
        "list of cases": ["/cases?tab=all"] * size.pages,
        "case page": [f"/cases/{reference}" for reference in references],
        "page of a case with 40 agencies, 300 notes, 50 files": [crowd] * size.pages,
    }
    for name, paths in visits.items():
        browser.get(paths[0])
        costs = []
        for part in range(5):
            before = cpu(folder)
            for path in paths[part::5]:
                browser.get(path)
            costs.append((cpu(folder) - before) * 1_000 / len(paths[part::5]))
        note = f"{size.large:,} signals, {size.cases:,} cases; queries counted by a test"
        yield result.Result(name, statistics.median(costs), "ms CPU", 5, note)
    yield from contacts(browser, folder, size, stored=size.large)


def signed_in(web: object, secret: str) -> Browser:
    """Return a browser in which the person who looks at pages is signed in."""
    browser = Browser(web.port)  # type: ignore[attr-defined]
    browser.sign_in(secret)
    return browser


def contacts(browser: Browser, folder: pathlib.Path, size: Size, *, stored: int) -> Iterator[result.Result]:
    """Somebody takes calls on the page: each with a person, a way back and a draft that is kept ten times."""
    import uuid

    typed = {
        "channel": "call",
        "source": "survivor",
        "narrative": "The foreman keeps our passports. " * 12,
        "labor": "yes",
        "means": "yes",
        "nationality": "foreign",
        "place": "NY-S",
        "reach_safe": "yes",
        "reach_number": "+1 555 0100 200",
        "reach_until": "7",
        "person-1-age": "9",
    }

    def save(key: uuid.UUID) -> None:
        browser.post("/signals/new", {**typed, "key": key.hex})

    def keep(key: uuid.UUID) -> None:
        for seen in range(10):
            words = {"narrative": f"{typed['narrative']} {seen}", "seen": str(seen), "key": key.hex}
            browser.post("/signals/drafts", {**typed, **words}, part=True)

    for name, act, per in (("saving a contact", save, 1), ("keeping a draft while somebody types", keep, 10)):
        act(uuid.uuid4())
        costs = []
        for _ in range(5):
            before, calls = cpu(folder), 3 if per > 1 else max(size.pages // 4, 3)  # 20 drafts at a time are kept
            for _ in range(calls):
                act(uuid.uuid4())
            costs.append((cpu(folder) - before) * 1_000 / calls / per)
        note = f"with a person and a way back, {stored:,} signals stored; at most 50"
        yield result.Result(name, statistics.median(costs), "ms CPU", 5, note)


def _crowded() -> str:
    """Fill a case of whoever looks with what a long one holds, and give its reference."""
    from django.db import connection
    from tests.cases import crowded

    from nowrongdoor.access import row_security
    from nowrongdoor.agencies.models import User
    from nowrongdoor.cases.models import Case

    with row_security.system():
        viewer = User.objects.get(name="bench").viewer()
        assert viewer
        case = Case.objects.filter(participants__agency_id=viewer.agency_id, closed_at=None).order_by("-id")[0]
    crowded.fill(case, viewer)
    connection.close()
    return case.reference


def each_guard(folder: pathlib.Path, size: Size) -> Iterator[result.Result]:
    """What a case costs to read, with each guard and without it: row security (as the owner, who passes them), the
    trail
    (not written), the seals (texts left closed)."""
    from django.db import connection
    from django.utils import timezone

    from nowrongdoor.access import row_security
    from nowrongdoor.agencies.models import User
    from nowrongdoor.audit import record
    from nowrongdoor.cases import actions as actions
    from nowrongdoor.cases import people, queries
    from nowrongdoor.cases.models import Case, Note
    from nowrongdoor.casework import queries as casework
    from nowrongdoor.operating import cluster

    with row_security.system():
        viewer = User.objects.get(name="bench").viewer()
        assert viewer
        cases = list(Case.objects.filter(participants__agency_id=viewer.agency_id).order_by("-id")[: size.pages])
    for case in cases:
        actions.add_note(case.id, text="words " * 60, audience=Note.Audience.TEAM, by=viewer, at=timezone.now())

    def read(*, trail: str = "on", seals: str = "on") -> float:
        costs = []
        for part in range(5):
            before = cpu(folder) + time.process_time()
            for case in cases[part::5]:
                with row_security.looking(viewer):
                    found = queries.find(viewer, case.reference)
                    if trail == "on":
                        record.looked("case.read", case.id, by=viewer, at=timezone.now(), case_id=case.id)
                    casework.case_page(viewer, found)
                    queries.signals(viewer, case.id)
                    people.shown(viewer, case.id, found.key)
                    if seals == "on":
                        queries.notes(viewer, found)
                    else:
                        list(Note.objects.filter(case=case).order_by("at", "id"))
            costs.append((cpu(folder) + time.process_time() - before) * 1_000 / len(cases[part::5]))
        return statistics.median(costs)

    note = f"in one process, {size.large:,} signals, {size.cases:,} cases"
    yield result.Result("read a case, all guards on", read(), "ms CPU", 5, note)
    yield result.Result("read a case, trail off", read(trail="off"), "ms CPU", 5, note)
    yield result.Result("read a case, notes left sealed", read(seals="off"), "ms CPU", 5, note)
    settings = dict(connection.settings_dict)
    connection.close()
    owner = cluster.address(cluster.OWNER)
    connection.settings_dict.update(USER=owner["user"], PASSWORD=owner["password"])
    yield result.Result("read a case, row security off", read(), "ms CPU", 5, note)
    connection.close()
    connection.settings_dict.update(USER=settings["USER"], PASSWORD=settings["PASSWORD"])


def verifying(folder: pathlib.Path, size: Size) -> Iterator[result.Result]:
    """Looks through trails of over a million events: one in each link, as pages write them, and several, as actions do.
    CPU is that of this process and of the database process that works for it."""
    from django.db import connection

    from nowrongdoor.audit import verifying as trail

    for each in (1, 6):
        _fill_trail(folder, size, each=each)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = psutil.Process(cursor.fetchone()[0])
        costs, waits = [], []
        for _ in range(5):
            before, begun = backend.cpu_times(), time.perf_counter()
            own = time.process_time()
            verdict = trail.verify()
            assert verdict.holds, verdict.wrong
            waits.append(time.perf_counter() - begun)
            after = backend.cpu_times()
            costs.append(time.process_time() - own + after.user + after.system - before.user - before.system)
        wall = f"{verdict.events / statistics.median(waits):,.0f} a second by the clock"
        note = f"{verdict.events:,} events in {verdict.links:,} links; {wall}"
        rate = verdict.events / statistics.median(costs)
        yield result.Result(f"verify the trail, {each} in each link", rate, "events a CPU second", 5, note)


def _fill_trail(folder: pathlib.Path, size: Size, *, each: int) -> None:
    """Writes a trail of its own, in the place of what is there."""
    import psycopg
    from django.db import connection

    from nowrongdoor.access import row_security
    from nowrongdoor.operating import cluster

    with psycopg.connect(**cluster.address(cluster.OWNER), autocommit=True) as owner:  # type: ignore[arg-type]
        owner.execute("TRUNCATE nowrongdoor_auditevent, nowrongdoor_auditseal, nowrongdoor_auditanchor")
        noting = importlib.import_module("nowrongdoor.migrations.0044_noted_rows")
        with owner.transaction():  # what there is, as the migration notes it
            for kept in (*noting.KEPT, importlib.import_module("nowrongdoor.migrations.0047_first_factor").KEPT):
                owner.execute(noting.begin(kept))
    for _ in range(size.events // (20 * each * size.links) + 1):
        with row_security.system(), connection.cursor() as cursor:
            for _ in range(size.links):  # a transaction's token for each: a link in each agency's chain
                cursor.execute("SELECT set_config('nwd.tx', gen_random_uuid()::text, true)")
                cursor.execute(
                    "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, case_id, "
                    "subject_id, details) SELECT now(), 'read', 'case.read', 'mandate', id, gen_random_uuid(), "
                    "gen_random_uuid(), gen_random_uuid(), '{}' FROM (SELECT id FROM nowrongdoor_agency ORDER BY id "
                    "LIMIT 20) AS chosen, generate_series(1, %s)",
                    [each],
                )
    _analyze(folder)


def _turned(browser: Browser, count: int) -> list[str]:
    import re

    paths, path = [], "/worklist"
    for _ in range(count):
        found = re.search(r'href="(/worklist\?from=[^"]+)" rel="next"', browser.get(path))
        assert found
        path = found.group(1)
        paths.append(path)
    return paths


def _analyze(folder: pathlib.Path) -> None:
    import psycopg

    from nowrongdoor.operating import cluster

    with psycopg.connect(**cluster.address(cluster.OWNER), autocommit=True) as owner:  # type: ignore[arg-type]
        owner.execute("VACUUM ANALYZE")


class Browser:
    """Just enough of a browser: one connection, its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> str:
        return self.send("GET", path, None)

    def post(self, path: str, fields: dict[str, str], *, part: bool = False) -> str:
        """Send a form of a page, or what a page sends of itself while somebody types."""
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": self.cookies["csrftoken"]})
        return self.send("POST", path, body, {"HX-Request": "true"} if part else {})

    def sign_in(self, secret: str) -> None:
        """Sign in. A code is taken once and ends with its half minute, so another is tried in the next one."""
        from tests import signing_in

        self._fill("/sign-in", {"login": "bench", "password": PASSWORD})
        for _ in range(3):
            self._fill("/sign-in/code", {"code": signing_in.code(secret)})
            page = self.get("/worklist")
            if "Worklist" in page:
                return
            time.sleep(30 - time.time() % 30)
        raise RuntimeError(f"Nobody could sign in: {page}")

    def _fill(self, path: str, form: dict[str, str]) -> None:
        import re

        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', self.get(path))
        assert token
        self.send("POST", path, urllib.parse.urlencode({**form, "csrfmiddlewaretoken": token.group(1)}))

    def send(self, method: str, path: str, body: str | None, more: Mapping[str, str] | None = None) -> str:
        """Ask for an address, or send a body to it, and return the page that comes back."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(more or {})}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except ConnectionError:  # the server ends one that idles; a browser then opens another, and so does this
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        text = answer.read().decode()
        assert answer.status in (200, 302), (path, answer.status)
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return text


def cpu(folder: pathlib.Path) -> float:
    """CPU seconds spent so far by the web processes and by this cluster's PostgreSQL."""
    total = 0.0
    postmaster = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    families = [psutil.Process(postmaster)]
    families += [process for process in psutil.Process().children() if " web " in " ".join(process.cmdline())]
    for family in families:
        for each in [family, *family.children(recursive=True)]:
            try:
                times = each.cpu_times()
            except psutil.NoSuchProcess:
                continue
            # What ended children used is in their parent's count.
            total += times.user + times.system + (times.children_user + times.children_system if each == family else 0)
    return total
