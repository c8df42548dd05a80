"""Whether the tests notice a kernel that is wrong: each mutant below must fail some of them.

python tests/mutants.py                    all mutants
python tests/mutants.py floor growth       those whose names contain one of these words
python tests/mutants.py --keep /tmp/here   leave the copy, with the last mutant's build, in this folder

A mutant is one change of the source. The script copies the package, the presets that it needs and the tests
into a folder, and first runs the chosen mutants' tests on the copy as it is: they must pass, or nothing that
follows would tell anything. Then it applies one mutant after the other, builds the copy's kernels at this
CPU's best level (one of Python needs no build), runs its tests up to the first that fails, and undoes it.

The last lines are a table: each mutant, and the test that killed it, or SURVIVED. The exit code is 1 if one
survived or could not be built. pytest does not run this file: a mutant takes about a quarter of a minute.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple


class Mutant(NamedTuple):
    """One change, and the tests that must notice it."""

    name: str
    file: str
    """In `atc_cy`."""
    old: str
    """Occurs once in the file."""
    new: str
    tests: str
    """As after `pytest -k`, in tests/test_net.py."""


K = "kernel"
MUTANTS = [
    # Cutouts.
    Mutant(
        "cutout: lanes begin where the block's own number is the cutout",
        f"{K}/equity.pxi",
        "elif s.bars + t == s.cutout:",
        "elif t == s.cutout:",
        "test_cutout",
    ),
    Mutant(
        "cutout: lanes begin in the first block alone",
        f"{K}/equity.pxi",
        "elif s.bars + t == s.cutout:",
        "elif s.bars + t == s.cutout and s.bars < 64:",
        "test_cutout",
    ),
    Mutant(
        "cutout: types begin where the block's own number is the cutout",
        f"{K}/equity.pxi",
        "if s.bars + t != s.cutout:",
        "if t != s.cutout:",
        "test_cutout",
    ),
    Mutant(
        "cutout: types begin at bar 64 at the latest",
        f"{K}/equity.pxi",
        "before = bars_below(s.cutout, s.bars, n)\n    cdef Row* signal = rows + TYPE_SIGNALS",
        "before = bars_below(at_most(s.cutout, 64), s.bars, n)\n    cdef Row* signal = rows + TYPE_SIGNALS",
        "test_cutout",
    ),
    Mutant(
        "cutout: lanes are joined on the cutout's own bar",
        f"{K}/equity.pxi",
        "steady = bars_below(s.cutout + 1, s.bars, n)",
        "steady = bars_below(s.cutout, s.bars, n)",
        "test_cutout",
    ),
    Mutant(
        "cutout: lanes are joined a bar late",
        f"{K}/equity.pxi",
        "steady = bars_below(s.cutout + 1, s.bars, n)",
        "steady = bars_below(s.cutout + 1, s.bars, n) if s.cutout < 64 else 0",
        "test_cutout",
    ),
    Mutant(
        "cutout: the last lane need not have crossed",
        f"{K}/equity.pxi",
        "for i in range(count):\n        neutral = neutral",
        "for i in range(count - 1):\n        neutral = neutral",
        "test_cutout",
    ),
    Mutant(
        "cutout: lanes begin where the block's own number is the cutout, side by side alone",
        f"{K}/equity.pxi",
        "elif s.bars + t == s.cutout:",
        "elif (s.bars + t if width(rows) == 1 else t) == s.cutout:",
        "test_cutout_side_by_side",
    ),
    Mutant(
        "cutout: growth begins where the block's own number is the cutout, in sweeps",
        f"{K}/vary.pxi",
        "since = s.bars + t - s.cutout",
        "since = t - s.cutout",
        "test_sweeps",
    ),
    # The floor.
    Mutant(
        "floor: its edge is one ulp higher",
        f"{K}/equity.pxi",
        "DEF AT_FLOOR = 0.24999999990000002",
        "DEF AT_FLOOR = 0.24999999990000005",
        "floor or edge",
    ),
    Mutant(
        "floor: its edge is one ulp lower",
        f"{K}/equity.pxi",
        "DEF AT_FLOOR = 0.24999999990000002",
        "DEF AT_FLOOR = 0.2499999999",
        "floor or edge",
    ),
    Mutant(
        "floor: all that is below 0.25 is lifted",
        f"{K}/equity.pxi",
        "DEF AT_FLOOR = 0.24999999990000002",
        "DEF AT_FLOOR = 0.25",
        "floor or edge",
    ),
    Mutant(
        "floor: its edge is lifted too",
        f"{K}/equity.pxi",
        "return above(every(AT_FLOOR, &equity), equity, every(FLOOR, &equity), equity)",
        "return above(equity, every(AT_FLOOR, &equity), equity, every(FLOOR, &equity))",
        "floor or edge",
    ),
    Mutant(
        "floor: none for what a type begins with",
        f"{K}/equity.pxi",
        "equity[j] = floored(e)",
        "equity[j] = e if s.bars + t == s.cutout else floored(e)",
        "floor or edge",
    ),
    Mutant(
        "floor: one ulp higher for lanes that have crossed",
        f"{K}/equity.pxi",
        "e = magnitude(vote[i]) * keep * above(vote[i], zero, up, down)\n        equity[i] = floored(e)",
        "e = magnitude(vote[i]) * keep * above(vote[i], zero, up, down)\n"
        "        equity[i] = above(every(0.24999999990000005, m), e, every(FLOOR, m), e)",
        "edge_of_the_floor",
    ),
    Mutant(
        "floor: one ulp higher for lanes that have crossed, side by side alone",
        f"{K}/equity.pxi",
        "e = magnitude(vote[i]) * keep * above(vote[i], zero, up, down)\n        equity[i] = floored(e)",
        "e = magnitude(vote[i]) * keep * above(vote[i], zero, up, down)\n"
        "        equity[i] = above(every(AT_FLOOR if width(m) == 1 else 0.24999999990000005, m), e,"
        " every(FLOOR, m), e)",
        "edge_of_the_floor",
    ),
    Mutant(
        "floor: one ulp lower for lanes beside one that has not crossed",
        f"{K}/equity.pxi",
        "e = equity[i] * keep * factor\n            equity[i] = floored(e)",
        "e = equity[i] * keep * factor\n"
        "            equity[i] = above(every(0.2499999999, m), e, every(FLOOR, m), e)",
        "edge",
    ),
    # The growth factor.
    Mutant(
        "growth: a doubt is rounded up",
        f"{K}/growth.pxi",
        "        power_of_e(z, &power)\n    if power.exponent",
        "        pass\n    if power.exponent",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: a doubt is rounded down",
        f"{K}/growth.pxi",
        "        power_of_e(z, &power)\n    if power.exponent",
        "        power.high = s.growth.high + (low - bound)\n    if power.exponent",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: a doubt is rounded up, in the outputs",
        f"{K}/growth.pxi",
        "        power_of_e(z, &power)\n    if power.exponent",
        "        pass\n    if power.exponent",
        "test_outputs_where_the_growth",
    ),
    Mutant(
        "growth: nothing is lost from bar to bar",
        f"{K}/growth.pxi",
        "DEF LOST_A_BAR = 2.0 ** -99",
        "DEF LOST_A_BAR = 0.0",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: as little is lost after many bars as after the first",
        f"{K}/growth.pxi",
        "bound = (bars_since_cutout + 4.0) * LOST_A_BAR",
        "bound = 4.0 * LOST_A_BAR",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: nothing is lost once",
        f"{K}/growth.pxi",
        "DEF LOST_ONCE = 2.0 ** -85",
        "DEF LOST_ONCE = 0.0",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: nothing is lost once, in the outputs",
        f"{K}/growth.pxi",
        "DEF LOST_ONCE = 2.0 ** -85",
        "DEF LOST_ONCE = 0.0",
        "test_outputs_where_the_growth",
    ),
    Mutant(
        "growth: the series of 256 bits is cut off early",
        f"{K}/growth.pxi",
        "DEF TERMS = 26",
        "DEF TERMS = 10",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: an infinite one is taken",
        f"{K}/advance.pxi",
        "if growth[t] == INFINITY:",
        "if False:",
        "test_a_growth_beyond",
    ),
    # Sources without room for the short cut of a division.
    Mutant(
        "wild: a record does not tell it",
        f"{K}/record.pxi",
        "to[8] = s.tame",
        "to[8] = 1",
        "test_what_sources_were",
    ),
    Mutant(
        "wild: a record is not asked",
        f"{K}/record.pxi",
        "    s.tame &= origin[8] != 0\n",
        "",
        "test_what_sources_were",
    ),
    Mutant(
        "wild: a record is not asked, in streams",
        f"{K}/record.pxi",
        "    s.tame &= origin[8] != 0\n",
        "",
        "test_streams_among",
    ),
    Mutant(
        "wild: a record is not asked, in panels",
        f"{K}/record.pxi",
        "    s.tame &= origin[8] != 0\n",
        "",
        "test_panels_among",
    ),
    Mutant(
        "wild: a copy does not know it",
        f"{K}/entry.pxi",
        "            other.state = self.state\n",
        "            other.state = self.state\n            other.state.tame = True\n",
        "test_what_sources_were",
    ),
    Mutant(
        "wild: an assigned state does not know it",
        f"{K}/entry.pxi",
        "            self.state = other.state\n",
        "            self.state = other.state\n            self.state.tame = True\n",
        "test_what_sources_were",
    ),
    Mutant(
        "wild: forgotten in the next block",
        f"{K}/advance.pxi",
        "s.tame &= tame",
        "s.tame = tame",
        "test_what_sources_were",
    ),
    Mutant(
        "wild: only what is infinite is too large",
        f"{K}/advance.pxi",
        "DEF TAME_HIGH = 2.0 ** 500",
        "DEF TAME_HIGH = 2.0 ** 1023 * 1.9999999999999998",
        "test_what_sources_were",
    ),
    Mutant(
        "wild: nothing is too small",
        f"{K}/advance.pxi",
        "DEF TAME_LOW = 2.0 ** -500",
        "DEF TAME_LOW = 0.0",
        "test_what_sources_were",
    ),
    Mutant(
        "wild: joined lanes stay so",
        f"{K}/advance.pxi",
        "            part_lanes(s, rows)\n",
        "",
        "test_what_sources_were",
    ),
    Mutant(
        "wild: lanes are joined all the same",
        f"{K}/equity.pxi",
        "if not s.crossed[first] and s.tame and all_crossed",
        "if not s.crossed[first] and all_crossed",
        "test_what_sources_were",
    ),
    # What can be taken back.
    Mutant(
        "rewind: a loaded stream takes back all that it has",
        "stream.py",
        '        stream._rewindable = header["rewindable"]\n',
        "",
        "takes_back",
    ),
    Mutant(
        "rewind: saved as if nothing had been taken back",
        "stream.py",
        '"rewindable": self._rewindable,',
        '"rewindable": min(self.depth, len(self._recent)),',
        "takes_back",
    ),
    Mutant(
        "rewind: saved as if nothing could be taken back",
        "stream.py",
        '"rewindable": self._rewindable,',
        '"rewindable": 0,',
        "takes_back",
    ),
    Mutant(
        "rewind: a copy takes back all that it has",
        "stream.py",
        "[*self._recent], self._rewindable",
        "[*self._recent], min(self.depth, len(self._recent))",
        "takes_back",
    ),
    # Crossings at the thresholds.
    *(
        Mutant(f"crossing: {old} is {new}, in {place}", file, old, new, tests)
        for place, file, tests, changes in (
            (
                "a panel",
                "panel_stream.py",
                "test_crossings",
                (
                    ("(value > alert.long)", "(value >= alert.long)"),
                    ("(previous <= alert.long)", "(previous < alert.long)"),
                    ("(value < alert.short)", "(value <= alert.short)"),
                    ("(previous >= alert.short)", "(previous > alert.short)"),
                ),
            ),
            (
                "a stream",
                "stream.py",
                "test_crossings",
                (
                    ("value > self.long >= previous", "value >= self.long >= previous"),
                    ("value > self.long >= previous", "value > self.long > previous"),
                    ("value < self.short <= previous", "value <= self.short <= previous"),
                    ("value < self.short <= previous", "value < self.short < previous"),
                    ("(after > self.long)", "(after >= self.long)"),
                    ("(before <= self.long)", "(before < self.long)"),
                    ("(after < self.short)", "(after <= self.short)"),
                    ("(before >= self.short)", "(before > self.short)"),
                ),
            ),
            (
                "direction and events",
                "api.py",
                "test_crossings",
                (
                    ("(now > long_threshold)", "(now >= long_threshold)"),
                    ("(before <= long_threshold)", "(before < long_threshold)"),
                    ("(now < short_threshold)", "(now <= short_threshold)"),
                    ("(before >= short_threshold)", "(before > short_threshold)"),
                ),
            ),
            (
                "a sweep",
                f"{K}/trade.pxi",
                "test_sweeps",
                (
                    (
                        "position = above(average, long_threshold,",
                        "position = at_least(average, long_threshold,",
                    ),
                    (
                        "at_least(long_threshold, before, one, held)",
                        "above(long_threshold, before, one, held)",
                    ),
                    (
                        "position = above(short_threshold, average,",
                        "position = at_least(short_threshold, average,",
                    ),
                    ("under = at_least(before, short_threshold,", "under = above(before, short_threshold,"),
                ),
            ),
        )
        for old, new in changes
    ),
    # Two threads on one symbol.
    Mutant(
        "busy: no call asks",
        f"{K}/entry.pxi",
        "        if self.busy:\n            raise RuntimeError",
        "        if False:\n            raise RuntimeError",
        "test_a_busy_symbol",
    ),
    Mutant(
        "busy: a refused advance ends it",
        f"{K}/entry.pxi",
        "        self.hold()\n        try:\n            kind = open_feed(&self.state, &feed, views",
        "        try:\n            self.hold()\n            kind = open_feed(&self.state, &feed, views",
        "test_a_busy_symbol",
    ),
    Mutant(
        "busy: an update does not ask",
        f"{K}/entry.pxi",
        "        self.hold()\n        advance[double, double](&self.state, <double*> self.rows, &feed, 1,",
        "        advance[double, double](&self.state, <double*> self.rows, &feed, 1,",
        "test_a_busy_symbol",
    ),
    Mutant(
        "busy: a record does not ask",
        f"{K}/entry.pxi",
        "        self.hold()\n        self.busy = False\n        part_lanes[double]",
        "        part_lanes[double]",
        "test_a_busy_symbol",
    ),
    Mutant(
        "busy: a restore does not ask",
        f"{K}/entry.pxi",
        "        self.hold()\n        try:\n            self.start()\n            self.forget()",
        "        try:\n            self.start()\n            self.forget()",
        "test_a_busy_symbol",
    ),
    Mutant(
        "busy: a copy does not ask",
        f"{K}/entry.pxi",
        "        self.hold()\n        try:\n            other.state = self.state",
        "        try:\n            other.state = self.state",
        "test_a_busy_symbol",
    ),
    Mutant(
        "busy: one that is assigned to does not ask",
        f"{K}/entry.pxi",
        "        self.hold()\n        try:\n            other.hold()",
        "        try:\n            other.hold()",
        "test_a_busy_symbol",
    ),
    Mutant(
        "busy: one that is assigned from is not asked",
        f"{K}/entry.pxi",
        "            other.hold()\n            self.state = other.state",
        "            self.state = other.state",
        "test_a_busy_symbol",
    ),
    # Rolling sums that fire.
    Mutant(
        "fires: the entry is the compensated one",
        f"{K}/rolling_sum.pxi",
        "        entry[0] = above(gone, zero, x[0], entry[0])\n",
        "",
        "fire or jumpy",
    ),
    Mutant(
        "fires: the correction stays",
        f"{K}/rolling_sum.pxi",
        "        correction[0] = above(gone, zero, zero, correction[0])\n",
        "",
        "fire or jumpy",
    ),
    Mutant(
        "fires: the sum goes beyond the window",
        f"{K}/rolling_sum.pxi",
        "x + t, at_most(count, length[lane]))",
        "x + t, count)",
        "fire or jumpy",
    ),
    Mutant(
        "fires: a seed's sum leaves its first value out",
        f"{K}/averages.pxi",
        "fire(gone, total, correction, &entry, x, taken + 1)",
        "fire(gone, total, correction, &entry, x, taken if taken > 0 else 1)",
        "fire or jumpy",
    ),
    Mutant(
        "fires: the last lane alone is looked at",
        f"{K}/rolling_sum.pxi",
        "fired |= any_positive(lost(correction[lane], x))",
        "fired = any_positive(lost(correction[lane], x))",
        "fire or jumpy",
    ),
    Mutant(
        "fires: also where nothing is lost",
        f"{K}/rolling_sum.pxi",
        "return b - ((x + b) - x)",
        "return magnitude(b - ((x + b) - x))",
        "fire or jumpy",
    ),
    Mutant(
        "fires: DEMA's second seed forgets its last value",
        f"{K}/averages.pxi",
        "if 0 < taken < length[lane]:",
        "if 0 < taken < length[lane] - 1:",
        "fire or jumpy",
    ),
    Mutant(
        "fires: entries are laid ahead that are not there yet",
        f"{K}/rolling_sum.pxi",
        "ahead = at_most(n - t, bars_ahead(x, length))",
        "ahead = at_most(n - t, 16)",
        "fire or jumpy",
    ),
    Mutant(
        "fires: a record forgets DEMA's first values",
        f"{K}/record.pxi",
        "n = add(part, n, dema_first_values(s, rows), LANES * ring(s, DEMA))",
        "n = add(part, n, dema_first_values(s, rows), 0)",
        "fire",
    ),
    Mutant(
        "fires: a record forgets the entries of KAMA's noise",
        f"{K}/record.pxi",
        "n = add(part, n, kama_realized(s, rows), LANES * ring(s, KAMA))",
        "n = add(part, n, kama_realized(s, rows), 0)",
        "fire",
    ),
    Mutant(
        "fires: KAMA's noise counts a bar late",
        f"{K}/averages.pxi",
        "ratio = ratio if s.bars + t >= length[lane] else zero",
        "ratio = ratio if s.bars + t > length[lane] else zero",
        "fire or jumpy",
    ),
    # Rows that are no bars, or cannot be.
    Mutant(
        "gaps: one in the source alone is a bad price",
        f"{K}/advance.pxi",
        "if c != c or x != x:",
        "if c != c:",
        "test_gaps",
    ),
    Mutant(
        "gaps: one in the close alone is a bad price",
        f"{K}/advance.pxi",
        "if c != c or x != x:",
        "if x != x:",
        "test_gaps",
    ),
    Mutant(
        "gaps: their outputs are left as they are",
        f"{K}/advance.pxi",
        "            store(out, row, stride, NAN, kind)",
        "            pass",
        "test_gaps",
    ),
    Mutant(
        "gaps: those before a block's first bar are not written",
        f"{K}/advance.pxi",
        "for row in range(block.first[w], feed.taken):",
        "for row in range(bar[0] if block.bars[w] > 0 else block.first[w], feed.taken):",
        "test_gaps",
    ),
    Mutant(
        "bad prices: 0 is one like others",
        f"{K}/advance.pxi",
        "0.0 < c < INFINITY and",
        "0.0 <= c < INFINITY and",
        "test_a_row_that_cannot",
    ),
    Mutant(
        "bad prices: a source of -inf is one like others",
        f"{K}/advance.pxi",
        "-INFINITY < x < INFINITY",
        "x < INFINITY",
        "test_a_row_that_cannot",
    ),
    Mutant(
        "bad prices: the row counts as taken",
        f"{K}/advance.pxi",
        "        feed.taken = row\n",
        "        feed.taken = row + 1 if row < feed.rows and row % 64 == 63 else row\n",
        "test_a_row_that_cannot",
    ),
]

PRESETS = ("default", "ema_only")
"""Whose kernels are built, beside the generic one; tests of others' structures run on the generic one."""

