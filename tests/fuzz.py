"""Damaged input by chance: it is refused by an error of the right kind, or read to right numbers.

    python tests/fuzz.py                              each kind for a minute
    python tests/fuzz.py states --runs 1000000        so many states
    python tests/fuzz.py feeds files --seconds 600    each kind so long
    python tests/fuzz.py states --seed 3 --only 17    one run again, with its traceback

Each run is made of the seed and its number alone, so it comes again as it was. Runs are in a process of their
own: one that dies is a finding as any other, and the next run goes on. The last lines are the findings, each
kind of them with the number of a run that shows it; the exit code is 1 if there is one. The suite runs a few
of each kind (tests/test_fuzzing.py). tests/fuzzing says what is made of a small corpus, and what has to hold.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzzing import KINDS

Check = Callable[[random.Random], bool]
"""Makes one input, and returns whether it was accepted; every exception is a finding."""


class Finding(NamedTuple):
    """What went wrong in the same way in some runs."""

    run: int
    """The first of them, and its message."""
    message: str
    times: int


class Found:
    """What came of the runs of a kind."""

    def __init__(self) -> None:
        self.runs = self.accepted = 0
        self.findings: dict[str, Finding] = {}

    def add(self, problem: str, run: int, message: str = "", times: int = 1) -> None:
        first = self.findings.get(problem, Finding(run, message, 0))
        self.findings[problem] = first._replace(times=first.times + times)


def chance_of(kind: str, seed: int, run: int) -> random.Random:
    return random.Random(f"{kind} {seed} {run}")


def problem_of(error: BaseException) -> str:
    """The error's kind, and the last place of ours that it came through."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename
    ]
    ours = [frame for frame in frames if "atc_cy" in frame.filename] or frames
    last = ours[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def one_by_one(check: Check, kind: str, seed: int, runs: range, until: float, found: Found) -> None:
    """Runs in this process, until the time is over."""
    for run in runs:
        if time.monotonic() > until:
            return
        found.runs += 1
        try:
            found.accepted += check(chance_of(kind, seed, run))
        except Exception as error:  # noqa: BLE001 - each is a finding
            found.add(problem_of(error), run, str(error))


def work(check: Check, kind: str, seed: int, runs: range, until: float, now: Any, queue: Any) -> None:
    """Runs in a process of their own: `now` counts those that were begun, `queue` gets what was found."""
    found = Found()

    def noted(chance: random.Random) -> bool:
        now.value += 1
        return check(chance)

    one_by_one(noted, kind, seed, runs, until, found)
    queue.put(found)


def fuzz(check: Check, kind: str, seed: int, runs: int, seconds: float) -> Found:
    """Many runs, in processes of their own."""
    context, found = multiprocessing.get_context("fork"), Found()
    begin, until = 0, time.monotonic() + seconds
    while begin < runs and time.monotonic() < until:
        now, queue = context.Value("q", 0, lock=False), context.SimpleQueue()
        part = range(begin, min(runs, begin + 50_000))
        process = context.Process(target=work, args=(check, kind, seed, part, until, now, queue))
        process.start()
        while process.is_alive() and queue.empty():
            time.sleep(0.01)
        done = queue.get() if not queue.empty() else None
        process.join()
        if done is None:  # what it had found comes again, up to the run that ended it
            begin += max(0, now.value - 1)
            found.add(f"the process ended: {process.exitcode}", begin)
            begin += 1
            found.runs += now.value
            continue
        found.runs += done.runs
        found.accepted += done.accepted
        for problem, finding in done.findings.items():
            found.add(problem, *finding)
        begin += done.runs
        print(
            f"{kind}: {found.runs} runs, {found.accepted} accepted, {len(found.findings)} findings",
            flush=True,
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="of: " + ", ".join(KINDS))
    parser.add_argument("--runs", type=int, default=sys.maxsize, help="of each kind")
    parser.add_argument("--seconds", type=float, help="of each kind (default: 60, unless --runs is given)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, metavar="RUN", help="this run alone, in this process")
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"there is no kind {min(unknown)}; there are {', '.join(KINDS)}")
    kinds = options.kinds or [*KINDS]
    if options.only is not None:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            for kind in kinds:
                print(kind, KINDS[kind](Path(folder))(chance_of(kind, options.seed, options.only)))
        return
    seconds = options.seconds or (60.0 if options.runs == sys.maxsize else float("inf"))
    failed = False
    for kind in kinds:
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            found = fuzz(KINDS[kind](Path(folder)), kind, options.seed, options.runs, seconds)
        failed |= bool(found.findings)
        print(
            f"{kind}, seed {options.seed}: {found.runs} runs in {time.monotonic() - start:.0f} seconds, "
            f"{found.accepted} accepted, {len(found.findings)} findings"
        )
        for problem, (run, message, times) in found.findings.items():
            print(f"  run {run}, and {times - 1} more: {problem}: {message[:150]}")
    if failed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
