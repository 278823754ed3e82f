"""Who writes what is owed: the room of duties, and nobody else."""

from __future__ import annotations

import pathlib
import re

import nowrongdoor

HOUSE = pathlib.Path(nowrongdoor.__file__).parent
ALLOWED = ("duties", "migrations")
WRITES = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\s+\"?nowrongdoor_duty\b")


def test_only_the_room_of_duties_writes_duties() -> None:
    """Its models are closed to other rooms by a contract (pyproject.toml); here no SQL of theirs names the table."""
    files = [file for file in HOUSE.rglob("*.py") if file.relative_to(HOUSE).parts[0] not in ALLOWED]
    assert len(files) > 100
    assert [file for file in files if "nowrongdoor_duty" in _text(file)] == []
    inside = [file for file in (HOUSE / "duties").iterdir() if file.suffix == ".py"]
    assert [file.name for file in inside if WRITES.search(_text(file))] == ["actions.py"]


def _text(file: pathlib.Path) -> str:
    return file.read_text(encoding="utf-8")