ROOT = Path(__file__).parent.parent
TEST = "tests/test_net.py"
SURVIVED, NOT_BUILT = "SURVIVED", "could NOT be BUILT"
LONGEST = 150
"""Seconds that the tests of one mutant may take."""

# Optimized less, so that a build takes a third of the time; the numbers are the same.
BUILD = """
import sys
from pathlib import Path
from types import ModuleType

from setuptools import setup

package = ModuleType("atc_cy")
package.__path__ = ["atc_cy"]
sys.modules["atc_cy"] = package

from atc_cy import buildtools

buildtools.COMPILE_ARGS[:] = ["-O1" if flag == "-O3" else flag for flag in buildtools.COMPILE_ARGS]
extensions = []
for path in (None, *sorted(Path("presets").glob("*.toml"))):
    extensions += buildtools.preset_extensions(path, "atc_cy.ext", Path("build/kernels"), [{level!r}])
setup(
    name="mutant",
    packages=[],
    py_modules=[],
    script_args=["-q", "build_ext", "--inplace"],
    ext_modules=extensions,
    cmdclass={{"build_ext": buildtools.build_kernels}},
)
"""
CPU = """
def supported():
    return [{level!r}]
"""


def best_level() -> str:
    from atc_cy.ext import cpu

    return cpu.supported()[-1]


