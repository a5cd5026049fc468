"""What the benchmarks share: clocks, processes of their own, alternation, medians with spread."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Run = dict[str, float]  # seconds ("wall", "cpu") and perhaps MiB ("peak") of one measurement


def peak_mib() -> float:
    """Return the highest resident memory of this process so far."""
    import resource

    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest / (2**20 if sys.platform == "darwin" else 2**10)


def timed(work: Callable[[], Any]) -> Run:
    """Do some work in this process and return what it took, all threads counted."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def in_own_process(script: str | Path, *arguments: str) -> Run:
    """Let a script measure one way of doing the work; its last line is the run as JSON."""
    command = [sys.executable, str(script), "--here", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def alternate(
    names: Iterable[str], measure: Callable[[str], Run], rounds: int
) -> dict[str, list[Run]]:
    """Measure every way once in each round, so that a busy moment of the machine hits all."""
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for _ in range(rounds):
        for name, done in runs.items():
            done.append(measure(name))
    return runs


def median(runs: list[Run], what: str) -> float:
    return statistics.median(run[what] for run in runs)


def spread(runs: list[Run], what: str) -> str:
    """Return the range from the lowest to the highest, or nothing for a single run."""
    values = [run[what] for run in runs]
    return f"{min(values):.2f} to {max(values):.2f}" if len(values) > 1 else "one run"
