"""The documents say what the code does: those made from it are as it makes them, and what the promises, the sources and
the names of guards refer to is there."""

from __future__ import annotations

import re
import subprocess
import sys

import psycopg
import pytest
from django.apps import apps

from nowrongdoor.core.mandates import sources, vocabulary
from nowrongdoor.operating import explaining
from tests import documents
from tests.promises import test_promises as guards

TEST = re.compile(r"`(tests/[\w/]+(?:\.py|/))(?:::(\w+))?`")
NUMBER = re.compile(r"\bT\d{1,2}\b")
FILE = re.compile(r"`([\w/.-]+\.(?:py|sql|toml|html|typ|md))`")
# Signed words of the standards that look like ours.
OTHERS = re.compile(r"tests/(core/intake|data)/")


@pytest.mark.parametrize("path", documents.DOCUMENTS)
def test_a_document_made_from_the_code_is_as_the_code_makes_it(path: str) -> None:
    committed = (documents.ROOT / path).read_text(encoding="utf-8")
    assert committed == documents.DOCUMENTS[path](), "Run `python -m tests.documents`, and look at what changed."


def test_every_number_of_a_source_is_there() -> None:
    """In rules, comments, pages and documents; what a test makes up (D99) is in no file of the product."""
    texts = {
        path: path.read_text(encoding="utf-8")
        for folder, kinds in (("src", ("*.py", "*.toml", "*.sql", "*.html")), ("docs", ("*.md",)))
        for kind in kinds
        for path in (documents.ROOT / folder).rglob(kind)
        if "static" not in path.parts
    }
    named = {number for text in texts.values() for number in sources.NUMBER.findall(text)}
    assert len(named) > 100
    assert sorted(named - set(sources.shipped())) == []


def test_a_source_says_what_it_rests_on() -> None:
    shipped = sources.shipped()
    assert [source.id for source in shipped.values() if not source.says] == []
    for source in shipped.values():
        assert set(source.rests_on) <= set(shipped), source.id
        assert set(source.evidence) <= {"statute", "secondary", "unverified"}, source.id
        assert bool(source.citation) == bool(source.evidence), source.id
        if "USC" in source.citation:
            assert source.links, source.id


@pytest.mark.django_db
def test_every_guard_of_the_database_is_explained(owner: str) -> None:
    with psycopg.connect(owner) as database:
        named = guards.named(database)
    assert len(named) > 150
    assert sorted({guard.name for guard in named.values()} - set(explaining.guards())) == []


def test_a_guard_of_a_model_is_explained_by_that_models_own_words() -> None:
    for model in apps.get_app_config("nowrongdoor").get_models():
        words = " ".join((model.__doc__ or "").split())
        for constraint in model._meta.constraints:
            assert words in [guard.because for guard in explaining.guards()[constraint.name]], constraint.name


def test_a_guards_line_is_where_it_stands() -> None:
    for name, found in explaining.guards().items():
        for guard in found:
            lines = (explaining.PACKAGE.parent / guard.file).read_text(encoding="utf-8").splitlines()
            assert name in "".join(lines[guard.line - 1 : guard.line + 1]), guard


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("a_lead_was_accepted", 0, "nowrongdoor/migrations/promises.sql, line"),
        ("an_offer_is_taken_back_by_the_lead", 0, "somebody of the agency that leads"),
        ("M03", 0, "22 USC 2709 (statute, secondary, unverified)"),
        ("a_lead_was_acepted", 2, "Did you mean a_lead_was_accepted"),
        ("receiver", 2, "No guard of the database"),  # a column, of which a migration says name= too
        ("M99", 2, "No guard of the database and no source is called 'M99'"),
    ],
)
def test_a_name_leads_to_its_sentence(name: str, code: int, words: str) -> None:
    command = [sys.executable, "-m", "nowrongdoor.site.command", "explain", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert words in " ".join((done.stdout + done.stderr).split())


def test_the_tests_that_keep_the_promises_are_there() -> None:
    text = (documents.ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    named = TEST.findall(text)
    assert len(named) > 30
    for path, function in named:
        place = documents.ROOT / path
        assert place.exists(), path
        if function:
            assert re.search(rf"^def {function}\(", place.read_text(encoding="utf-8"), re.MULTILINE), function


def test_every_numbered_test_is_listed_with_its_promise() -> None:
    """The numbers (T1, T2, …) that tests and documents use are those of docs/promises.md, and none else."""
    page = documents.ROOT / "docs" / "promises.md"
    listed = set(re.findall(r"^\| (T\d{1,2}) \|", page.read_text(encoding="utf-8"), re.MULTILINE))
    files = [*(documents.ROOT / "tests").rglob("*.py"), *documents.ROOT.glob("*.md"), page]
    used = {
        number
        for file in files
        if not OTHERS.search(file.as_posix()) and file.name != "test_documents.py"
        for number in NUMBER.findall(file.read_text(encoding="utf-8"))
    }
    assert sorted(used ^ listed) == []


def test_the_files_that_documents_name_are_there() -> None:
    """A page that sends a newcomer to a file that moved is worse than none. Those in docs/adr are of their day."""
    root = documents.ROOT
    pages = [*root.glob("docs/*.md"), root / "SECURITY.md", root / "CONTRIBUTING.md", root / "README.md"]
    files = {
        path.relative_to(root).as_posix() for path in root.rglob("*") if not {".venv", "node_modules"} & {*path.parts}
    }
    missing = [
        f"{page.name}: {name}"
        for page in pages
        for name in FILE.findall(page.read_text(encoding="utf-8"))
        if not any(file == name or file.endswith(f"/{name}") for file in files)
        if name not in vocabulary.OPTIONAL_FILES
    ]
    assert missing == []