def copy_project(to: Path, level: str) -> None:
    """What the tests need; of the kernels' extensions, none."""
    built = shutil.ignore_patterns("*.so", "*.toml", "cpu.pyi", "__pycache__")
    shutil.copytree(ROOT / "atc_cy", to / "atc_cy", ignore=built)
    shutil.copytree(ROOT / "tests", to / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", to)
    (to / "presets").mkdir()
    for preset in PRESETS:
        shutil.copy(ROOT / "presets" / f"{preset}.toml", to / "presets")
    (to / "atc_cy" / "ext" / "cpu.py").write_text(CPU.format(level=level))
    (to / "build.py").write_text(BUILD.format(level=level))


def build(folder: Path) -> str:
    """Build the copy's kernels; returns what is wrong, empty if nothing is."""
    done = subprocess.run(
        [sys.executable, "build.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr if done.returncode else ""


def run_tests(folder: Path, tests: str) -> tuple[int, str]:
    """How pytest ended, and the first test that failed, or what it printed at the end."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "--tb=no",
        TEST,
        "-k",
        tests,
    ]
    variables = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return 1, f"the tests did not end within {LONGEST} seconds"
    lines = (done.stdout + done.stderr).splitlines()
    failed = [line.split("::")[1].split(" - ")[0] for line in lines if line.startswith("FAILED ")]
    return done.returncode, failed[0] if failed else "\n".join(lines[-15:])


def killed_by(folder: Path, mutant: Mutant) -> str:
    """The test that noticed the mutant; empty if none did."""
    code, told = run_tests(folder, mutant.tests)
    if code == 0:
        return ""
    if code == 1:
        return told
    if code < 0:
        return f"the process died of signal {-code}"
    raise SystemExit(f"{mutant.name}: the tests did not run:\n{told}")


def attempt(folder: Path, mutant: Mutant) -> str:
    """Apply a mutant, run its tests, undo it; returns what became of it."""
    path = folder / "atc_cy" / mutant.file
    text = path.read_text()
    if text.count(mutant.old) != 1:
        raise SystemExit(
            f"{mutant.name}: the old text occurs {text.count(mutant.old)} times in {mutant.file}"
        )
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        problem = build(folder) if path.suffix == ".pxi" else ""
        if problem:
            print("\n".join(problem.splitlines()[-20:]))
            return NOT_BUILT
        return killed_by(folder, mutant) or SURVIVED
    finally:
        path.write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*", help="of the mutants' names")
    parser.add_argument("--keep", type=Path, help="an empty or new folder for the copy")
    options = parser.parse_args()
    # Python first: as long as no kernel was changed, the first build serves.
    chosen = [own for own in MUTANTS if not options.words or any(word in own.name for word in options.words)]
    chosen.sort(key=lambda own: own.file.endswith(".pxi"))
    folder = options.keep or Path(tempfile.mkdtemp(prefix="mutants-"))
    results = []
    try:
        copy_project(folder, best_level())
        if problem := build(folder):
            raise SystemExit(problem)
        code, told = run_tests(folder, " or ".join(sorted({f"({own.tests})" for own in chosen})))
        if code:
            raise SystemExit(f"the tests do not pass without a mutant:\n{told}")
        for mutant in chosen:
            results.append((mutant.name, attempt(folder, mutant)))
            print(*results[-1], sep=": ", flush=True)
    finally:
        if options.keep is None:
            shutil.rmtree(folder)
    width = max((len(name) for name, _ in results), default=0)
    print()
    for name, killer in results:
        print(f"{name:{width}}  {killer}")
    if any(killer in (SURVIVED, NOT_BUILT) for _, killer in results):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
