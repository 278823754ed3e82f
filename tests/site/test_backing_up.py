"""T19: a backup restored to an empty host: receipts open, words open, the chain verifies."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import pytest

from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Case, Note
from nowrongdoor.intake import routing
from nowrongdoor.operating import cluster
from tests.leads import stories

NWD = pathlib.Path(sys.executable).parent / "nwd"
LOOK = """
import django, json, sys
django.setup()
from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import User
from nowrongdoor.cases import files, queries
from django.utils import timezone
from nowrongdoor.intake import queries as intake
from nowrongdoor.mandates import queries as tables
with row_security.system():
    viewer = User.objects.get(name=sys.argv[1]).viewer()
with row_security.looking(viewer):
    status = intake.signal_status(viewer, sys.argv[2], asked=tables.asked())
    found = queries.find(viewer, status.case_reference)
    notes = [note.text for note in queries.notes(viewer, found)]
    words = [signal.narrative for signal in queries.signals(viewer, found.case.id)]
    (file,) = files.listed(viewer, found)
    content = files.opened(viewer, found, file.id, at=timezone.now()).content.decode()
print(json.dumps([status.case_reference, notes, words, file.label, content]))
"""


@pytest.fixture
def elsewhere() -> Iterator[pathlib.Path]:
    """An empty host: a short path, because a socket's path must fit."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nwd-r-"))
    folder.chmod(0o755)
    yield folder
    if (folder / "var" / "postgres" / "postmaster.pid").exists():
        cluster.stop(folder / "var" / "postgres")
    shutil.rmtree(folder)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NWD), *arguments], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.storm
def test_a_backup_restored_to_an_empty_host_opens_and_verifies(
    committed_db: None, elsewhere: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    receipt = stories.signal(narrative="She is called Zuzana.")
    routing.route([receipt.signal_id], at=stories.NOON)
    case = Case.objects.get(signals__signal_id=receipt.signal_id)
    hotline = stories.person("HOTLINE")
    cases.add_note(case.id, text="Zuzana is safe.", audience=Note.Audience.AGENCY, by=hotline, at=stories.NOON)
    stories.attach(case.id, b"Zuzana's letter.", label="Zuzana's", by=hotline)
    data, keys, key = tmp_path / "data", tmp_path / "keys", tmp_path / "key"
    same = run("backup", str(data), "--keys", str(data), "--key-file", str(key))
    assert same.returncode == 2
    assert "another folder" in same.stderr
    done = run("backup", str(data), "--keys", str(keys), "--key-file", str(key))
    assert done.returncode == 0, done.stderr
    for file in [*data.rglob("*"), *keys.rglob("*")]:
        assert b"Zuzana" not in file.read_bytes()
        assert b"nowrongdoor_case" not in file.read_bytes()  # not even the names of tables
    begun = time.monotonic()
    there = {"NWD_VAR": str(elsewhere / "var")}
    restored = run("restore", str(data), "--keys", str(keys), "--key-file", str(key), **there)
    assert restored.returncode == 0, restored.stderr
    assert time.monotonic() - begun < 300  # minutes, not hours
    from nowrongdoor.agencies.models import User

    assert hotline.user_id
    name = User.objects.get(id=hotline.user_id).name
    looked = subprocess.run(
        [sys.executable, "-c", LOOK, name, receipt.reference],
        env={**os.environ, **there, "DJANGO_SETTINGS_MODULE": "nowrongdoor.site.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert looked.returncode == 0, looked.stderr
    words = [["Zuzana is safe."], ["She is called Zuzana."], "Zuzana's", "Zuzana's letter."]
    assert json.loads(looked.stdout) == [case.reference, *words]
    verdict = run("audit", "verify", "--json", **there)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    again = run("restore", str(data), "--keys", str(keys), "--key-file", str(key), **there)
    assert again.returncode == 2
    assert "empty place" in again.stderr


@pytest.mark.storm
def test_a_backup_that_was_changed_or_has_another_key_is_refused_whole(
    committed_db: None, elsewhere: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    stories.case()
    data, keys, key = tmp_path / "data", tmp_path / "keys", tmp_path / "key"
    assert run("backup", str(data), "--keys", str(keys), "--key-file", str(key)).returncode == 0
    there = {"NWD_VAR": str(elsewhere / "var")}
    whole = (data / "data.nwd").read_bytes()
    for broken in (whole[:-1], whole[:100] + bytes([whole[100] ^ 1]) + whole[101:], b"x" * 50):
        (data / "data.nwd").write_bytes(broken)
        refused = run("restore", str(data), "--keys", str(keys), "--key-file", str(key), **there)
        assert refused.returncode == 1
        assert "does not open" in refused.stderr
    (data / "data.nwd").write_bytes(whole)
    other = tmp_path / "other"
    other.write_text("00" * 32)
    assert run("restore", str(data), "--keys", str(keys), "--key-file", str(other), **there).returncode == 1
    missing = run("restore", str(data), "--keys", str(keys), "--key-file", str(tmp_path / "none"), **there)
    assert missing.returncode == 2
