"""Each static check is seen to fail on a planted fault; a check that cannot fail is worse than none."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import psutil
import pytest

from tests import blind_tests, check, claims, leftovers, secret_scan, servers

FAULTS = {
    "S105": "pass" + "word = 'correct-horse'\n",
    "S301": "import pickle\n\npickle.loads(b'')\n",
    "S307": "eval(input())\n",
    "S324": "import hashlib\n\nhashlib.md5(b'')\n",
    "S403": "import pickle\n",
    "S405": "import xml.etree.ElementTree\n",
    "S501": "import httpx\n\nhttpx.get('https://x.test', verify=False)\n",
    "S602": "import subprocess\n\nsubprocess.run(input(), shell=True)\n",
    "S608": "def find(name: str) -> str:\n    return f\"SELECT * FROM person WHERE name = '{name}'\"\n",
    "S308": "from django.utils.safestring import mark_safe\n\nmark_safe(input())\n",
    "PLE2502": 'x = "\u202e"\n',
}
# In halves, so that this file is not found itself.
SECRETS = {
    "an AWS key": 'key = "AKIA' + 'IOSFODNN7EXAMPLF"\n',
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n",
    "a phrase": "pass" + "word = 'Tr0ub4dor&3-horse'\n",
    "an address with a login": "postgresql://nwd:" + "s3cr3tw0rd@db.test/nowrongdoor\n",
}


@pytest.mark.parametrize("rule", FAULTS)
def test_a_planted_weakness_is_found(rule: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "planted.py").write_text(FAULTS[rule])
    config = str(check.ROOT / "pyproject.toml")
    ruff = [str(check.BIN / "ruff"), "check", "--config", config, "--output-format", "json", str(tmp_path)]
    done = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert rule in {each["code"] for each in json.loads(done.stdout)}, done.stdout


@pytest.mark.parametrize("what", SECRETS)
def test_a_planted_secret_is_found(what: str, tmp_path: pathlib.Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(SECRETS[what])
    scan = [sys.executable, str(check.ROOT / "tests" / "secret_scan.py"), str(planted)]
    done = subprocess.run(scan, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "take it out" in done.stdout
    planted.write_text("x = 1\n")
    assert subprocess.run(scan, check=False).returncode == 0


def test_what_is_known_to_be_no_secret_has_its_reason() -> None:
    assert min(len(reason) for reason in secret_scan.KNOWN.values()) > 10


BLIND = {
    "asserts one thing or another": ("assert a or b", "assert a, 'or b'"),
    "asserts nothing": ("assert (a, b)", "assert (a, b) == c"),
    "claims something of none": ("assert all(a for a in b)", "assert claims.every(a for a in b)"),
    "takes one status or another": ("assert answer.status_code in (302, 404)", "assert answer.status_code == 404"),
    "raises one of many": ("with pytest.raises((A, B)): act()", "with pytest.raises(A): act()"),
    "raises anything": ("with pytest.raises(Exception, match='x'): act()", "with pytest.raises(Over): act()"),
    "is skipped": ("@pytest.mark.skipif(True)\ndef test(): ...", "@pytest.mark.storm\ndef test(): ..."),
    "a bare connection": ("psycopg.connect(address)", "at_home.seeing_all()"),
}


@pytest.mark.parametrize("kind", BLIND)
def test_a_planted_test_that_cannot_fail_is_found(kind: str) -> None:
    weak, strong = BLIND[kind]
    assert [each for _, each in blind_tests.in_tests(weak, "tests/test_planted.py")] == [kind]
    assert list(blind_tests.in_tests(strong, "tests/test_planted.py")) == []


def test_a_choice_inside_of_all_and_a_connection_as_the_run_time_role_are_found_too() -> None:
    for weak in ("assert claims.every(a or b for a in c)", "cluster.address(cluster.APP)"):
        assert len(list(blind_tests.in_tests(weak, "tests/test_planted.py"))) == 1


def test_a_claim_of_none_is_refused() -> None:
    for claim in (claims.every, claims.no):
        with pytest.raises(claims.NothingLookedAt):
            claim([])
    assert claims.every([1, 1]) is claims.no([0, 0]) is True
    assert claims.every([1, 0]) is claims.no([0, 1]) is False


def test_code_that_goes_by_the_words_of_a_refusal_is_found() -> None:
    weak = "try:\n    act()\nexcept Refused as error:\n    if 'no such' in str(error):\n        raise Missing\n"
    strong = "try:\n    act()\nexcept NotThere as error:\n    say(str(error))\n"
    assert list(blind_tests.in_code(weak)) == [(4, "goes by the words of an error")]
    assert list(blind_tests.in_code(strong)) == []


def test_no_test_here_cannot_fail_and_no_code_goes_by_words() -> None:
    assert blind_tests.found(check.ROOT) == []


def test_what_the_suite_left_running_is_found_and_named() -> None:
    folder = os.environ["NWD_SUITE"]
    sleeper = servers.Process([sys.executable, "-c", "import time; time.sleep(60)"])
    with sleeper:
        (left,) = [
            each
            for each in leftovers.find(folder)
            if "time.sleep(60)" in each.words and each.process.pid != os.getpid()
        ]
        leftovers.end(left)
        left.process.wait(10)
    assert left.process.pid not in {each.process.pid for each in leftovers.find(folder)}


def test_a_run_that_leaves_something_running_fails_and_ends_it(tmp_path: pathlib.Path) -> None:
    """Two workers, a cluster, and a process that outlives its test."""
    number, planted = tmp_path / "number", tmp_path / "test_planted.py"
    planted.write_text(
        "import pathlib, subprocess, sys\n\n\n"
        "def test_it_leaves_something(owner: str) -> None:\n"
        "    left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        f"    pathlib.Path({str(number)!r}).write_text(str(left.pid))\n"
        "    left.returncode = 0\n"
    )
    own = {name: value for name, value in os.environ.items() if not name.startswith(("NWD_", "PYTEST_"))}
    config = ["-c", str(check.ROOT / "pyproject.toml"), "--rootdir", str(check.ROOT), "-p", "tests.conftest"]
    command = [sys.executable, "-m", "pytest", *check.SUITE, *config, str(planted)]
    done = subprocess.run(command, cwd=check.ROOT, env=own, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout
    assert "The suite left this running, and ended it" in done.stdout
    assert done.returncode == 1
    with contextlib.suppress(psutil.NoSuchProcess):  # ended; who takes its number off the list is the system's affair
        assert psutil.Process(int(number.read_text())).status() == psutil.STATUS_ZOMBIE


def test_a_docstring_says_what_is_done() -> None:
    """PEP 257: "Return…", "Offer…". None says what it will do."""
    files = [
        path
        for folder in check.CODE
        for path in (check.ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
    ]
    assert len(files) > 200
    begins = '"""This ' + "will"
    assert [str(path) for path in files if begins in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("room", "line", "contract"),
    [
        ("deconfliction", "from nowrongdoor.cases import person_models", "The rows of a person are read only"),
        ("agencies", "from nowrongdoor.cases import models", "Rooms look only down"),
        ("core", "import django", "The core is pure"),
    ],
)
def test_a_planted_import_is_found(room: str, line: str, contract: str, tmp_path: pathlib.Path) -> None:
    """A room that looks up, a core that is not pure, a person's rows where nobody may name them."""
    shutil.copy(check.ROOT / "pyproject.toml", tmp_path)
    rooms = tmp_path / "src" / "nowrongdoor"
    shutil.copytree(check.ROOT / "src" / "nowrongdoor", rooms, ignore=shutil.ignore_patterns("static", "__pycache__"))

    def lint() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(check.BIN / "lint-imports"), "--no-cache"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
            capture_output=True,
            text=True,
            check=False,
        )

    done = lint()
    assert done.returncode == 0, done.stdout
    (rooms / room).mkdir(exist_ok=True)
    (rooms / room / "__init__.py").touch()
    (rooms / room / "planted.py").write_text(f"{line}\n")
    done = lint()
    assert done.returncode == 1
    broken = [name for name in done.stdout.split("Broken contracts")[1].splitlines() if name.startswith(contract)]
    assert len(broken) == 1, done.stdout
    assert "planted" in done.stdout


