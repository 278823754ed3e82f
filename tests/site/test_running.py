"""T32: whatever is killed comes back by itself within half a minute, and nothing is left over. The real `nwd up`."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import httpx
import psutil
import psycopg
import pytest

from nowrongdoor.operating import cluster, database, ending, running, serving
from tests import servers

NWD = str(pathlib.Path(sys.executable).parent / "nwd")
SOON = 30  # seconds: the promise of T32
STARTING = 120  # seconds to make a cluster and fill it, on a machine that does much else

pytestmark = pytest.mark.storm


@dataclasses.dataclass
class Installation:
    """A folder of data, and the `nwd up` on it."""

    folder: pathlib.Path
    port: int
    up: subprocess.Popen[bytes]

    @property
    def data(self) -> pathlib.Path:
        return self.folder / "v" / "postgres"

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text()

    def is_serving(self) -> bool:
        """Says whether a page that asks the database is answered."""
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{self.port}/sign-in", timeout=5).status_code == 200
        return False

    def family(self) -> dict[str, psutil.Process]:
        """Every process that works for this folder, found by what it runs and not by who started it."""
        found = {}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                command = " ".join(process.cmdline())
                if process.status() == psutil.STATUS_ZOMBIE:
                    continue
                if process.name() == "postgres":
                    if process.cwd() == str(self.data):
                        found[f"{_of_postgres(command)} {process.pid}"] = process
                elif process.environ().get("NWD_VAR") == str(self.folder / "v"):
                    found[f"{_of_ours(command)} {process.pid}"] = process
        return found

    def of_kind(self, kind: str) -> list[psutil.Process]:
        return [process for name, process in sorted(self.family().items()) if name.rpartition(" ")[0] == kind]

    def kinds(self) -> set[str]:
        return {name.rpartition(" ")[0] for name in self.family()}

    def works_off_jobs(self) -> bool:
        """Says whether a worker is there that takes a job from the queue."""
        address = {**cluster.address(cluster.APP), "host": str(self.data), "password": self._password()}
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(**address, autocommit=True) as database:  # type: ignore[arg-type]
            row = database.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
                "VALUES ('default', 'intake.sweep', '{\"timestamp\": 0}') "
                "RETURNING id"
            ).fetchone()
            assert row
            end = time.monotonic() + 5
            while time.monotonic() < end:
                done = database.execute("SELECT FROM procrastinate_jobs WHERE id = %s", row).fetchone()
                if done is None:
                    return True
                time.sleep(0.1)
        return False

    def _password(self) -> str:
        return (self.folder / "v" / "credentials" / "nwd_app").read_text()


def _of_postgres(command: str) -> str:
    if " -D " in command:
        return "postmaster"
    return "backend" if "nwd_app" in command else "server's own"


def _of_ours(command: str) -> str:
    known = {
        "multiprocessing.spawn": "web worker",
        "resource_tracker": "tracker",
        "nowrongdoor.site.command web": "web",
        "nowrongdoor.site.command worker": "worker",
        "nowrongdoor.operating.ending": "ender",
        "nwd up": "up",
    }
    return next((name for words, name in known.items() if words in command), command)


def wait(what: Callable[[], bool], *, seconds: float, for_: str, said: Callable[[], str] = str) -> float:
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, f"not within {seconds} s: {for_}\n{said()}"
        time.sleep(0.1)
    return time.monotonic() - begun


def start(folder: pathlib.Path, port: int, *arguments: str) -> Installation:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    with (folder / "said").open("ab") as said:
        up = subprocess.Popen(
            [NWD, "up", "--port", str(port), *(arguments or ("--empty",))],
            env={**environment, "NWD_VAR": str(folder / "v")},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    return Installation(folder, port, up)


@pytest.fixture
def short() -> Iterator[pathlib.Path]:
    """A folder whose path fits a socket; whatever still works for it afterwards is ended."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nwd-u-"))
    folder.chmod(0o755)
    yield folder
    left = Installation(folder, 0, None).family()  # type: ignore[arg-type]
    for process in left.values():
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left.values(), timeout=10)
    shutil.rmtree(folder)


