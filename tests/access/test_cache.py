"""The cache is shared by every process, names nobody, and holds nothing that can run (T29)."""

from __future__ import annotations

import ast
import base64
import concurrent.futures
import datetime
import enum
import pathlib
import pickle  # noqa: S403  to plant one, as somebody who writes to the database would
import subprocess
import sys
import time

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions import serializers
from django.core.cache import cache, caches
from django.db import connection, transaction, utils
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import nowrongdoor
from nowrongdoor.access import cache as access_cache
from nowrongdoor.access.models import CacheEntry
from nowrongdoor.agencies.models import User
from tests import at_home, servers, signing_in
from tests.agencies import crowds
from tests.leads import stories

SOURCE = pathlib.Path(nowrongdoor.__file__).parent
RUNS = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle", "yaml"}
CALLS = {"eval", "exec", "compile", "__import__", "read_pickle", "unsafe_load"}


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["text", "", 7, -7, 0.5, True, None, [1.5, 2.5], {"a": ["b", 1]}, "\x00 and ü"])
def test_what_was_kept_comes_back_as_it_was(value: access_cache.Json) -> None:
    cache.set("a name", value)
    assert cache.get("a name", "missing") == value
    assert type(cache.get("a name")) is type(value)
    assert cache.delete("a name")
    assert not cache.delete("a name")
    assert cache.get("a name", "missing") == "missing"


class Kind(enum.Enum):
    ONE = 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    [
        b"bytes",
        (1, 2),
        {1: "a"},
        {"a": (1,)},
        {1},
        Kind.ONE,
        float("nan"),
        datetime.date(2026, 11, 27),
        object(),
        "x" * 10_000,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_would_not_come_back_as_it_was_is_refused_when_it_is_set(value: object) -> None:
    cache.set("a name", "before")
    for keep in (cache.set, cache.add):
        with pytest.raises(access_cache.NotJson, match="The cache keeps JSON"):
            keep("a name", value)
    assert cache.get("a name") == "before"
    cache.set("a name", "x" * 9_998)  # with its two quotation marks as long as there is room for
    assert len(cache.get("a name")) == 9_998


@pytest.mark.django_db
@pytest.mark.parametrize("planted", ["", "{", "nonsense", "NaN x", "[" * 9_999, "\\x80", '"half'])
def test_what_is_no_json_in_the_table_is_missing(planted: str) -> None:
    cache.set("a name", 1)
    CacheEntry.objects.update(value=planted)
    assert cache.get("a name", "missing") == "missing"
    with pytest.raises(ValueError, match="no whole number"):
        cache.incr("a name")
    assert not cache.add("a name", 2)  # somebody has the key, whatever they put there
    cache.set("a name", 2)
    assert cache.get("a name") == 2


@pytest.mark.django_db
def test_the_database_refuses_a_key_in_the_clear_and_a_value_without_end() -> None:
    when = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
    for key, value, guard in (
        (b"pat@hotline", "1", "a_cache_key_is_a_hash"),
        (b"k" * 32, "x" * 10_001, "a_cache_value_is_short"),
    ):
        with pytest.raises(utils.IntegrityError, match=guard), transaction.atomic():
            CacheEntry.objects.create(key=key, value=value, expires_at=when)


@pytest.mark.django_db
def test_the_table_names_nobody_and_does_not_wait_for_the_disk() -> None:
    cache.set("tried by pat@hotline.test from 203.0.113.77", 1)
    row = CacheEntry.objects.get()
    assert b"pat" not in bytes(row.key)
    assert b"203.0.113" not in bytes(row.key)
    assert row.value == "1"
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'cache_entry'")
        assert cursor.fetchone() == ("u",)


@pytest.mark.django_db
def test_a_value_runs_out_and_is_swept() -> None:
    cache.set("short", 1, timeout=0)
    cache.set("long", 1, timeout=60)
    cache.set("for ever", 1, timeout=None)
    assert cache.get("short") is None
    assert cache.get_many(["short", "long", "for ever"]) == {"long": 1, "for ever": 1}
    assert not cache.touch("short")
    assert cache.touch("long", timeout=600)
    now = timezone.now()
    assert access_cache.forget_old(at=now) == 1
    assert access_cache.forget_old(at=now + datetime.timedelta(minutes=5)) == 0
    assert access_cache.forget_old(at=now + datetime.timedelta(minutes=15)) == 1
    assert cache.get("for ever") == 1
    assert cache.add("short", 2)  # what ran out is nobody's
    assert not cache.add("short", 3)
    assert cache.get("short") == 2
    cache.clear()
    assert CacheEntry.objects.count() == 0


@pytest.mark.django_db
def test_counting_goes_on_from_what_is_there() -> None:
    with pytest.raises(ValueError, match="no whole number"):
        cache.incr("tries")
    cache.set("tries", 1)
    assert cache.incr("tries") == 2
    assert cache.decr("tries", 3) == -1
    cache.set("tries", "many")
    with pytest.raises(ValueError, match="no whole number"):
        cache.incr("tries")


@pytest.mark.storm
def test_of_many_that_add_one_key_one_did_and_none_is_lost_in_counting(committed_db: None) -> None:
    cache.set("tries", 0)

    def race(_: int) -> bool:
        try:
            cache.incr("tries")
            return bool(cache.add("code", "y"))
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(8) as racers:
        assert sum(racers.map(race, range(200))) == 1
    assert cache.get("tries") == 200


@pytest.mark.storm
def test_a_code_that_one_process_took_is_refused_by_another(committed_db: None) -> None:
    (person,) = crowds.people(1)
    with servers.Web() as one, servers.Web() as other:
        one.wait_until_answering()
        other.wait_until_answering()
        with crowds.Browser(one) as mine, crowds.Browser(other) as thief:
            for browser in (mine, thief):
                assert browser.password(person.name).headers["location"] == "/sign-in/code"
            code = signing_in.code(person.secret)
            assert mine.code(code).status_code == 302
            assert mine.get("/signals/new").status_code == 200
            answer = thief.code(code)
            assert answer.status_code == 200
            assert "it was used before" in answer.text
            assert thief.get("/signals/new").status_code == 302


class Bomb:
    """What a pickle can do: leave a file where it is told."""

    def __init__(self, mark: pathlib.Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.mark), "w")


