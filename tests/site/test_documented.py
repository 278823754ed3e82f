"""The commands that the documents show are run as they stand, and print what the documents say."""

from __future__ import annotations

import dataclasses
import importlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import click
import pytest

from nowrongdoor.core.mandates import table
from nowrongdoor.operating import cluster
from nowrongdoor.site import command
from tests.leads import stories

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESTORED = "/tmp/nwd-restored"  # noqa: S108  where the documents restore to
DOCUMENTS = ("README.md", "docs/running.md")
IN_PROSE = (*DOCUMENTS, "docs/jurisdictions.md", "docs/writing-a-country.md")


@dataclasses.dataclass(frozen=True)
class Shown:
    """A command in a document, and what the document says that it prints."""

    command: str
    output: str


def shown(document: str, restored: pathlib.Path) -> list[Shown]:
    found = []
    text = (ROOT / document).read_text().replace(RESTORED, str(restored))
    for block in re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append(Shown(command, output))
    return found


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def terminal(committed_db: None, tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder in which a reader could type them: with cases in the database and a table of their own."""
    stories.case()
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (tmp_path / "my-table").mkdir()
    for name, text in table.shipped_files().items():
        file = tmp_path / "my-table" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return tmp_path


@pytest.mark.storm
@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_shown_runs_and_prints_what_is_shown(document: str, terminal: pathlib.Path) -> None:
    restored = pathlib.Path(tempfile.mkdtemp(prefix="nwd-r-"))  # another than the document says: it may be in use
    restored.rmdir()
    environment = {**os.environ, "PATH": f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    examples = shown(document, restored)
    assert len(examples) >= 5
    try:
        for each in examples:
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", each.command],
                cwd=terminal,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{document}: {each.command}\n{done.stdout}{done.stderr}"
            assert plain(each.output) in plain(done.stdout), f"{document}: {each.command} prints\n{done.stdout}"
    finally:
        cluster.stop(restored / "postgres")
        shutil.rmtree(restored, ignore_errors=True)


def test_every_command_in_prose_is_a_command_that_there_is() -> None:
    """`nwd table list|add` in a sentence: each verb and each of its own verbs exists."""
    unknown: list[tuple[str, ...]] = []
    for document in IN_PROSE:
        text = plain((ROOT / document).read_text())
        for verb, further in re.findall(r"`(?:\w+=\S+ )?nwd ([a-z]+)(?: ([a-z]+(?:[|-][a-z]+)*))?", text):
            if verb not in command.VERBS:
                unknown.append((document, verb))
                continue
            module, _, name = command.VERBS[verb].place.partition(":")
            found = getattr(importlib.import_module(module), name)
            if isinstance(found, click.Group):
                further_verbs = further.split("|") if further else []
                unknown += [(document, verb, each) for each in further_verbs if each not in found.commands]
    assert unknown == []