@pytest.fixture
def installation(short: pathlib.Path) -> Iterator[Installation]:
    """A system that serves."""
    system = start(short, servers.free_port())
    try:
        serves(system, seconds=STARTING)
        yield system
    finally:
        if system.up.poll() is None:
            system.up.send_signal(signal.SIGTERM)
            system.up.wait(20)


def serves(system: Installation, *, seconds: float = SOON) -> None:
    wait(system.is_serving, seconds=seconds, for_="a page", said=lambda: system.said)
    wait(system.works_off_jobs, seconds=seconds, for_="the worker", said=lambda: system.said)


WHOLE = {"up", "ender", "web", "web worker", "tracker", "worker", "postmaster", "backend", "server's own"}


def test_whichever_process_is_killed_it_serves_again_within_half_a_minute(installation: Installation) -> None:
    before = {kind: len(installation.of_kind(kind)) for kind in WHOLE - {"backend", "server's own"}}
    assert before == {**dict.fromkeys(before, 1), "web worker": 2}
    for kind in sorted(WHOLE - {"up", "tracker"}):
        victim = installation.of_kind(kind)[0]
        victim.kill()
        psutil.wait_procs([victim], timeout=10)
        serves(installation)
        wait(
            lambda: {each: len(installation.of_kind(each)) for each in before} == before,
            seconds=SOON + serving.HEALTHCHECK,  # one that ends while it is asked how it is, is waited for that long
            for_=f"the same processes as before {kind} was killed, not {sorted(installation.family())}",
            said=lambda: installation.said,
        )
        assert installation.up.poll() is None
    assert "Traceback" not in installation.said


def test_when_up_itself_is_killed_all_the_rest_ends_and_the_next_one_starts(installation: Installation) -> None:
    assert installation.kinds() == WHOLE
    installation.up.kill()
    installation.up.wait()
    again = start(installation.folder, installation.port)  # at once, while the rest is still ending
    serves(again)
    assert len(again.of_kind("postmaster")) == len(again.of_kind("web")) == len(again.of_kind("worker")) == 1
    again.up.kill()
    again.up.wait()
    wait(lambda: not again.family(), seconds=SOON, for_=f"nothing left over, but {again.family()}")
    with contextlib.closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", again.port)) != 0


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda each: each.name)
def test_whoever_asks_it_to_stop_has_it_stopped_soon_though_streams_are_open(
    installation: Installation, asked: signal.Signals
) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(4):  # requests whose body never ends, as a browser's that went to sleep
            open_ = stack.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", installation.port))))
            open_.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nlogin=")
        begun = time.monotonic()
        installation.up.send_signal(asked)
        time.sleep(0.3)
        with contextlib.suppress(ProcessLookupError):
            installation.up.send_signal(asked)  # impatience changes nothing
        assert installation.up.wait(30) == 0
    assert time.monotonic() - begun < 20  # ten are promised where nothing else runs
    assert not installation.family()
    assert not (installation.data / "postmaster.pid").exists()
    assert installation.said.endswith(f"Stopped. The data is kept in {installation.folder / 'v'}\n")
    assert "Traceback" not in installation.said


def test_a_second_start_on_the_same_folder_says_so(installation: Installation) -> None:
    environment = {**os.environ, "NWD_VAR": str(installation.folder / "v")}
    second = subprocess.run([NWD, "up"], env=environment, capture_output=True, text=True, check=False)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == (
        f"Error: `nwd up` is already running on {installation.folder / 'v'} (process {installation.up.pid}). "
        "Stop that one, or set NWD_VAR to another folder.\n"
    )
    stop = subprocess.run([NWD, "database", "stop"], env=environment, capture_output=True, text=True, check=False)
    assert stop.returncode == 2
    assert "would start the database again" in stop.stderr
    serves(installation)


