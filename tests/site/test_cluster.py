"""The embedded cluster lets in two roles by password, and nobody as superuser."""

from __future__ import annotations

import pathlib
import stat
import subprocess
import sys

import psycopg
import pytest

from nowrongdoor.site import cluster


def knock(**changes: str) -> str:
    """Tries to come in; gives whoever one is then."""
    address = {**cluster.address(cluster.APP), **changes}
    with psycopg.connect(psycopg.conninfo.make_conninfo(**address)) as database:
        row = database.execute("SELECT current_user").fetchone()
    assert row
    return str(row[0])


def test_a_role_comes_in_with_its_own_password_only(committed_db: None) -> None:
    assert knock() == "nwd_app"
    for wrong in ({"password": ""}, {"password": "guess"}, {"password": cluster.password(cluster.OWNER)}):
        with pytest.raises(psycopg.OperationalError, match="password"):
            knock(**wrong)


def test_nobody_comes_in_as_superuser(committed_db: None) -> None:
    for secret in ("", cluster.password(cluster.APP), cluster.password(cluster.OWNER)):
        with pytest.raises(psycopg.OperationalError, match="rejects connection"):
            knock(user="postgres", dbname="postgres", password=secret)


def test_secrets_are_read_by_their_user_only(committed_db: None) -> None:
    folder = cluster.var() / "credentials"
    assert {file.name for file in folder.iterdir()} == {"nwd_app", "nwd_owner", "secret_key"}
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_starting_a_running_cluster_again_changes_nothing(committed_db: None) -> None:
    data = cluster.var() / "postgres"
    before = (data / "postmaster.pid").read_text()
    cluster.start(data)
    assert (data / "postmaster.pid").read_text() == before
    assert knock() == "nwd_app"


def test_a_strangers_process_with_an_old_number_is_left_alone(tmp_path: pathlib.Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        (tmp_path / "postmaster.pid").write_text(f"{stranger.pid}\n{tmp_path}\n")
        assert not cluster.is_running(tmp_path)
        cluster.stop(tmp_path)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_path_too_long_for_a_socket_is_told_in_words(tmp_path: pathlib.Path) -> None:
    with pytest.raises(cluster.PathTooLong, match="Set NWD_VAR to a shorter folder"):
        cluster.start(tmp_path / ("long" * 30))
