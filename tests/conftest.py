"""One embedded PostgreSQL for each process of the suite, migrated by the owner; every test then runs as the run-time
role. With `pytest -n 2` two processes run, each with a folder of its own inside the suite's.

The promise: when the suite ends, nothing that it started is left running, and a run that leaves something fails.
"""

from __future__ import annotations

import collections
import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Iterator

import hypothesis
import psycopg
import pytest
from django.db import connections
from psycopg import sql

# Settings are read before any fixture runs: the suite keeps its data apart from a developer's. Whatever the suite
# starts inherits its folder's name, by which it is found again.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
if not _WORKER:
    os.environ["NWD_SUITE"] = tempfile.mkdtemp(prefix="nwd-")
os.environ["NWD_VAR"] = str(pathlib.Path(os.environ["NWD_SUITE"]) / (_WORKER or "only"))
os.environ.pop("DATABASE_URL", None)
# The lines of the demonstration: no provider, so nothing leaves.
os.environ["NWD_LINE"] = str(pathlib.Path(__file__).parents[1] / "src/nowrongdoor/site/demonstration_line.toml")

from nowrongdoor.ui import still  # noqa: E402
from tests import at_home, leftovers, servers  # noqa: E402  # they read the folder

# A busy machine is no failure: no example is timed.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")

# What takes longest begins first, so that no process waits at the end for one that has just begun.
FIRST = ("storm", "journey")
# Files whose tests share something that is slow to make.
TOGETHER = ("test_hardware_keys.py", "test_scanning.py")


def pytest_configure(config: pytest.Config) -> None:
    for name in ("NWD_SUITE", "NWD_VAR"):
        folder = pathlib.Path(os.environ[name])
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    if not config.option.basetemp:  # what a test starts in a folder of its own is found there too
        config.option.basetemp = f"{os.environ['NWD_SUITE']}/t"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.name in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(item.path.name))
    items.sort(key=lambda item: min((at for at, name in enumerate(FIRST) if item.get_closest_marker(name)), default=9))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name a test as soon as it fails: the whole suite takes long, and its last lines come last."""
    if report.failed and not _WORKER:
        crash = getattr(report.longrepr, "reprcrash", None)
        print(f"\n{report.nodeid} failed after {report.duration:.0f} s: {crash}", file=sys.__stderr__, flush=True)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Stop the cluster once the last fixture is gone, which after an interruption is here; then, in the process that
    watches over the others, look for what they left running."""
    from nowrongdoor.operating import cluster

    result = yield
    data = pathlib.Path(os.environ["NWD_VAR"]) / "postgres"
    if (data / "postmaster.pid").exists():
        cluster.stop(data)
    if not _WORKER:
        left = leftovers.find(os.environ["NWD_SUITE"])
        for each in left:
            print(f"\nThe suite left this running, and ended it: {each.words}", flush=True)
            leftovers.end(each)
        if left:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        shutil.rmtree(os.environ["NWD_SUITE"], ignore_errors=True)
    return result


@pytest.fixture(scope="session")
def owner(django_db_setup: None) -> str:
    """Connection string of the owner, for what the run-time role rightly cannot do."""
    from nowrongdoor.operating import cluster

    return psycopg.conninfo.make_conninfo(**cluster.address(cluster.OWNER))


@pytest.fixture
def clock_ahead(owner: str) -> Iterator[None]:
    """For a story that goes on for years: the database takes it for later than it is."""
    from tests import clocks

    with clocks.ahead(owner):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Nothing: no second database is made beside the session's own."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> None:
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from nowrongdoor.operating import cluster, schema
    from nowrongdoor.site import reference

    data = cluster.var() / "postgres"
    cluster.start(data)
    settings.KEY_FILE, settings.SECRET_KEY = cluster.key_file(), cluster.secret_key()
    connection.settings_dict.update(HOST=cluster.socket_folder(data), PASSWORD=cluster.password(cluster.APP))
    schema.migrate()
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        reference.load(at=timezone.now())
        connection.close()


@pytest.fixture(autouse=True)
def _still() -> None:
    """What pages show to everybody alike is made anew in each test."""
    still.forget()


@pytest.fixture(autouse=True)
def _unsealed() -> Iterator[None]:
    """What a test before sealed is no matter of the next one: most people of the suite have no seal."""
    yield
    from nowrongdoor.agencies import seals

    (pathlib.Path(os.environ["NWD_VAR"]) / "sealed").unlink(missing_ok=True)
    seals.forget()


@pytest.fixture(autouse=True)
def _at_home(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test arranges and looks up by itself it does for the system; actions and pages look as their viewer."""
    if "committed_db" in request.fixturenames:
        yield
        return
    if not request.node.get_closest_marker("django_db"):
        yield
        return
    request.getfixturevalue("db")
    from nowrongdoor.access import limits, row_security

    limits._shut.clear()  # what a test before spent is rolled back in the database, and here
    with row_security.system():
        yield


@pytest.fixture
def with_temporary_tables(owner: str) -> Iterator[None]:
    """Let the run-time role make tables of its own, to see what stands behind that privilege."""
    from nowrongdoor.operating import cluster

    change = sql.SQL("{} TEMPORARY ON DATABASE {} {} {}")
    name, app = sql.Identifier(cluster.NAME), sql.Identifier(cluster.APP)
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute(change.format(sql.SQL("GRANT"), name, sql.SQL("TO"), app))
        yield
        database.execute(change.format(sql.SQL("REVOKE"), name, sql.SQL("FROM"), app))


@pytest.fixture(scope="session")
def rows_at_first(owner: str) -> dict[str, int]:
    """How many rows each table has before any test."""
    with psycopg.connect(owner, autocommit=True) as database:
        return at_home.rows(database)


@pytest.fixture
def committed_db(transactional_db_without_flush: None, owner: str, rows_at_first: dict[str, int]) -> Iterator[None]:
    """Lets a test commit and use many connections; afterwards the owner empties what cases left behind."""
    at_home.stay()
    yield
    at_home.leave()
    connections.close_all()
    with psycopg.connect(owner, autocommit=True) as database:
        at_home.empty_cases(database)
        database.execute("UPDATE nowrongdoor_mandate_table SET in_force_by_id = NULL")
        database.execute("DELETE FROM nowrongdoor_mandate_table WHERE NOT in_force")
        database.execute("DELETE FROM nowrongdoor_user")
        database.execute("UPDATE nowrongdoor_agency SET succeeded_by_id = NULL")
        database.execute("DELETE FROM nowrongdoor_agency WHERE code <> desk OR NOT may_be_told")
        database.execute("UPDATE nowrongdoor_agency SET active = true, closed_at = NULL")
        more = collections.Counter(at_home.rows(database)) - collections.Counter(rows_at_first)
        assert not more, f"a test left rows that the next one would meet: {dict(more)}"


@pytest.fixture
def transactional_db_without_flush(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield


@pytest.fixture(scope="module")
def live_processes(django_db_setup: None) -> Iterator[servers.Web]:
    """The real system on the test database: web and worker, once for all tests of a file."""
    with servers.Web(NWD_DEMONSTRATION="1") as web, servers.Worker():
        yield web


@pytest.fixture
def live(committed_db: None, live_processes: servers.Web) -> servers.Web:
    """The real system, without a case of any test before."""
    live_processes.wait_until_answering()
    return live_processes
