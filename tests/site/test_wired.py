"""What is added by half is named: a room's tasks, pages, tables or verbs that nothing puts together."""

from __future__ import annotations

import importlib
import pathlib

from django.conf import settings
from django.urls import get_resolver
from procrastinate.contrib.django import app

from nowrongdoor.operating import explaining
from nowrongdoor.site import command, declared
from nowrongdoor.work import queue


def rooms_with(file: str, package: pathlib.Path = explaining.PACKAGE) -> set[str]:
    """Return the rooms that have a file of this name."""
    return {path.parent.name for path in package.glob(f"*/{file}")}


def test_a_room_that_has_such_a_file_is_seen(tmp_path: pathlib.Path) -> None:
    (tmp_path / "teams").mkdir()
    (tmp_path / "teams" / "tasks.py").touch()
    assert rooms_with("tasks.py", tmp_path) == {"teams"}


def test_the_worker_knows_the_tasks_of_every_room() -> None:
    """PROCRASTINATE_IMPORT_PATHS in site/settings.py: a task of another room would never run."""
    assert set(settings.PROCRASTINATE_IMPORT_PATHS) == {f"nowrongdoor.{room}.tasks" for room in rooms_with("tasks.py")}


def test_every_task_that_is_asked_for_by_name_is_there() -> None:
    """The names in work/queue.py: a task that nobody wrote would wait for ever."""
    for module in settings.PROCRASTINATE_IMPORT_PATHS:
        importlib.import_module(module)
    names = {value for name, value in vars(queue).items() if name.isupper() and isinstance(value, str)}
    assert queue.ROUTE in names
    assert names - app.tasks.keys() == set()


def test_the_tables_of_every_room_are_declared() -> None:
    """ROOMS in site/declared.py."""
    assert {room for room, _ in declared.ROOMS} == rooms_with("tables.py")


def test_the_pages_of_every_room_have_their_addresses() -> None:
    """urlpatterns in site/urls.py."""
    routes = get_resolver().url_patterns
    for room in rooms_with("pages.py"):
        for page in importlib.import_module(f"nowrongdoor.{room}.pages").PAGES:
            assert page in routes, f"{room}: {page}"


def test_every_room_with_verbs_has_one() -> None:
    """VERBS in site/command.py."""
    modules = {verb.place.partition(":")[0] for verb in command.VERBS.values()}
    assert {f"nowrongdoor.{room}.commands" for room in rooms_with("commands.py")} - modules == set()
