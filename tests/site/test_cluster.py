"""The embedded cluster lets in two roles by password, and nobody as superuser."""

from __future__ import annotations

import concurrent.futures
import pathlib
import stat
import subprocess
import sys

import psycopg
import pytest

from nowrongdoor.operating import cluster, credentials


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


def test_a_folder_is_the_same_by_whichever_way_it_is_reached(
    committed_db: None, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a second server would be started on the files of the first."""
    link = tmp_path / "link"
    link.symlink_to(cluster.var())
    assert cluster.is_running(link / "postgres")
    monkeypatch.setenv("NWD_VAR", "link")
    monkeypatch.chdir(tmp_path)
    assert cluster.var() == link.resolve()
    before = (cluster.var() / "postgres" / "postmaster.pid").read_text()
    cluster.start(link / "postgres")
    assert (cluster.var() / "postgres" / "postmaster.pid").read_text() == before


def test_everybody_who_makes_a_secret_at_once_gets_the_same(tmp_path: pathlib.Path) -> None:
    for each in range(50):
        file = tmp_path / str(each) / "secret"
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = set(pool.map(lambda _, file=file: credentials.read_or_make(file), range(8)))
        assert made == {file.read_text()}
        assert len(made.pop()) == 86
        assert [other.name for other in file.parent.iterdir()] == ["secret"]


def test_a_disk_that_is_full_leaves_no_empty_secret(tmp_path: pathlib.Path) -> None:
    """A limit on the size of files stands for the disk."""
    program = (
        "import resource, pathlib, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))\n"
        "from nowrongdoor.operating import credentials\n"
        "credentials.read_or_make(pathlib.Path(sys.argv[1]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, str(tmp_path / "secret")], capture_output=True, check=False
    )
    assert b"File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_server_does_not_log_what_a_failed_statement_was_about(committed_db: None) -> None:
    log = cluster.var() / "postgres" / "log"
    with psycopg.connect(cluster.conninfo(cluster.APP)) as database, pytest.raises(psycopg.errors.NotNullViolation):
        database.execute("INSERT INTO cache_entry (key, value) VALUES ('canary-key', 'canary-value')")
    told = log.read_text()
    assert "violates not-null constraint" in told
    assert "canary-" not in told
