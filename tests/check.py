"""What `make test` runs: format, lint, types, secrets, the order of rooms, and the suite with its browser journeys.

Every step is named with its time. All of them run, so that one look shows everything that is wrong; pytest comes last.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(sys.executable).parent
CODE = ["src", "tests", "bench", "front"]
STEPS: list[tuple[str, list[str]]] = [
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", *CODE]),
    ("lint", [str(BIN / "ruff"), "check", "--quiet", *CODE]),
    ("types", [str(BIN / "mypy"), "--no-error-summary"]),
    ("secrets", [sys.executable, str(ROOT / "tests" / "secret_scan.py")]),
    ("order of rooms", [str(BIN / "lint-imports"), "--no-cache"]),
]


def main() -> int:
    """This will run every step and give 0 only when all of them pass."""
    os.chdir(ROOT)
    failed = [name for name, command in STEPS if not _passes(name, command)]
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
            "No clamd was found, so the tests of scanning fail. Install it (Debian: `apt-get install clamav-daemon`)."
        )
    if not find_postgres():
        print("No PostgreSQL with TLS: the tests of an outside server fail. On Debian: `apt-get install postgresql`.")
    if failed:
        print(f"Failed before the suite: {', '.join(failed)}", flush=True)
    suite = subprocess.run([sys.executable, "-m", "pytest", "--durations=5"], check=False).returncode
    return 1 if failed else suite


def find_browser() -> str | None:
    """This will find a Chromium: a named one, the system's, or one from Debian's packages where it may install."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("NWD_CHROMIUM") or _find(names, package="chromium")


def find_scanner() -> str | None:
    """This will find ClamAV's daemon, likewise."""
    return os.environ.get("NWD_CLAMD_PROGRAM") or _find(("clamd",), package="clamav-daemon")


def find_postgres() -> bool:
    """Say whether a PostgreSQL with TLS is there, as the embedded one is not; install Debian's where that may be."""

    def is_there() -> bool:
        return bool(
            os.environ.get("NWD_POSTGRES_PROGRAMS") or [*pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")]
        )

    return is_there() or bool(_find(("initdb",), package="postgresql")) or is_there()


def _find(names: tuple[str, ...], *, package: str) -> str | None:
    places = os.environ.get("PATH", os.defpath) + os.pathsep + "/usr/sbin"
    for _ in range(2):
        for name in names:
            found = shutil.which(name, path=places)
            if found:
                return found
        if not (shutil.which("apt-get") and os.geteuid() == 0):
            return None
        print(f"Installing {package} from Debian's packages (a minute or two)", flush=True)
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "-y", "install", package]):
            subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    return None


def _passes(name: str, command: list[str]) -> bool:
    begun = time.monotonic()
    done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(f"{name:<16}{'ok' if done.returncode == 0 else 'FAILED':<8}{time.monotonic() - begun:5.1f} s", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
