"""`make bench` goes through, and leaves nothing running behind, however it ends."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import psutil
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.storm


def started(folder: pathlib.Path) -> list[str]:
    """What works in a folder for temporary files, found by what it runs."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            inside = process.name() == "postgres" and process.cwd().startswith(str(folder))
            if inside or process.environ().get("NWD_VAR", "").startswith(str(folder)):
                found.append(" ".join(process.cmdline()))
    return found


@pytest.mark.parametrize("ends", [None, signal.SIGINT, signal.SIGTERM], ids=["by itself", "Ctrl-C", "SIGTERM"])
def test_the_benchmark_of_the_whole_system_leaves_nothing_running(ends: signal.Signals | None) -> None:
    with tempfile.TemporaryDirectory(prefix="nwd-t-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        own = {key: value for key, value in os.environ.items() if key not in ("DJANGO_ALLOW_ASYNC_UNSAFE", "NWD_VAR")}
        command = [sys.executable, "-m", "bench", "system", "tiny"]
        with subprocess.Popen(
            command, cwd=ROOT, env={**own, "TMPDIR": name}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:
            if ends:
                deadline = time.monotonic() + 300
                while not any(" web " in each for each in started(folder)):
                    assert time.monotonic() < deadline
                    time.sleep(0.2)
                running.send_signal(ends)
            said, _ = running.communicate(timeout=300)
        assert (running.returncode == 0) is (ends is None), said
        assert ('"results"' in said) is (ends is None)  # no summary of what was not measured
        assert started(folder) == []
        assert list(folder.glob("nwd-bench-*")) == []