def _returning(source: str) -> list[str]:
    """List the functions of a source whose sentence says "Return", and that return nothing, or a page."""
    tree = ast.walk(ast.parse(source))
    functions = [node for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns]
    ends = {"None", "http.HttpResponse"}  # what a view does is listed on /roles, in its own sentence
    return [
        node.name
        for node in functions
        if node.returns and ast.unparse(node.returns) in ends and (ast.get_docstring(node) or "").startswith("Return ")
    ]


def test_only_what_returns_something_says_that_it_returns() -> None:
    planted = 'def give(role: str) -> None:\n    """Return somebody another role."""\n'
    assert _returning(planted) == ["give"]
    assert _returning(planted.replace("None", "http.HttpResponse")) == ["give"]
    assert _returning(planted.replace("None", "str")) == []
    files = [path for folder in ("src", "tests", "bench") for path in (check.ROOT / folder).rglob("*.py")]
    assert len(files) > 200
    assert {str(path): each for path in files if (each := _returning(path.read_text("utf-8")))} == {}


def _participles(source: str) -> set[str]:
    """Return the variables and arguments of a source that are called by a participle; fields of a record are none."""
    tree = ast.parse(source)
    fields = {id(each.target) for each in ast.walk(tree) if isinstance(each, ast.AnnAssign) and each.simple}
    records = [each for each in ast.walk(tree) if isinstance(each, ast.ClassDef)]
    fields |= {
        id(target)
        for record in records
        for each in record.body
        if isinstance(each, ast.Assign)
        for target in each.targets
    }
    in_functions = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    names = {
        each.id
        for each in ast.walk(tree)
        if isinstance(each, ast.Name) and (id(each) not in fields or id(each) in in_functions)
    }
    return (names | {each.arg for each in ast.walk(tree) if isinstance(each, ast.arg)}) & {
        *("told", "said", "found", "came"),
    }


def test_values_are_called_by_nouns() -> None:
    assert _participles("def say(told: str) -> str:\n    said = told\n    return said\n") == {"told", "said"}
    assert _participles("class Row:\n    said: str = ''\n    found = Field()\n") == set()
    package = check.ROOT / "src" / "nowrongdoor"
    sources = [path for path in package.rglob("*.py") if "migrations" not in path.parts]
    assert len(sources) > 200
    assert {str(path): each for path in sources if (each := _participles(path.read_text("utf-8")))} == {}