def test_a_port_that_somebody_took_is_told_and_their_answer_is_not_taken_for_ours(short: pathlib.Path) -> None:
    with contextlib.closing(socket.socket()) as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = int(stranger.getsockname()[1])
        system = start(short, port)
        assert system.up.wait(STARTING) == 1
    assert f"127.0.0.1 port {port} cannot be used: Address already in use. Name a free --port." in system.said
    assert "No Wrong Door is at" not in system.said
    assert "Traceback" not in system.said
    assert not system.family()


def test_what_a_crash_left_behind_does_not_keep_it_from_starting(short: pathlib.Path) -> None:
    """Power went off: every process at once, and then the numbers of the dead are given to strangers."""
    system = start(short, servers.free_port())
    serves(system, seconds=STARTING)
    for process in [system.of_kind("ender")[0], *system.family().values()]:
        process.kill()
    system.up.wait()
    wait(lambda: not system.family(), seconds=10, for_="a crash")
    files = [system.data / "postmaster.pid", system.data / ".s.PGSQL.5432.lock"]
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        for file in files:
            lines = file.read_text().splitlines()
            file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        again = start(short, system.port)
        serves(again, seconds=STARTING)
        assert stranger.poll() is None
        stranger.kill()
    again.up.send_signal(signal.SIGTERM)
    assert again.up.wait(20) == 0


def test_making_the_database_starts_anew_if_it_was_interrupted(short: pathlib.Path) -> None:
    half = short / "v" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    system = start(short, servers.free_port())
    serves(system, seconds=STARTING)
    system.up.send_signal(signal.SIGTERM)
    assert system.up.wait(20) == 0
    assert not half.exists()


@contextlib.contextmanager
def small_disk(folder: pathlib.Path, options: str) -> Iterator[None]:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a disk of its own needs the right to mount: {done.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("ro", "Error: Read-only file system: {folder}/v"),
        ("size=8m,mode=755", "Error: The database does not start: its files cannot be made in {folder}/v ("),
    ],
)
def test_a_disk_that_is_read_only_or_full_is_told_in_a_sentence(short: pathlib.Path, options: str, told: str) -> None:
    disk = short / "d"
    disk.mkdir()
    with small_disk(disk, options):
        environment = {**os.environ, "NWD_VAR": str(disk / "v")}
        done = subprocess.run([NWD, "up"], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert told.format(folder=disk) in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_disk_that_fills_up_while_it_runs_ends_nothing_for_good(short: pathlib.Path) -> None:
    """Every process is killed once while nothing can be written; with room again it serves by itself."""
    disk = short / "v"
    disk.mkdir()
    with small_disk(disk, "size=420m,mode=755"):
        system = start(short, servers.free_port())
        try:
            serves(system, seconds=STARTING)
            filler = disk / "filler"
            with filler.open("wb", buffering=0) as out, contextlib.suppress(OSError):
                while True:
                    out.write(b"x" * 100_000)
            assert shutil.disk_usage(disk).free < 100_000
            for kind in ("worker", "web", "ender", "postmaster"):
                for process in system.of_kind(kind)[:1]:
                    process.kill()
            wait(lambda: "The database does not start: " in system.said, seconds=SOON, for_="a sentence", said=str)
            time.sleep(3)
            assert system.up.poll() is None
            filler.unlink()
            print(
                f"serves again after {wait(system.is_serving, seconds=SOON, for_='a page', said=lambda: system.said)}"
            )
            serves(system)
            assert len(system.of_kind("postmaster")) == len(system.of_kind("web")) == 1
            assert "Traceback" not in system.said
        finally:
            system.up.send_signal(signal.SIGTERM)
            assert system.up.wait(30) == 0
        assert not system.family()


def test_no_wait_of_what_keeps_the_system_running_goes_by_the_clock_on_the_wall() -> None:
    """A clock that is set forward or back ends no wait too early, and makes none longer."""
    for module in (running, ending, cluster, database):
        source = inspect.getsource(module)
        assert "time.monotonic()" in source
        assert not re.findall(r"time\.time\(|datetime\.now\(", source), module.__name__
