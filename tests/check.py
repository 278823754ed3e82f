"""What `make test` runs: format, lint, types, secrets, the order of rooms, and the suite with its browser journeys;
what `make storm` runs: the storms at full length; and what `make peers` runs: the tests beside programs of others that
not every machine can have.

All of it runs, so that one look shows everything that is wrong. The static checks run beside the suite, each in its own
process; what they say is told in their order, with its time: the quick ones first, the types after the suite.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import threading
import time

from tests import sizes

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(sys.executable).parent
CODE = ["src", "tests", "bench", "front"]
STEPS: list[tuple[str, list[str]]] = [
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", *CODE]),
    ("lint", [str(BIN / "ruff"), "check", "--quiet", *CODE]),
    ("secrets", [sys.executable, str(ROOT / "tests" / "secret_scan.py")]),
    ("order of rooms", [str(BIN / "lint-imports"), "--no-cache"]),
    ("types", [str(BIN / "mypy"), "--no-error-summary"]),
]
NO_PEERS = ["-m", "not peer"]
# Two processes, as the smallest machine that this is made for has two cores. A test goes to whichever is idle.
SUITE = ["-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder", "--maxprocesses", "2"]


def main(arguments: list[str]) -> int:
    """Run everything, or the storms or the peers alone, and return 0 only when all of it passes."""
    os.chdir(ROOT)
    only_storms = arguments == ["storm"]
    if arguments == ["peers"]:
        return _run_peers()
    if arguments and not only_storms:
        print("Call it without arguments, or with `storm` or `peers`.", file=sys.stderr)
        return 2
    _find_peers()
    color = ["--color=yes"] if sys.stdout.isatty() else []
    command = [sys.executable, "-m", "pytest", *SUITE, *color]
    if only_storms:
        os.environ["NWD_STORM"] = "full"  # which sizes.py reads
        return subprocess.run([*command, "-m", "storm", "--durations=10"], check=False).returncode
    begun = time.monotonic()
    *quick, types = [Step(name, command) for name, command in STEPS]
    with subprocess.Popen(
        [*command, *NO_PEERS, "--durations=10"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as suite:
        failed = [each.name for each in quick if not each.tell()]
        assert suite.stdout
        while piece := os.read(suite.stdout.fileno(), 65_536):
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
    if not types.tell():
        failed.append(types.name)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = used.ru_utime + used.ru_stime
    print(f"{time.monotonic() - begun:.0f} s; a core would have worked {worked:.0f} s, the database not counted.")
    if suite.returncode:
        failed.append("the suite")
    if failed:
        print(f"Failed: {', '.join(failed)}", flush=True)
    print(sizes.words(), flush=True)
    print("Left to `make peers`: the tests beside a real Postfix.", flush=True)
    return 1 if failed else 0


def _run_peers() -> int:
    if not find_postfix():
        print("No Postfix was found, so this fails. Install it (Debian: `apt-get install postfix`).", flush=True)
    if os.geteuid() != 0:
        print("Postfix starts as root only, so this fails. Run it in a container.", flush=True)
    return subprocess.run([sys.executable, "-m", "pytest", "-m", "peer", "--durations=10"], check=False).returncode


@dataclasses.dataclass(slots=True)
class Step:
    """A static check that runs beside the others. What it says is kept until it is told."""

    name: str
    command: list[str]
    _said: str = ""
    _code: int = 1
    _seconds: float = 0.0
    _thread: threading.Thread = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        begun = time.monotonic()
        done = subprocess.run(self.command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._said, self._code, self._seconds = done.stdout, done.returncode, time.monotonic() - begun

    def tell(self) -> bool:
        """Wait for it, print one line and, where it failed, what it said; return whether it passed."""
        self._thread.join()
        print(f"{self.name:<16}{'FAILED' if self._code else 'ok':<8}{self._seconds:5.1f} s", flush=True)
        if self._code:
            print(self._said, flush=True)
        return self._code == 0


def _find_peers() -> None:
    """Find the programs that the suite needs beside its own, or say which tests will fail without them."""
    browser = find_browser()
    if browser:
        os.environ["NWD_CHROMIUM"] = browser
    else:
        print(
            "No Chromium was found, so the browser journeys fail. Install it (Debian: `apt-get install chromium`), "
            "or set NWD_CHROMIUM to its path.",
            flush=True,
        )
    if not _find(("softhsm2-util",), package="softhsm2"):
        print("No SoftHSM: the tests of hardware keys fail. On Debian: `apt-get install softhsm2`.", flush=True)
    scanner = find_scanner()
    if scanner:
        os.environ["NWD_CLAMD_PROGRAM"] = scanner
    else:
        print(
            "No clamd was found, so the tests of scanning fail. Install it (Debian: `apt-get install clamav-daemon`).",
            flush=True,
        )
    if not find_postgres():
        print(
            "No PostgreSQL with TLS: the tests of an outside server fail. On Debian: `apt-get install postgresql`.",
            flush=True,
        )


def find_browser() -> str | None:
    """Find a Chromium: a named one, the system's, or one from Debian's packages where it may install."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("NWD_CHROMIUM") or _find(names, package="chromium")


def find_scanner() -> str | None:
    """Find ClamAV's daemon, likewise."""
    return os.environ.get("NWD_CLAMD_PROGRAM") or _find(("clamd",), package="clamav-daemon")


def find_postgres() -> bool:
    """Return whether a PostgreSQL with TLS is there, as the embedded one is not; install Debian's where that may be."""

    def is_there() -> bool:
        return bool(
            os.environ.get("NWD_POSTGRES_PROGRAMS") or [*pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")]
        )

    return is_there() or bool(_find(("initdb",), package="postgresql")) or is_there()


def find_postfix() -> str | None:
    """Find Postfix. Debian's would start a server of its own, unless it is told to leave that to somebody else."""
    answer = "postfix postfix/main_mailer_type select No configuration\n"
    if not _where(("postfix",)) and _may_install() and shutil.which("debconf-set-selections"):
        subprocess.run(["debconf-set-selections"], input=answer, text=True, check=False)
    return _find(("postfix",), package="postfix")


def _find(names: tuple[str, ...], *, package: str) -> str | None:
    for _ in range(2):
        if program := _where(names):
            return program
        if not _may_install():
            return None
        print(f"Installing {package} from Debian's packages (a minute or two)", flush=True)
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "-y", "install", package]):
            subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    return None


def _where(names: tuple[str, ...]) -> str | None:
    places = os.environ.get("PATH", os.defpath) + os.pathsep + "/usr/sbin"
    return next((program for name in names if (program := shutil.which(name, path=places))), None)


def _may_install() -> bool:
    return bool(shutil.which("apt-get")) and os.geteuid() == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
