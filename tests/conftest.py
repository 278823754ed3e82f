"""One embedded PostgreSQL for the session, migrated by the owner; every test then runs as the run-time role."""

from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connections

from tests import at_home, servers

# Settings are read before any fixture runs: the suite keeps its data apart from a developer's.
os.environ["NWD_VAR"] = tempfile.mkdtemp(prefix="nwd-")
os.environ.pop("DATABASE_URL", None)

CASE_OWNED = (
    "case, case_signal, case_facts, tenure, participant, person, note, case_file, assessment, finding, decision, "
    "ruling, handoff, notice, clock, signal, auditevent, token, exclusion, emergency, "
    "hold, disposal, release, disclosure, person_part, person_token, datakey, auditseal, auditanchor, invitation, "
    "prevalence_run, closing"
)

OF_OTHERS = "procrastinate_jobs, mfa_authenticator, socialaccount_socialaccount, cache_entry, rate_limit"


def pytest_configure(config: pytest.Config) -> None:
    pathlib.Path(os.environ["NWD_VAR"]).chmod(0o755)


def pytest_unconfigure(config: pytest.Config) -> None:
    from nowrongdoor.site import cluster

    data = pathlib.Path(os.environ["NWD_VAR"]) / "postgres"
    if (data / "postmaster.pid").exists():
        cluster.stop(data)
    shutil.rmtree(os.environ["NWD_VAR"], ignore_errors=True)


@pytest.fixture(scope="session")
def owner(django_db_setup: None) -> str:
    """Connection string of the owner, for what the run-time role rightly cannot do."""
    from nowrongdoor.site import cluster

    return psycopg.conninfo.make_conninfo(**cluster.address(cluster.OWNER))


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Nothing: no second database is made beside the session's own."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> None:
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from nowrongdoor.site import cluster, migrating, reference

    data = cluster.var() / "postgres"
    cluster.start(data)
    settings.KEY_FILE = cluster.key_file()
    connection.settings_dict.update(HOST=cluster.socket_folder(data), PASSWORD=cluster.password(cluster.APP))
    migrating.run()
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        reference.load(at=timezone.now())
        connection.close()


@pytest.fixture(autouse=True)
def _at_home(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test arranges and looks up by itself it does for the house; actions and pages look as their viewer."""
    if "committed_db" in request.fixturenames:
        yield
        return
    if not request.node.get_closest_marker("django_db"):
        yield
        return
    request.getfixturevalue("db")
    from nowrongdoor.access import walls

    with walls.house():
        yield


@pytest.fixture
def committed_db(transactional_db_without_flush: None, owner: str) -> Iterator[None]:
    """Lets a test commit and use many connections; afterwards the owner empties what cases left behind."""
    at_home.stay()
    yield
    at_home.leave()
    connections.close_all()
    tables = ", ".join(f"nowrongdoor_{name.strip()}" for name in CASE_OWNED.split(","))
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute(f"TRUNCATE {tables}, {OF_OTHERS} CASCADE")
        database.execute("UPDATE nowrongdoor_mandate_table SET in_force_by_id = NULL")
        database.execute("DELETE FROM nowrongdoor_mandate_table WHERE NOT in_force")
        database.execute("DELETE FROM nowrongdoor_user")
        database.execute("UPDATE nowrongdoor_agency SET succeeded_by_id = NULL")
        database.execute("DELETE FROM nowrongdoor_agency WHERE code <> desk")
        database.execute("UPDATE nowrongdoor_agency SET active = true, closed_at = NULL")


@pytest.fixture
def transactional_db_without_flush(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield


@pytest.fixture
def live(committed_db: None) -> Iterator[servers.Web]:
    """The real system on the test database: web and worker."""
    with servers.Web(NWD_DEMONSTRATION="1") as web, servers.Worker():
        web.wait_until_answering()
        yield web


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """The system's Chromium; without its sandbox only where it cannot have one, as root."""
    found = os.environ.get("NWD_CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": found, "args": arguments}
