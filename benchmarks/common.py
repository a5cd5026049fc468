"""What the benchmarks share: clocks, processes of their own, alternation, medians with spread."""

import argparse
import importlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Run = dict[str, float]  # seconds ("wall", "cpu") and perhaps MiB ("peak") of one measurement
# name -> (what to run, what to import first, how many networks it trains)
Ways = dict[str, tuple[Callable[[], Any], list[str], int]]


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


def main(parts: dict[str, Ways], script: str, description: str, rounds: int) -> None:
    """Serve a script: compare the ways of the parts that are asked for, or do one of them here."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"{', '.join(parts)}; by default all")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        part, name = options.parts
        way, libraries, _ = parts[part][name]
        for library in libraries:
            importlib.import_module(library)
        print(json.dumps(timed(way) | {"peak": peak_mib()}))
        return
    if unknown := set(options.parts) - set(parts):
        parser.error(f"parts are {[*parts]}, got {sorted(unknown)}")
    for part in options.parts or parts:
        runs = alternate(parts[part], partial(in_own_process, script, part), options.rounds)
        print(f"\n{part}; median of {options.rounds} round(s)")
        print(f"{'':34}{'wall s':>8}{'cpu s':>8}{'range of cpu':>18}{'MiB':>7}{'nets':>6}")
        for name, done in runs.items():
            wall, cpu, peak = (median(done, what) for what in ("wall", "cpu", "peak"))
            nets = parts[part][name][2]
            print(f"{name:34}{wall:8.2f}{cpu:8.2f}{spread(done, 'cpu'):>18}{peak:7.0f}{nets:6}")