@pytest.fixture
def planted(tmp_path: pathlib.Path, committed_db: None, owner: str) -> pathlib.Path:
    """A signed-in person's rows, the cache and the queue, all of them filled with bombs by the owner."""
    mark = tmp_path / "it ran"
    bomb = pickle.dumps(Bomb(mark))
    armed = [base64.b64encode(bomb).decode(), bomb.decode("latin1").encode("unicode_escape").decode()]
    subprocess.run([sys.executable, "-c", f"import pickle; pickle.loads({bomb!r})"], check=True)
    assert mark.exists(), "the bomb is none"
    mark.unlink()
    stories.person("HOTLINE")
    person = User.objects.latest("id")
    signing_in.enrol(person)
    client = Client()
    signing_in.passed(client, person)
    cache.set("a name", 1)
    for text in armed:
        with psycopg.connect(owner, autocommit=True) as database:
            database.execute("UPDATE cache_entry SET value = %s", [text])
            database.execute("UPDATE django_session SET session_data = %s", [text])
            database.execute("UPDATE mfa_authenticator SET data = jsonb_build_object('secret', %s::text)", [text])
            database.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
                "VALUES ('default', 'intake.route', jsonb_build_object('signal_id', %s::text))",
                [text],
            )
        assert cache.get("a name", "missing") == "missing"
        assert client.get("/signals/new").status_code == 302  # nobody is signed in any more
        client.cookies["messages"] = text
        assert client.get(reverse("sign_in")).status_code == 200
    return mark


def test_a_pickle_in_the_cache_a_session_a_factor_or_the_queue_does_not_run(planted: pathlib.Path) -> None:
    with servers.Worker():
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and _waiting():
            time.sleep(0.1)
    assert _waiting() == 0  # the worker looked at them, and failed
    assert not planted.exists()


def _waiting() -> int:
    at_home.stay()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'intake.route' AND status IN ('todo', 'doing')"
        )
        return int(cursor.fetchone()[0])


def running(source: str) -> list[str]:
    """What in a module could run what it reads."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [each.name.partition(".")[0] for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "").partition(".")[0], *(each.name for each in node.names)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found += [node.func.id] if node.func.id in CALLS else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found += [node.func.attr] if node.func.attr in CALLS - {"compile"} else []  # re.compile compiles no Python
            found += [each.arg for each in node.keywords if each.arg == "allow_pickle" and _is_on(each.value)]
        found += [name for name in names if name in RUNS]
    return found


def _is_on(value: ast.expr) -> bool:
    return not (isinstance(value, ast.Constant) and value.value is False)


@pytest.mark.parametrize(
    "fault",
    [
        "import pickle",
        "from pickle import loads",
        "import marshal as m",
        "import yaml",
        "from django.core.cache.backends.db import pickle",
        "eval(row)",
        "exec(row)",
        "numpy.load(file, allow_pickle=True)",
        "pandas.read_pickle(file)",
    ],
)
def test_what_could_run_a_row_would_be_seen(fault: str) -> None:
    assert running(fault)


def test_nothing_in_the_source_could_run_what_the_database_holds() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 100
    assert {str(file): found for file in files if (found := running(file.read_text()))} == {}


def test_no_setting_names_a_backend_that_unpickles() -> None:
    assert {type(caches[name]).__module__ for name in settings.CACHES} == {"nowrongdoor.access.cache"}
    assert settings.SESSION_ENGINE == "nowrongdoor.access.sessions"
    assert settings.SESSION_SERIALIZER.endswith(serializers.JSONSerializer.__name__)
