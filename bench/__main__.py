"""`make bench`: prints medians, the machine, and JSON. Nothing here is a timed test.

`python -m bench mandates prevalence` measures the pure core alone (a minute); all of it takes about ten minutes.
`python -m bench line` measures the line, apart from the others: a night, keystrokes, webhooks, and 200 chats for a
minute; `python -m bench chat` the chats alone; `python -m bench services` a directory of 100,000 services.
`python -m bench system tiny` goes through the whole system with a handful of rows, to see that it can be measured.
It fails as a whole: figures are printed as they come, and the summary only when every one of them was taken.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import platform
import signal
import sys
from collections.abc import Generator

import psutil

from bench import chat, line, mandates, result, services, system

PARTS = {"mandates", "prevalence", "system", "line", "chat", "services", "coverage", "tiny"}


def main(chosen: list[str]) -> None:
    """Run the benchmarks and print them as they come."""
    if not set(chosen) <= PARTS:
        sys.exit(f"Name some of {', '.join(sorted(PARTS))}, or nothing for all.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has it ignored in what it starts behind
    if chosen == ["coverage"]:
        _on_one_core()
        from bench import coverage

        coverage.write()
        return
    results = []
    with contextlib.closing(_results(chosen)) as measured:
        for each in measured:
            results.append(each)
            number = f"{each.median:,.2f}" if each.median < 100 else f"{each.median:,.0f}"
            print(f"{each.name:<48}{number:>14} {each.unit:<10} {each.note}", flush=True)
    machine = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load_before": os.getloadavg()[2],
    }
    print(json.dumps({"machine": machine, "results": [dataclasses.asdict(each) for each in results]}, indent=2))


def _results(chosen: list[str]) -> Generator[result.Result, None, None]:
    is_tiny = "tiny" in chosen
    size = system.TINY if is_tiny else system.FULL
    chosen = [each for each in chosen if each != "tiny"]
    if not chosen or "mandates" in chosen:
        yield from mandates.run()
    if not chosen or "prevalence" in chosen:
        _on_one_core()
        from bench import prevalence

        yield from prevalence.run()
    if not chosen or "system" in chosen:
        yield from system.run(lambda words: print(f"... {words}", file=sys.stderr, flush=True), size)
    if "line" in chosen:
        yield from line.run(line.TINY if is_tiny else line.FULL)
    elif "chat" in chosen:  # by name alone: a process has one cluster
        yield from chat.run(chat.TINY if is_tiny else chat.FULL)
    elif "services" in chosen:
        yield from services.run(services.TINY if is_tiny else services.FULL)


def _on_one_core() -> None:
    """Before NumPy is loaded, which reads it then."""
    for each in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(each, "1")


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    except OSError:
        return platform.processor() or "unknown"


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("Stopped; what was started is stopped too.")
