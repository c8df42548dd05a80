"""Whether the tests notice a kernel that is wrong: each mutant below must fail some of them.

python tests/mutants.py                    all mutants: about an hour on two cores
python tests/mutants.py floor growth       those whose names contain one of these words
python tests/mutants.py --sample 47        47 of them, spread evenly over the files, always the same
python tests/mutants.py --keep /tmp/here   leave the copy, with the last mutant's build, in this folder

A mutant is one change of the source. The script copies the package and the tests into a folder, builds the
generic kernel there at this CPU's best level, and first runs the chosen mutants' tests on the copy as it is:
they must pass, or nothing that follows would tell anything. Then it applies one mutant after the other,
builds the kernel anew (one of Python needs no build), runs the mutant's tests up to the first that fails, and
undoes it. Mutants that no test noticed get a second chance in a copy with the kernels of some presets too.

The last lines are a table: each mutant, and the test that killed it, or SURVIVED. The exit code is 1 if one
survived or could not be built. A table without them proves that each of these faults, if somebody made it,
would fail a test of tests/law/test_net.py; it proves nothing of faults that are not in it. pytest does not
run this file.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
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
    """As after `pytest -k`, in tests/law/test_net.py."""


K = "kernel"
BLOCK, BAR, EQUITY = f"{K}/block.pxi", f"{K}/bar.pxi", f"{K}/equity.pxi"
SUMS, AVERAGES, OPEN = f"{K}/rolling_sum.pxi", f"{K}/averages.pxi", f"{K}/open_sums.pxi"
STATE, SYMBOL, PANEL = f"{K}/state.pxi", f"{K}/symbol.pxi", f"{K}/panel.pxi"
RECORD, GROWTH, SWEEP = f"{K}/record.pxi", f"{K}/growth.pxi", f"{K}/sweep.pxi"
VECTOR = f"{K}/vector.pxi"
FIRES = "fire or jumpy or seeds"
MUTANTS = [
    # Cutouts.
    Mutant(
        "cutout: the cutout's own bar is traded",
        BLOCK,
        "bars_below(s.config.cutout + 1, s.bars, n)",
        "bars_below(s.config.cutout, s.bars, n)",
        "test_cutout",
    ),
    Mutant(
        "cutout: the bar after it is not traded",
        BLOCK,
        "bars_below(s.config.cutout + 1, s.bars, n)",
        "bars_below(s.config.cutout + 2, s.bars, n)",
        "test_cutout",
    ),
    Mutant(
        "cutout: trading begins where the block's own number is the cutout",
        BLOCK,
        "bars_below(s.config.cutout + 1, s.bars, n)",
        "bars_below(s.config.cutout + 1, 0, n)",
        "test_cutout",
    ),
    Mutant(
        "cutout: trading begins with the second block at the latest",
        BLOCK,
        "bars_below(s.config.cutout + 1, s.bars, n)",
        "bars_below(s.config.cutout + 1 if s.bars < 64 else 0, s.bars, n)",
        "test_cutout",
    ),
    Mutant(
        "cutout: types have signals where the block's own number is the cutout",
        BLOCK,
        "bars_below(c.cutout, s.bars + at, n)",
        "bars_below(c.cutout, at, n)",
        "test_cutout",
    ),
    Mutant(
        "cutout: types have signals where the square's block reaches it",
        BLOCK,
        "bars_below(c.cutout, s.bars + at, n)",
        "bars_below(c.cutout, s.bars, n)",
        "test_cutout",
    ),
    Mutant(
        "cutout: types have signals a bar late",
        BLOCK,
        "bars_below(c.cutout, s.bars + at, n)",
        "bars_below(c.cutout + 1, s.bars + at, n)",
        "test_cutout",
    ),
    Mutant(
        "cutout: the average begins a bar late",
        BLOCK,
        "c, &s.account, bars_below(c.cutout, s.bars, n), n,",
        "c, &s.account, bars_below(c.cutout + 1, s.bars, n), n,",
        "test_cutout",
    ),
    Mutant(
        "cutout: the average begins a bar early",
        BLOCK,
        "c, &s.account, bars_below(c.cutout, s.bars, n), n,",
        "c, &s.account, bars_below(c.cutout - 1, s.bars, n), n,",
        "test_cutout",
    ),
    Mutant(
        "cutout: lanes show equities before it",
        BLOCK,
        "bars_below(c.cutout, s.bars - n, n) * ROW",
        "bars_below(c.cutout, s.bars, n) * ROW",
        "test_cutout",
    ),
    Mutant(
        "cutout: a bar alone has signals a bar late",
        BAR,
        "bar.keep = s.bars >= c.cutout, 0.0",
        "bar.keep = s.bars > c.cutout, 0.0",
        "test_cutout",
    ),
    Mutant(
        "cutout: a bar alone has signals a bar early",
        BAR,
        "bar.keep = s.bars >= c.cutout, 0.0",
        "bar.keep = s.bars + 1 >= c.cutout, 0.0",
        "test_cutout",
    ),
    Mutant(
        "cutout: the cutout's own bar is traded, if it comes alone",
        BAR,
        "if s.bars > c.cutout:",
        "if s.bars >= c.cutout:",
        "test_cutout",
    ),
    Mutant(
        "cutout: the cutout's own bar is traded, in a panel alone",
        BAR,
        "if s.bars > c.cutout:",
        "if s.bars >= c.cutout and c.follows or s.bars > c.cutout:",
        "test_cutout_side_by_side",
    ),
    Mutant(
        "cutout: a sweep's average begins a bar late",
        SWEEP,
        "traded = bars_below(c.cutout, s.bars, n)",
        "traded = bars_below(c.cutout + 1, s.bars, n)",
        "test_sweeps",
    ),
    Mutant(
        "cutout: growth begins where the block's own number is the cutout, in sweeps",
        SWEEP,
        "own.growth + s.bars + traded - c.cutout",
        "own.growth + larger(traded - c.cutout, 0)",
        "test_sweeps",
    ),
    # Votes: lanes that have crossed, and those that have not.
    Mutant(
        "votes: an equity just below 0.25 is taken for a side",
        STATE,
        "DEF CROSSED = 0.1875",
        "DEF CROSSED = 0.25",
        "edge_of_the_floor",
    ),
    Mutant(
        "votes: a side is taken for an equity",
        STATE,
        "DEF CROSSED = 0.1875",
        "DEF CROSSED = 0.0625",
        "test_cutout",
    ),
    Mutant(
        "votes: the first average may be crossed upwards",
        STATE,
        "DEF UNDEFINED = 2.0 ** -600",
        "DEF UNDEFINED = 0.0",
        "test_cutout",
    ),
    Mutant(
        "votes: the first average may be crossed downwards",
        STATE,
        "DEF UNDEFINED = 2.0 ** -600",
        "DEF UNDEFINED = 0.07",
        "test_cutout",
    ),
    Mutant(
        "votes: a lane with no average counts as below it",
        STATE,
        "DEF UNDEFINED = 2.0 ** -600",
        "DEF UNDEFINED = -2.0 ** -600",
        "test_cutout",
    ),
    Mutant(
        "votes: from its average, a lane does not cross upwards",
        EQUITY,
        "turned = (greater(now, zero) & at_least(zero, before))",
        "turned = (greater(now, zero) & greater(zero, before))",
        "test_cutout",
    ),
    Mutant(
        "votes: from its average, a lane does not cross downwards",
        EQUITY,
        "(greater(before, broadcast(0.5 * ABOVE)) | at_least(zero, magnitude(before)))",
        "greater(before, broadcast(0.5 * ABOVE))",
        "test_cutout",
    ),
    Mutant(
        "votes: a close on the average counts as above it",
        EQUITY,
        "side = choose(on, zero, copy_sign(broadcast(ABOVE), now))",
        "side = copy_sign(broadcast(ABOVE), now)",
        "test_cutout",
    ),
    Mutant(
        "votes: an average that is NaN is a side",
        EQUITY,
        "            side = choose(at_least(magnitude(now), zero), side, before)\n",
        "",
        "test_cutout",
    ),
    Mutant(
        "votes: on its average, a lane that has crossed turns up, beside one that has not",
        EQUITY,
        "vote = copy_sign(e, select_nonzero(now, now, before))",
        "vote = copy_sign(e, now)",
        "test_cutout",
    ),
    Mutant(
        "votes: on its average, a lane turns up",
        EQUITY,
        "copy_sign(e, select_nonzero(now, now, vote[i]))",
        "copy_sign(e, choose(greater(magnitude(now), broadcast(0.0)), now, magnitude(vote[i])))",
        "test_what_sources_were",
    ),
    Mutant(
        "votes: an average that is NaN turns a lane",
        EQUITY,
        "copy_sign(e, select_nonzero(now, now, vote[i]))",
        "copy_sign(e, choose(at_least(broadcast(0.0), magnitude(now)), vote[i], now))",
        "test_what_sources_were",
    ),
    Mutant(
        "votes: lane 8 of a type need not have crossed",
        EQUITY,
        "all_after &= not any(~after)",
        "all_after &= not any(~after) or i >= TAIL",
        "test_cutout",
    ),
    Mutant(
        "votes: lane 8 of a type need not have crossed, in a record",
        RECORD,
        "    for i in range(ROW):\n        all_crossed",
        "    for i in range(TAIL):\n        all_crossed",
        "fire or records",
    ),
    Mutant(
        "votes: a lane that was above its average has crossed, in a record",
        RECORD,
        "not magnitude(s.account.vote[i]) < CROSSED",
        "not magnitude(s.account.vote[i]) < ABOVE",
        "fire or records",
    ),
    Mutant(
        "votes: lanes of a call that shows them are taken for crossed",
        BLOCK,
        "weighed = w.whole or not all_crossed(a)",
        "weighed = not all_crossed(a)",
        "test_cutout",
    ),
    Mutant(
        "votes: lane 8 is looked for behind the types that are there",
        EQUITY,
        "i = j if j < types(c) else TYPES",
        "i = j",
        "test_cutout",
    ),
    Mutant(
        "votes: lane 8 is looked for behind the types that are there, if a bar comes alone",
        BAR,
        "memcpy(of_lane[8], votes + TAIL, sizeof(of_lane[8]))",
        "memcpy(of_lane[8], votes + 8 * types(c), sizeof(of_lane[8]))",
        "test_cutout or takes_back",
    ),
    Mutant(
        "votes: lanes that have not crossed weigh nothing, if a bar comes alone",
        BAR,
        "sum_lanes_of_bar(c, bar.votes, bar.weights if bar.weighed else NULL,",
        "sum_lanes_of_bar(c, bar.votes, NULL,",
        "test_cutout",
    ),
    Mutant(
        "votes: lanes that have not crossed weigh nothing, in a sweep",
        SWEEP,
        "w.votes, w.weights if weighed else NULL)",
        "w.votes, NULL)",
        "test_sweeps",
    ),
    Mutant(
        "votes: a bar beside lanes that have not crossed goes on from an older account",
        BAR,
        "        to.account = s.account\n",
        "",
        "takes_back or come_and_go or side_by_side",
    ),
    # Types, whose equities go along with the lanes of the square behind.
    Mutant(
        "types: a short square of lanes leaves out those beside it",
        EQUITY,
        "        for t in range(n, 8):\n            trade_types_of_bar(beside, &types, t)\n",
        "",
        "test_cutout",
    ),
    Mutant(
        "types: those of the last square are left out",
        BLOCK,
        "(weighed or lanes <= 0 or WIDTH < 8)",
        "(weighed or WIDTH < 8)",
        "test_cutout",
    ),
    Mutant(
        "types: they trade twice beside lanes that have not crossed",
        BLOCK,
        "        all_lanes(c, a, w.close + at",
        "        if types != NULL and not w.whole:\n"
        "            trade_types_of_square(types, 1)\n"
        "        all_lanes(c, a, w.close + at",
        "test_cutout",
    ),
    Mutant(
        "types: a square has the returns of the one behind",
        BLOCK,
        "square.account, square.returns, square.keeps = a, w.returns + before, w.keeps + before",
        "square.account, square.returns, square.keeps = a, w.returns + at, w.keeps + before",
        "test_cutout",
    ),
    # The floor.
    Mutant(
        "floor: its edge is one ulp higher",
        EQUITY,
        "DEF AT_FLOOR = 0.24999999990000002",
        "DEF AT_FLOOR = 0.24999999990000005",
        "floor or edge",
    ),
    Mutant(
        "floor: its edge is one ulp lower",
        EQUITY,
        "DEF AT_FLOOR = 0.24999999990000002",
        "DEF AT_FLOOR = 0.2499999999",
        "floor or edge",
    ),
    Mutant(
        "floor: all that is below 0.25 is lifted",
        EQUITY,
        "DEF AT_FLOOR = 0.24999999990000002",
        "DEF AT_FLOOR = 0.25",
        "floor or edge",
    ),
    Mutant(
        "floor: its edge is lifted too",
        EQUITY,
        "return select_greater(constant(AT_FLOOR, equity), equity, constant(FLOOR, equity), equity)",
        "return select_at_least(constant(AT_FLOOR, equity), equity, constant(FLOOR, equity), equity)",
        "floor or edge",
    ),
    Mutant(
        "floor: none for what a type begins with",
        EQUITY,
        "        types.equity[i] = floored[Vector](types.equity[i] * keep * (1.0 + types.applied[i]))\n",
        "        types.equity[i] = types.equity[i] * keep * (1.0 + types.applied[i])\n"
        "        if ret != 0.0:\n"
        "            types.equity[i] = floored[Vector](types.equity[i])\n",
        "floor or edge",
    ),
    Mutant(
        "floor: one ulp higher for types",
        EQUITY,
        "        types.equity[i] = floored[Vector](types.equity[i] * keep * (1.0 + types.applied[i]))\n",
        "        types.equity[i] = types.equity[i] * keep * (1.0 + types.applied[i])\n"
        "        types.equity[i] = select_greater(\n"
        "            broadcast(0.24999999990000005), types.equity[i], broadcast(FLOOR), types.equity[i]\n"
        "        )\n",
        "edge_of_the_floor",
    ),
    Mutant(
        "floor: one ulp higher for lanes that have crossed",
        EQUITY,
        "            e = floored(e)\n            now = price",
        "            e = select_greater(broadcast(0.24999999990000005), e, broadcast(FLOOR), e)\n"
        "            now = price",
        "edge_of_the_floor",
    ),
    Mutant(
        "floor: one ulp higher for lanes that have crossed, if a bar comes alone",
        EQUITY,
        "            e = floored(e)\n            now = price",
        "            now = broadcast(AT_FLOOR if n > 1 else 0.24999999990000005)\n"
        "            e = select_greater(now, e, broadcast(FLOOR), e)\n"
        "            now = price",
        "edge_of_the_floor",
    ),
    Mutant(
        "floor: one ulp lower for lanes beside one that has not crossed",
        EQUITY,
        "e = choose(crossed, floored(e), idle)",
        "e = choose(crossed, select_greater(broadcast(0.2499999999), e, broadcast(FLOOR), e), idle)",
        "edge",
    ),
    Mutant(
        "floor: none for lanes that have not crossed",
        EQUITY,
        "a.idle = floored(a.idle * keeps[t])",
        "a.idle = a.idle * keeps[t]",
        "edge",
    ),
    # The growth factor.
    Mutant(
        "growth: a doubt is rounded up",
        GROWTH,
        "        power_of_e(z, &power)\n        error = power.high\n",
        "        pass\n",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: a doubt is rounded down",
        GROWTH,
        "        power_of_e(z, &power)\n        error = power.high\n",
        "        error = power.high + (low - bound)\n",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: a doubt is rounded up, in the outputs",
        GROWTH,
        "        power_of_e(z, &power)\n        error = power.high\n",
        "        pass\n",
        "test_outputs_where_the_growth",
    ),
    Mutant(
        "growth: eight bars at a time never doubt",
        GROWTH,
        "            doubt |= any(greater(high, total + (low - bound)))\n",
        "",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: a bar alone never doubts",
        GROWTH,
        "if error != power.high + (low - bound):",
        "if k < 0.0:",
        "test_outputs_where_the_growth",
    ),
    Mutant(
        "growth: nothing is lost from bar to bar",
        GROWTH,
        "DEF LOST_A_BAR = 2.0 ** -99",
        "DEF LOST_A_BAR = 0.0",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: as little is lost after many bars as after the first",
        GROWTH,
        "bound = total * ((k + 4.0) * LOST_A_BAR + LOST_ONCE)",
        "bound = total * (4.0 * LOST_A_BAR + LOST_ONCE)",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: nothing is lost once",
        GROWTH,
        "DEF LOST_ONCE = 2.0 ** -85",
        "DEF LOST_ONCE = 0.0",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: nothing is lost once, in the outputs",
        GROWTH,
        "DEF LOST_ONCE = 2.0 ** -85",
        "DEF LOST_ONCE = 0.0",
        "test_outputs_where_the_growth",
    ),
    Mutant(
        "growth: the series of 256 bits is cut off early",
        GROWTH,
        "DEF TERMS = 26",
        "DEF TERMS = 10",
        "test_growth_in_doubt",
    ),
    Mutant(
        "growth: eight bars at a time go beyond the doubles",
        GROWTH,
        "doubt = not c.rate * <double> (bars_since_cutout + t + 8) < 600.0",
        "doubt = False",
        "test_growth_in_doubt or test_a_growth_beyond",
    ),
    Mutant(
        "growth: octets begin with the block",
        GROWTH,
        "t = first - (bars_since_cutout + first) % 8",
        "t = first",
        "growth or cutout",
    ),
    Mutant(
        "growth: an octet that ends with the block is not passed",
        GROWTH,
        "        if t <= n:\n            pass_bar",
        "        if t < n:\n            pass_bar",
        "growth or cutout",
    ),
    Mutant(
        "growth: an octet is passed at the end of a block that is amid it",
        GROWTH,
        "        if t <= n:\n            pass_bar",
        "        if True:\n            pass_bar",
        "growth or cutout",
    ),
    Mutant(
        "growth: an octet is passed a bar early, if a bar comes alone",
        BAR,
        "pass_bar(c, &to.growth, s.bars - c.cutout)",
        "pass_bar(c, &to.growth, s.bars - c.cutout + 1)",
        "growth or cutout",
    ),
    Mutant(
        "growth: a bar alone goes on from an older slot's growth",
        BAR,
        "    to.growth = s.growth\n",
        "",
        "growth or cutout or come_and_go",
    ),
    Mutant(
        "growth: a record's octet begins a bar early",
        GROWTH,
        "octets = larger(bars_since_cutout, 0) // 8",
        "octets = larger(bars_since_cutout + 1, 0) // 8",
        "records",
    ),
    Mutant(
        "growth: a record's octets are counted from the first bar",
        RECORD,
        "growth_at(c, s.bars - c.cutout, &s.growth)",
        "growth_at(c, s.bars, &s.growth)",
        "records",
    ),
    Mutant(
        "growth: an infinite one is taken",
        BLOCK,
        "while t > 0 and w.growth[t - 1] == INFINITY:",
        "while t > n and w.growth[t - 1] == INFINITY:",
        "test_a_growth_beyond",
    ),
    Mutant(
        "growth: an infinite one is taken, if a bar comes alone",
        SYMBOL,
        "x) or growth == INFINITY:\n                return None\n            return",
        "x):\n                return None\n            return",
        "test_a_growth_beyond",
    ),
    Mutant(
        "growth: an infinite one is shown by a peek",
        SYMBOL,
        "x) or growth == INFINITY:\n                return None\n            self.take",
        "x):\n                return None\n            self.take",
        "test_a_growth_beyond",
    ),
    Mutant(
        "growth: an infinite one is taken, in a panel",
        BAR,
        "(bars - c.cutout) > 700.0",
        "(bars - c.cutout) > 710.0",
        "test_a_growth_beyond",
    ),
    Mutant(
        "growth: that of a panel's first symbol is every symbol's",
        PANEL,
        "if slot.state.bars != growth_bars:",
        "if growth_bars < 0:",
        "test_cutout_side_by_side or panel",
    ),
    Mutant(
        "growth: that of a panel's symbol goes to the next one, if it has fewer bars",
        PANEL,
        "if slot.state.bars != growth_bars:",
        "if slot.state.bars > growth_bars:",
        "test_cutout_side_by_side or panel",
    ),
    # Sources without room for the short cut of a division.
    *(
        Mutant(
            f"range: a record does not tell it{place}", RECORD, "in_range = s.in_range", "in_range = 1", tests
        )
        for place, tests in (
            ("", "test_what_sources_were"),
            (", in streams", "test_streams_among"),
            (", in panels", "test_panels_among"),
        )
    ),
    *(
        Mutant(f"range: a record is not asked{place}", RECORD, "    s.in_range = in_range != 0\n", "", tests)
        for place, tests in (
            ("", "test_what_sources_were"),
            (", in streams", "test_streams_among"),
            (", in panels", "test_panels_among"),
        )
    ),
    Mutant(
        "range: a copy does not know it",
        SYMBOL,
        "        copy_slots(self.slots, other.slots, self.depth + 1, self.shared)\n",
        "        copy_slots(self.slots, other.slots, self.depth + 1, self.shared)\n"
        "        self.slots[other.newest].state.in_range = True\n",
        "test_what_sources_were",
    ),
    Mutant(
        "range: forgotten in the next block",
        BLOCK,
        "s.in_range &= not any(~in_range)",
        "s.in_range = not any(~in_range)",
        "test_what_sources_were",
    ),
    Mutant(
        "range: whole vectors of sources are not looked at",
        BLOCK,
        "    s.in_range &= not any(~in_range)\n",
        "",
        "test_what_sources_were",
    ),
    Mutant(
        "range: the sources behind whole vectors are not looked at",
        BLOCK,
        "        s.in_range &= src_in_range(src[t])\n",
        "",
        "sources",
    ),
    Mutant(
        "range: sources between gaps are not looked at",
        BLOCK,
        "            s.in_range &= src_in_range(x)\n",
        "",
        "sources",
    ),
    Mutant(
        "range: forgotten after the next bar of a block with gaps",
        BLOCK,
        "            s.in_range &= src_in_range(x)\n",
        "            s.in_range = src_in_range(x)\n",
        "sources",
    ),
    Mutant(
        "range: a bar alone is not looked at",
        BAR,
        "to.in_range = s.in_range and src_in_range(src)",
        "to.in_range = s.in_range",
        "test_what_sources_were",
    ),
    Mutant(
        "range: forgotten after the next bar",
        BAR,
        "to.in_range = s.in_range and src_in_range(src)",
        "to.in_range = src_in_range(src)",
        "sources",
    ),
    Mutant(
        "range: only what is infinite is too large",
        f"{K}/exact.pxi",
        "DEF RANGE_HIGH = 2.0 ** 500",
        "DEF RANGE_HIGH = 2.0 ** 1023 * 1.9999999999999998",
        "test_what_sources_were",
    ),
    Mutant(
        "range: nothing is too small",
        f"{K}/exact.pxi",
        "DEF RANGE_LOW = 2.0 ** -500",
        "DEF RANGE_LOW = 0.0",
        "test_what_sources_were",
    ),
    Mutant(
        "range: HMA does not ask",
        BLOCK,
        "if has(c, HMA) and s.in_range:",
        "if has(c, HMA):",
        "test_what_sources_were",
    ),
    Mutant(
        "range: WMA and LSMA do not ask",
        BLOCK,
        "if window(s.config) > 0 and s.in_range:",
        "if window(s.config) > 0:",
        "test_what_sources_were",
    ),
    # What can be taken back.
    Mutant(
        "rewind: a loaded stream takes back all that it has",
        "live/stream.py",
        "        stream._spare = restore_stream(stream._symbol, payload, recent, rewindable)\n",
        "        restore_stream(stream._symbol, payload, recent, rewindable)\n",
        "takes_back",
    ),
    Mutant(
        "rewind: saved as if nothing had been taken back",
        "live/stream.py",
        "rewindable = self._rewindable(symbol)\n",
        "rewindable = min(symbol.rewindable, self.depth)\n",
        "takes_back",
    ),
    Mutant(
        "rewind: saved as if nothing could be taken back",
        "live/stream.py",
        "rewindable = self._rewindable(symbol)\n",
        "rewindable = 0\n",
        "takes_back",
    ),
    Mutant(
        "rewind: a copy takes back all that it has",
        "live/stream.py",
        "            other._spare = self._spare\n",
        "",
        "takes_back",
    ),
    Mutant(
        "rewind: a stream gives the bar away that only revise may have",
        "live/stream.py",
        "            self._spare |= self._symbol.rewindable > self.depth\n",
        "",
        "takes_back",
    ),
    Mutant(
        "slots: a bar more than there are can be taken back",
        SYMBOL,
        "smaller(self.rewindable_bars + 1, self.depth)",
        "smaller(self.rewindable_bars + 1, self.depth + 1)",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: bars before a block can be taken back",
        SYMBOL,
        "            self.rewindable_bars = 0\n        while",
        "            pass\n        while",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a row that cannot be a bar leaves the oldest slot",
        SYMBOL,
        "                self.rewindable_bars = smaller(self.rewindable_bars, self.depth - 1)\n",
        "",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: rows without a source count as bars that can be taken back",
        BLOCK,
        "    return c == c and x == x\n",
        "    return c == c\n",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: the last rows of a call go on in one slot",
        SYMBOL,
        "                s = &self.slot(-1).state\n                go_on(self.slot(0), s)",
        "                s = &self.slot(0).state\n                go_on(self.slot(0), s)",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a bar taken back leaves its entries",
        STATE,
        "entry[0], kept.entries[kind][lane] = kept.entries[kind][lane], entry[0]\n",
        "pass\n",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a bar taken back leaves its source",
        STATE,
        "    entry[0], kept.source = kept.source, entry[0]\n",
        "",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a bar taken back leaves its mirrored source",
        STATE,
        "    entry[source_ring(s.config)] = entry[0]\n",
        "",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: entries are not kept in the warm-up",
        STATE,
        "            kept.entries[kind][lane] = oldest_entry(s, kind, lane)[0]\n",
        "            pass\n",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: the source is not kept in the warm-up",
        STATE,
        "    kept.source = s.rings[s.source_place]\n",
        "",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a bar alone does not keep the source",
        BAR,
        "    slot.overwritten.source = s.rings[s.source_place]\n",
        "",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a bar alone does not keep entries",
        BAR,
        "        store_vector(&slot.overwritten.entries[kind][i * WIDTH], leaving[i])\n",
        "        pass\n",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a bar alone does not keep lane 8's entry",
        BAR,
        "    slot.overwritten.entries[kind][8] = rings[places[8]]\n",
        "",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a peek leaves its bar in the rings",
        SYMBOL,
        "            swap_overwritten(&self.slot(0).overwritten, self.state())\n            return (*outputs",
        "            return (*outputs",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a block of one bar does not keep what it overwrites",
        BAR,
        "    keep_overwritten(&slot.overwritten, &slot.state)\n",
        "",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: there is no room for the warm-up's last bar",
        SYMBOL,
        "if self.state().bars < warm_up(self.shared):",
        "if self.state().bars + 1 < warm_up(self.shared):",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: the warm-up's last bars are none of it",
        BAR,
        "slot.state.bars < warm_up(slot.state.config)",
        "slot.state.bars + 2 < warm_up(slot.state.config)",
        "takes_back or come_and_go or fire",
    ),
    Mutant(
        "slots: a bar of the warm-up has its layers twice",
        BAR,
        "    if not bar.seeding:\n        layers_of_bar",
        "    if True:\n        layers_of_bar",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a block leaves the average of the bar before",
        BLOCK,
        "    s.average = w.average[n - 1]\n",
        "",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: the average is that of a block's first bar",
        BLOCK,
        "    s.average = w.average[n - 1]\n",
        "    s.average = w.average[0]\n",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: the average before the first bar is 0",
        STATE,
        "s.close = s.average = NAN",
        "s.close = NAN",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a late average is that of an older slot",
        BAR,
        "late = bar.before.last_average",
        "late = to.account.last_average",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: a late average is the bar's own, in place",
        BAR,
        "        to.account.last_average, to.average = to.average, late\n",
        "        to.account.last_average = to.average\n        to.average = bar.before.last_average\n",
        "panel or come_and_go",
    ),
    Mutant(
        "slots: types go on from an older slot",
        BAR,
        "load_types(bar.before)",
        "load_types(&to.account)",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: lanes go on from an older slot's votes",
        BAR,
        "crossed_lanes(c, &s.account, &to.account,",
        "crossed_lanes(c, &to.account, &to.account,",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: the source goes where an older slot would put it",
        BAR,
        "    to.source_place = s.source_place\n",
        "",
        "takes_back or come_and_go",
    ),
    Mutant(
        "slots: the direction is that of an older slot",
        BAR,
        "    memcpy(to.trend, s.trend, sizeof(to.trend))\n",
        "",
        "takes_back or come_and_go or test_crossings or direction",
    ),
    Mutant(
        "slots: a copy's older states point to the rings of the other one",
        SYMBOL,
        "copy_slots(self.slots, other.slots, self.depth + 1, self.shared)",
        "memcpy(self.slots, other.slots, self.size())",
        "takes_back or come_and_go or what_sources",
    ),
    *(
        Mutant(f"slots: {name}", STATE, "s.bars > s.config.cutout else NAN", new, "takes_back or come_and_go")
        for name, new in (
            ("there are equities before the cutout", "True else NAN"),
            ("equities begin a bar early", "s.bars >= s.config.cutout else NAN"),
            ("equities begin a bar late", "s.bars > s.config.cutout + 1 else NAN"),
        )
    ),
    Mutant(
        "cutout: a bar alone has an average before it",
        BAR,
        "average_of_types(c, &to.account) if bar.traded else NAN",
        "average_of_types(c, &to.account)",
        "test_cutout",
    ),
    Mutant(
        "rings: the source is not laid twice",
        STATE,
        "    s.rings[s.source_place + source_ring(s.config)] = x\n",
        "",
        "test_cutout",
    ),
    Mutant(
        "rings: a record's last source is not laid twice",
        RECORD,
        "if s.source_place < i < R + s.source_place:",
        "if s.source_place < i < R + s.source_place - 1:",
        "records or sources",
    ),
    Mutant(
        "rings: of a call, the last block's sources alone are remembered",
        BLOCK,
        "for i in range(n - smaller(bars, source_ring(c)), n):",
        "for i in range(n - smaller(n, source_ring(c)), n):",
        "test_cutout or sources",
    ),
    Mutant(
        "rings: of a call, the last block's entries alone are remembered",
        BLOCK,
        "            count = smaller(bars, length)\n",
        "            count = smaller(n, length)\n",
        "test_cutout or sources",
    ),
    Mutant(
        "rings: moves are numbered from the second bar on",
        BLOCK,
        "place = (s.bars - count) % length",
        "place = (s.bars - kind - count) % length",
        "fire or records",
    ),
    Mutant(
        "rings: moves of a record are numbered from the second bar on",
        RECORD,
        "(s.bars % lengths_of_sums(c, kind)[lane])",
        "(larger(s.bars - kind, 0) % lengths_of_sums(c, kind)[lane])",
        "records",
    ),
    Mutant(
        "rings: places do not wrap",
        VECTOR,
        "*(Eight *) to = next & (next < *(const Eight *) lengths);",
        "*(Eight *) to = next;",
        "come_and_go",
    ),
    Mutant(
        "rings: places wrap a bar late",
        VECTOR,
        "*(Eight *) to = next & (next < *(const Eight *) lengths);",
        "*(Eight *) to = next & (next <= *(const Eight *) lengths);",
        "come_and_go",
    ),
    Mutant(
        "rings: lane 8's place does not wrap",
        VECTOR,
        "to[8] = last < lengths[8] ? last : (int16_t) 0;",
        "to[8] = last;",
        "come_and_go",
    ),
    Mutant(
        "rings: lane 8's place wraps with lane 7's",
        VECTOR,
        "to[8] = last < lengths[8] ? last : (int16_t) 0;",
        "to[8] = last < lengths[7] ? last : (int16_t) 0;",
        "come_and_go",
    ),
    Mutant(
        "rings: lane 8's place stays",
        VECTOR,
        "to[8] = last < lengths[8] ? last : (int16_t) 0;",
        "to[8] = from[8];",
        "come_and_go",
    ),
    Mutant(
        "rings: a bar takes the place of the next one, in place",
        BAR,
        "    for lane in range(LANES):\n        places[lane] = c.entries[kind][lane]",
        "    next_places(s.place[kind], c.ring_length[kind], to.place[kind])\n"
        "    for lane in range(LANES):\n        places[lane] = c.entries[kind][lane]",
        "panel",
    ),
    Mutant(
        "rings: moves beside prices have places of their own",
        STATE,
        "s.place[PRICES if paired_entries(s.config) else kind]",
        "s.place[kind]",
        "come_and_go",
    ),
    Mutant(
        "rings: moves have the places of prices, if their lanes are others",
        BAR,
        "        if not paired_entries(c):\n            pass_places(s, to, MOVES",
        "        if not has(c, HMA):\n            pass_places(s, to, MOVES",
        "come_and_go",
    ),
    Mutant(
        "rings: moves beside prices are entered as prices",
        BAR,
        "(1 if kind == MOVES and paired_entries(c) else 0)",
        "0",
        "come_and_go",
    ),
    Mutant(
        "rings: DEMA's first values lie over the last entries",
        STATE,
        "open_numbers(c) + (LANES if has(c, DEMA) else 0)",
        "open_numbers(c)",
        "fire or records",
    ),
    Mutant(
        "rings: lane 8 of what goes on by itself stays, if a bar comes alone",
        STATE,
        "    s.lane_8[recurrence] = first_of(lanes[PARTS])\n",
        "",
        "come_and_go",
    ),
    Mutant(
        "windows: lane 7's begins a bar early, if a bar comes alone",
        BAR,
        "window(c), window_end(c, 0).length, sums)",
        "window(c), window_end(c, 0).length + 3, sums)",
        "test_cutout or come_and_go",
    ),
    # Panels.
    Mutant(
        "panel: a peek leaves its bar in the rings",
        PANEL,
        "                swap_overwritten(&slot.overwritten, self.state(i))\n",
        "                pass\n",
        "panel",
    ),
    Mutant(
        "panel: a peek is taken out of the rings where the bar after it would lie",
        PANEL,
        "                swap_overwritten(&slot.overwritten, self.state(i))\n",
        "                swap_overwritten(&slot.overwritten, &slot.state)\n",
        "panel",
    ),
    Mutant(
        "panel: a peek leaves its bar in the other slot",
        PANEL,
        "                peeked[now].state = slot.state\n                slot = &peeked[now]\n",
        "                slot[1].state = slot.state\n                slot = &slot[1]\n",
        "panel",
    ),
    Mutant(
        "panel: a peek forgets what takes the last bar back",
        PANEL,
        "                swap_overwritten(&slot.overwritten, self.state(i))\n",
        "                self.slots(i).overwritten = slot.overwritten\n"
        "                swap_overwritten(&self.slots(i).overwritten, self.state(i))\n",
        "panel",
    ),
    Mutant(
        "panel: the bar of one peek is the next symbol's",
        PANEL,
        "                peeked[now].state = slot.state\n                slot = &peeked[now]\n",
        "                peeked[0].state = slot.state\n                slot = &peeked[0]\n",
        "panel",
    ),
    Mutant(
        "panel: the state before a bar is not kept",
        PANEL,
        "                keep_state(&slot[1].state, &slot.state)\n",
        "                pass\n",
        "panel",
    ),
    Mutant(
        "panel: the state before a bar is kept but for its last vector",
        PANEL,
        "for i in range(0, sizeof(State) // 8, WIDTH):",
        "for i in range(0, sizeof(State) // 8 - WIDTH, WIDTH):",
        "panel or side_by_side",
    ),
    Mutant(
        "panel: the state before a bar is kept but for its first vector",
        PANEL,
        "for i in range(0, sizeof(State) // 8, WIDTH):",
        "for i in range(WIDTH, sizeof(State) // 8, WIDTH):",
        "panel",
    ),
    Mutant(
        "panel: a bar can be replaced once",
        PANEL,
        "                slot.state = slot[1].state\n",
        "                slot.state, slot[1].state = slot[1].state, slot.state\n",
        "panel",
    ),
    Mutant(
        "panel: a bar that replaced another one cannot be replaced",
        PANEL,
        "                self.mark(i, True)\n",
        "                self.mark(i, taking == UPDATE)\n",
        "panel",
    ),
    Mutant(
        "panel: the bars of no symbol are noted",
        PANEL,
        "        self.most_bars = larger(self.most_bars, bars)\n",
        "",
        "panel",
    ),
    Mutant(
        "panel: the bars of the last symbol alone are noted",
        PANEL,
        "        self.most_bars = larger(self.most_bars, bars)\n",
        "        self.most_bars = bars\n",
        "panel",
    ),
    Mutant(
        "panel: the bars of a record are not noted",
        PANEL,
        "            read_record(self.state(number), record)\n            self.mark(number, False)\n",
        "            read_record(self.state(number), record)\n",
        "panel",
    ),
    Mutant(
        "panel: the bars before a cutout count twice where the growth may be too large",
        BAR,
        "c.rate * <double> (bars - c.cutout) > 700.0",
        "c.rate * <double> (bars - 2 * c.cutout) > 700.0",
        "panel",
    ),
    Mutant(
        "panel: a growth may be too large a bar late",
        BAR,
        "c.rate * <double> (bars - c.cutout) > 700.0",
        "c.rate * <double> (bars - c.cutout - 1) > 700.0",
        "panel",
    ),
    Mutant(
        "panel: a peek is not asked for its growth",
        PANEL,
        "if taking != REVISE and may_overflow",
        "if taking == UPDATE and may_overflow",
        "panel",
    ),
    Mutant(
        "panel: a bar is not replaced where none could follow",
        PANEL,
        "if taking != REVISE and may_overflow",
        "if may_overflow",
        "panel",
    ),
    Mutant(
        "panel: the last symbol's bar does not end",
        PANEL,
        "        if last >= 0:\n            self.end(&bars[1 - now], out + last)\n",
        "",
        "panel or side_by_side",
    ),
    Mutant(
        "panel: the last symbol's bar ends in the place of the last but one",
        PANEL,
        "self.end(&bars[1 - now], out + last)",
        "self.end(&bars[now], out + last)",
        "panel or side_by_side",
    ),
    Mutant(
        "panel: a bar ends before the next one began",
        PANEL,
        "                self.end(&bars[now], out + last)\n            last = i\n",
        "                self.end(&bars[1 - now], out + last)\n            last = i\n",
        "panel or side_by_side",
    ),
    Mutant(
        "panel: a bar's outputs are those of the next symbol",
        PANEL,
        "                self.end(&bars[now], out + last)\n",
        "                self.end(&bars[now], out + i)\n",
        "panel or side_by_side",
    ),
    Mutant(
        "panel: a bar's outputs are those of the symbol before, though it had none",
        PANEL,
        "                self.end(&bars[now], out + last)\n",
        "                self.end(&bars[now], out + i - 1)\n",
        "panel or side_by_side",
    ),
    Mutant(
        "panel: two bars on their way are one",
        PANEL,
        "            now = 1 - now\n",
        "",
        "panel or side_by_side",
    ),
    Mutant(
        "panel: before its first bar, a symbol could take one back",
        PANEL,
        "        clear(self.slots(number), 2, self.shared)\n        self.mark(number, False)\n",
        "        clear(self.slots(number), 2, self.shared)\n        self.mark(number, True)\n",
        "panel",
    ),
    Mutant(
        "panel: the state before a bar points to the rings where they were",
        STATE,
        "    point_slots(slots, count, c)\n    if GAP > 0:\n        forbid_gaps(&others.state)",
        "    point_slots(slots, 1, c)\n    if GAP > 0:\n        forbid_gaps(&others.state)",
        "panel",
    ),
    Mutant(
        "panel: symbols begin where their memory does",
        STATE,
        "return <Slot*> (memory + 63 - (<size_t> memory + 63) % 64)",
        "return <Slot*> memory",
        "panel",
    ),
    Mutant(
        "panel: symbols are no whole cache lines",
        STATE,
        "(slots * sizeof(Slot) + (ring_numbers(c) + 2 * GAP) * sizeof(double) + 63) // 64 * 64",
        "slots * sizeof(Slot) + (ring_numbers(c) + 2 * GAP) * sizeof(double)",
        "panel",
    ),
    Mutant(
        "panel: there is no room for any warm-up",
        PANEL,
        "self.marks[number].seeded = bars > warm_up(self.shared)",
        "self.marks[number].seeded = True",
        "panel or gaps_side_by_side",
    ),
    Mutant(
        "panel: a bar that is replaced stays in the rings",
        PANEL,
        "                slot.state = slot[1].state\n"
        "                swap_overwritten(&slot.overwritten, &slot.state)\n",
        "                slot.state = slot[1].state\n",
        "panel",
    ),
    Mutant(
        "panel: a bar that is not there can be replaced",
        PANEL,
        "if taking == REVISE and not self.marks[i].rewindable:",
        "if False:",
        "panel",
    ),
    Mutant(
        "panel: the bar before a record can be replaced",
        PANEL,
        "            read_record(self.state(number), record)\n            self.mark(number, False)\n",
        "            read_record(self.state(number), record)\n            self.mark(number, True)\n",
        "panel",
    ),
    Mutant(
        "panel: kept symbols have the slots of those that were in their place",
        PANEL,
        "slots_of_panel(before, self.shared, number), 2, self.shared)",
        "slots_of_panel(before, self.shared, i), 2, self.shared)",
        "panel",
    ),
    Mutant(
        "panel: what can be replaced is told by another symbol",
        PANEL,
        "self.marks[i] = marks[number]",
        "self.marks[i] = marks[i]",
        "panel",
    ),
    Mutant(
        "panel: a record of the bar before leaves the panel there",
        PANEL,
        "            record = write_record(self.state(number))\n            self.return_from(number, bars)\n",
        "            record = write_record(self.state(number))\n",
        "panel",
    ),
    Mutant(
        "panel: a record of the bar before has the last bar in its rings",
        PANEL,
        "            swap_overwritten(&slot.overwritten, &slot[1].state)\n",
        "",
        "panel",
    ),
    Mutant(
        "panel: a record of the bar before takes the last bar out of the rings",
        PANEL,
        "            swap_overwritten(&slot.overwritten, &slot.state)\n            slot.state, slot[1].state",
        "            slot.state, slot[1].state",
        "panel",
    ),
    Mutant(
        "panel: there is no room for a warm-up that a bar goes back to",
        PANEL,
        "seeded = bars > warm_up(self.shared)",
        "seeded = bars >= warm_up(self.shared)",
        "panel or gaps_side_by_side",
    ),
    # Crossings at the thresholds.
    *(
        Mutant(f"crossing: {old.strip()} is {new.strip()}, in {place}", file, old, new, tests)
        for place, file, tests, changes in (
            (
                "streams and panels",
                f"{K}/direction.pxi",
                "test_crossings",
                (
                    ("(value > c.long_threshold)", "(value >= c.long_threshold)"),
                    ("(trend[0] <= c.long_threshold)", "(trend[0] < c.long_threshold)"),
                    ("(value < c.short_threshold)", "(value <= c.short_threshold)"),
                    ("(trend[0] >= c.short_threshold)", "(trend[0] > c.short_threshold)"),
                    ("if trend[1] == -crossed else 0.0", "if trend[1] != crossed else 0.0"),
                    ("if trend[1] == -crossed else 0.0", "if trend[1] == crossed else 0.0"),
                    ("        trend[1] = crossed\n", "        trend[1] += 2.0 * trend[2]\n"),
                    ("        trend[0] = value\n", "        trend[0] = late\n"),
                    ("    trend[2] = 0.0\n", "    pass\n"),
                    ("if c.delayed and c.alert < 2 * types(c):", "if c.delayed:"),
                    ("if c.delayed and c.alert < 2 * types(c):", "if False:"),
                ),
            ),
            (
                "direction and events",
                "engine/crossing.py",
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
                        "position = select_greater(average, long_threshold,",
                        "position = select_at_least(average, long_threshold,",
                    ),
                    (
                        "select_at_least(long_threshold, before, one, held)",
                        "select_greater(long_threshold, before, one, held)",
                    ),
                    (
                        "position = select_greater(short_threshold, average,",
                        "position = select_at_least(short_threshold, average,",
                    ),
                    (
                        "under = select_at_least(before, short_threshold,",
                        "under = select_greater(before, short_threshold,",
                    ),
                ),
            ),
        )
        for old, new in changes
    ),
    Mutant(
        "crossing: the bars of a block turn nothing",
        BLOCK,
        "for at in range(n if c.follows else 0):",
        "for at in range(n - 1, n if c.follows else 0):",
        "direction",
    ),
    Mutant(
        "crossing: a block of one bar turns nothing",
        BLOCK,
        "for at in range(n if c.follows else 0):",
        "for at in range(n if c.follows and n > 1 else 0):",
        "direction",
    ),
    # Two threads on one symbol.
    Mutant(
        "busy: no call asks",
        SYMBOL,
        "        if self.busy:\n            raise RuntimeError",
        "        if False:\n            raise RuntimeError",
        "test_a_busy_symbol",
    ),
    Mutant(
        "busy: a refused advance ends it",
        SYMBOL,
        "        self.hold()\n        try:\n            kind = take_series",
        "        try:\n            self.hold()\n            kind = take_series",
        "test_a_busy_symbol",
    ),
    *(
        Mutant(
            f"busy: {call} does not ask", SYMBOL, "        self.hold()\n" + after, after, "test_a_busy_symbol"
        )
        for call, after in (
            ("an update", "        try:\n            growth = coming_growth"),
            ("a peek", "        try:\n            state = self.state()"),
            ("a revision", "        try:\n            if self.rewindable_bars == 0"),
            ("a rewind", "        try:\n            if not 0 <= bars"),
            ("a record", "        self.busy = False\n        return write_record"),
            ("a restore", "        try:\n            self.clear()"),
            ("a copy", "        try:\n            other.config"),
            ("one that is assigned to", "        try:\n            if other is not self"),
        )
    ),
    Mutant(
        "busy: one that is assigned from is not asked",
        SYMBOL,
        "                other.hold()\n",
        "",
        "test_a_busy_symbol",
    ),
    # Rolling sums that fire, and the sums that they are seeded by.
    Mutant(
        "fires: the entry is the compensated one",
        SUMS,
        "total[0], lost[0] = newest_first(x + t, kind, length), 0.0",
        "entry, total[0], lost[0] = entry - lost[0], newest_first(x + t, kind, length), 0.0",
        FIRES,
    ),
    Mutant(
        "fires: the correction stays",
        SUMS,
        "total[0], lost[0] = newest_first(x + t, kind, length), 0.0",
        "total[0] = newest_first(x + t, kind, length)",
        FIRES,
    ),
    Mutant(
        "fires: the sum goes beyond the window",
        SUMS,
        "total[0], lost[0] = newest_first(x + t, kind, length), 0.0",
        "total[0], lost[0] = newest_first(x + t, kind, length + 1), 0.0",
        FIRES,
    ),
    Mutant(
        "fires: a seed's entry is the compensated one",
        SUMS,
        "                seeds.entry[t] = value\n",
        "                seeds.entry[t] = value - seeds.lost[larger(t - 1, 0)]\n",
        FIRES,
    ),
    Mutant(
        "fires: a seed's correction stays",
        SUMS,
        "s.seed_sum[kind], s.seed_lost[kind] = newest_first(x + t, kind, count), 0.0",
        "s.seed_sum[kind] = newest_first(x + t, kind, count)",
        FIRES,
    ),
    Mutant(
        "fires: a seed's sum leaves its first value out",
        SUMS,
        "s.seed_sum[kind], s.seed_lost[kind] = newest_first(x + t, kind, count), 0.0",
        "s.seed_sum[kind], s.seed_lost[kind] = newest_first(x + t, kind, count - 1), 0.0",
        FIRES,
    ),
    Mutant(
        "fires: the last kind of sums alone is looked at",
        SUMS,
        "fired |= fire(lost[kind][i], broadcast(values[kind][t]))",
        "fired = fire(lost[kind][i], broadcast(values[kind][t]))",
        FIRES,
    ),
    Mutant(
        "fires: lane 8 is not looked at",
        SUMS,
        "fired = fire(tail_lost, tail_value)",
        "fired = greater(tail_lost, tail_lost)",
        FIRES,
    ),
    Mutant(
        "fires: lane 8 is not looked at, if a bar comes alone",
        BAR,
        "fired = fire(lost[PARTS], value)",
        "fired = greater(value, value)",
        FIRES,
    ),
    Mutant(
        "fires: lane 8 alone is looked at, if a bar comes alone",
        BAR,
        "        fired |= fire(lost[i], value)\n",
        "        pass\n",
        FIRES,
    ),
    Mutant(
        "fires: a bar alone keeps the sums before",
        BAR,
        "        load_lanes(to, SUMS + kind, total)\n        return",
        "        return",
        FIRES,
    ),
    Mutant(
        "fires: a bar alone goes on from an older slot's sums",
        BAR,
        "        lane_of(to, SUMS + kind, lane)[0] = lane_of(&slot.state, SUMS + kind, lane)[0]\n",
        "",
        f"{FIRES} or come_and_go",
    ),
    Mutant(
        "fires: a bar alone goes on from an older slot's corrections",
        BAR,
        "        lane_of(to, LOST + kind, lane)[0] = lane_of(&slot.state, LOST + kind, lane)[0]\n",
        "",
        f"{FIRES} or come_and_go",
    ),
    Mutant(
        "fires: also where nothing is lost",
        SUMS,
        "return b - ((x + b) - x)",
        "return magnitude(b - ((x + b) - x))",
        FIRES,
    ),
    Mutant(
        "fires: lane 8 of moves has the sums of prices",
        SUMS,
        "            tails[kind][t] = element(entry, kind - first)\n",
        "            tails[kind][t] = element(entry, 0)\n",
        FIRES,
    ),
    Mutant(
        "fires: after lane 8 fired, its sums are those before",
        SUMS,
        "            tail_lost = pair(s.lane_8[LOST + first], s.lane_8[LOST + end - 1])\n"
        "            continue",
        "            continue",
        FIRES,
    ),
    Mutant(
        "fires: DEMA's second seed forgets its last value but one",
        AVERAGES,
        "for i in range(taken - 1, -1, -1):",
        "for i in range(taken - 2, -1, -1):",
        FIRES,
    ),
    Mutant(
        "fires: DEMA's second seed begins with the price",
        AVERAGES,
        "scratch[0] = second_from(s)[lane]",
        "scratch[0] = x[-taken]",
        FIRES,
    ),
    Mutant(
        "fires: the correction of DEMA's second seed stays",
        AVERAGES,
        "second[0], lost[0] = value, 0.0",
        "second[0] = value",
        FIRES,
    ),
    Mutant(
        "fires: entries that leave are looked for where they are not yet",
        SUMS,
        "shortest_sum(s.config) < 8:",
        "shortest_sum(s.config) < 6:",
        FIRES,
    ),
    Mutant(
        "fires: the longest lane's sum of moves is not seeded by its last value",
        SUMS,
        "if bar <= longest(s.config) or",
        "if bar < longest(s.config) or",
        FIRES,
    ),
    Mutant(
        "seeds: the first bar has a move",
        SUMS,
        "count = bar + t + 1 - kind",
        "count = bar + t + 1",
        FIRES,
    ),
    Mutant(
        "seeds: a lane's moves leave a bar early",
        SUMS,
        "if bar + t - kind < length:",
        "if bar + t < length:",
        FIRES,
    ),
    Mutant(
        "seeds: a square that begins where the longest lane is full has none",
        BLOCK,
        "if bar <= longest(c):",
        "if bar < longest(c):",
        FIRES,
    ),
    Mutant(
        "seeds: DEMA's last ones are left to a square without",
        AVERAGES,
        "if bar < warm_up(s.config):",
        "if bar < warm_up(s.config) - 8:",
        FIRES,
    ),
    Mutant(
        "seeds: KAMA's noise counts a bar late",
        AVERAGES,
        "bars_below(length[lane], bar, n)",
        "bars_below(length[lane] + 1, bar, n)",
        FIRES,
    ),
    Mutant(
        "seeds: KAMA's noise counts a bar early",
        AVERAGES,
        "bars_below(length[lane], bar, n)",
        "bars_below(length[lane] - 1, bar, n)",
        FIRES,
    ),
    # Lanes of length 1, and lanes that have no average yet.
    Mutant(
        "lanes: one of length 1 comes close to the price",
        BLOCK,
        "if c.has_length_one:",
        "if False:",
        FIRES,
    ),
    Mutant(
        "lanes: one of length 1 comes close to the price, if a bar comes alone",
        BAR,
        "if c.has_length_one:",
        "if False:",
        FIRES,
    ),
    Mutant(
        "lanes: LSMA of length 1 is like others",
        f"{K}/config.pxi",
        "length == 1 and i in (EMA, DEMA, LSMA)",
        "length == 1 and i in (EMA, DEMA)",
        FIRES,
    ),
    Mutant(
        "lanes: DEMA has an average a bar late",
        f"{K}/config.pxi",
        "c.defined[j] = <double> (2 * length - 2)",
        "c.defined[j] = <double> (2 * length - 1)",
        FIRES,
    ),
    Mutant(
        "lanes: all have an average where the longest window is full",
        BLOCK,
        "if bar < warm_up(c):",
        "if bar < longest(c):",
        FIRES,
    ),
    # Sums of long windows.
    Mutant(
        "open: they are not forgotten where many bars come at once",
        BLOCK,
        "    clear_open(s)\n",
        "",
        "long_windows",
    ),
    Mutant(
        "open: a set counts after any number of bars",
        OPEN,
        "if bars_of_set(open_set(s, i))[0] == s.bars:",
        "if bars_of_set(open_set(s, i))[0] >= 0:",
        "come_and_go",
    ),
    Mutant(
        "open: a bar is entered into the set of the bar before",
        OPEN,
        "sums, to = open_set(s, i), open_set(s, 1 - i)",
        "sums, to = open_set(s, i), open_set(s, i)",
        "come_and_go",
    ),
    Mutant(
        "open: a set is told by the bars before it",
        OPEN,
        "bars_of_set(to)[0] = s.bars + 1",
        "bars_of_set(to)[0] = s.bars",
        "come_and_go",
    ),
    Mutant(
        "open: the longest window is not made anew",
        OPEN,
        "for i in range(smaller(window(c), s.bars), 0, -1):",
        "for i in range(smaller(window(c) - 2, s.bars), 0, -1):",
        "come_and_go",
    ),
    Mutant(
        "open: a window's age is a round too high where a vector begins with it",
        OPEN,
        "newest + 1 - i if i <= newest else",
        "newest + 1 - i if i < newest else",
        "come_and_go",
    ),
    Mutant(
        "open: a ring has no room beside the longest window",
        OPEN,
        "return round_up(window(c) + 8)",
        "return round_up(window(c))",
        "come_and_go",
    ),
    Mutant(
        "open: WMA has LSMA's windows",
        BAR,
        "c, open_sums_of_bar(s, x), lengths(c, moving_average), s.bars,",
        "c, open_sums_of_bar(s, x), lengths(c, LSMA if has(c, LSMA) else WMA), s.bars,",
        "come_and_go",
    ),
    # Rows that are no bars, or cannot be; rows that do not lie side by side.
    Mutant(
        "gaps: one in the source alone is a bad price",
        BLOCK,
        "if c != c or x != x:",
        "if c != c:",
        "test_gaps",
    ),
    Mutant(
        "gaps: one in the close alone is a bad price",
        BLOCK,
        "if c != c or x != x:",
        "if x != x:",
        "test_gaps",
    ),
    Mutant(
        "gaps: their outputs are left as they are",
        BLOCK,
        "            store(out, row, stride, NAN, kind)\n",
        "            pass\n",
        "test_gaps",
    ),
    Mutant(
        "gaps: those before a block's first bar are not written",
        BLOCK,
        "    for row in range(first, end):\n        if t < n",
        "    for row in range(w.row[0] if n > 0 else first, end):\n        if t < n",
        "test_gaps",
    ),
    Mutant(
        "gaps: those behind a block's last bar are not written",
        BLOCK,
        "    for row in range(first, end):\n        if t < n",
        "    for row in range(first, w.row[n - 1] + 1 if n > 0 else end):\n        if t < n",
        "test_gaps",
    ),
    Mutant(
        "gaps: a block with some is written as if it had none",
        BLOCK,
        "if end - first == n and stride == sizeof(price):",
        "if n > 0 and stride == sizeof(price):",
        "test_gaps",
    ),
    Mutant(
        "strides: outputs go side by side",
        BLOCK,
        "if end - first == n and stride == sizeof(price):",
        "if end - first == n:",
        "stride",
    ),
    Mutant(
        "strides: sources are read side by side",
        BLOCK,
        "series.close_stride == series.src_stride == sizeof(double)",
        "series.close_stride == sizeof(double)",
        "stride",
    ),
    Mutant(
        "strides: closes are read side by side",
        BLOCK,
        "series.close_stride == series.src_stride == sizeof(double)",
        "series.src_stride == sizeof(double)",
        "stride",
    ),
    *(
        Mutant(f"bad prices: {name}, {place}", file, old, new, "test_a_row_that_cannot")
        for name, place, file, old, new in (
            (
                "0 is one like others",
                "in whole vectors",
                BLOCK,
                "greater(c, broadcast(0.0))",
                "at_least(c, broadcast(0.0))",
            ),
            (
                "0 is one like others",
                "behind them",
                BLOCK,
                "if not (0.0 < close[t] < INFINITY",
                "if not (0.0 <= close[t] < INFINITY",
            ),
            (
                "0 is one like others",
                "between gaps",
                BLOCK,
                "if not (0.0 < c < INFINITY",
                "if not (0.0 <= c < INFINITY",
            ),
            ("0 is one like others", "alone", BAR, "(0.0 < close < INFINITY)", "(0.0 <= close < INFINITY)"),
            (
                "a source of -inf is one like others",
                "in whole vectors",
                BLOCK,
                "greater(broadcast(INFINITY), size)",
                "greater(broadcast(INFINITY), x)",
            ),
            (
                "a source of -inf is one like others",
                "behind them",
                BLOCK,
                "magnitude(src[t]) < INFINITY",
                "src[t] < INFINITY",
            ),
            (
                "a source of -inf is one like others",
                "between gaps",
                BLOCK,
                "-INFINITY < x < INFINITY",
                "x < INFINITY",
            ),
            (
                "a source of -inf is one like others",
                "alone",
                BAR,
                "(magnitude(src) < INFINITY)",
                "(src < INFINITY)",
            ),
        )
    ),
    Mutant(
        "bad prices: the row counts as taken",
        BLOCK,
        "    series.taken = row\n",
        "    series.taken = row + 1 if row < series.rows and row % 64 == 63 else row\n",
        "test_a_row_that_cannot",
    ),
    # Records.
    *(
        Mutant(f"record: {name} left out", RECORD, old, "pass", "records")
        for name, old in (
            ("the close is", "pass_numbers(cursor, &s.close, 1, 1)"),
            ("sums that seed are", "pass_seeds(cursor, s.seed_sum, 2, s.bars <= longest(c))"),
            (
                "corrections of sums that seed are",
                "pass_seeds(cursor, s.seed_lost, 2, s.bars <= longest(c))",
            ),
            ("EMA is", "pass_lanes(cursor, s, FIRST)"),
            ("DEMA's first averages are", "pass_lanes(cursor, s, OWN_FIRST)"),
            ("DEMA's second averages are", "pass_lanes(cursor, s, SECOND)"),
            (
                "corrections of DEMA's second seeds are",
                "pass_seeds(cursor, s.second_lost, LANES, s.bars < warm_up(c))",
            ),
            (
                "first values of DEMA's second seeds are",
                "pass_seeds(cursor, second_from(s) + lane, 1, lengths(c, DEMA)[lane] <= s.bars < warm_up(c))",
            ),
            ("KAMA is", "pass_lanes(cursor, s, ADAPTIVE)"),
            ("rolling sums are", "pass_lanes(cursor, s, SUMS + kind)"),
            ("corrections of rolling sums are", "pass_lanes(cursor, s, LOST + kind)"),
            (
                "lanes 0 to 7 of what goes on by itself are",
                "pass_numbers(cursor, s.lanes[recurrence], 8, 1)",
            ),
            ("lane 8 of what goes on by itself is", "pass_numbers(cursor, &s.lane_8[recurrence], 1, 1)"),
            ("lanes 0 to 7 of each type are", "pass_numbers(cursor, a.vote + 8 * place, 8, 1)"),
            ("lane 8 of each type is", "pass_numbers(cursor, a.vote + TAIL, T, 1)"),
            ("types' signals are", "pass_numbers(cursor, a.type_signal, T, 1)"),
            ("returns last applied are", "pass_numbers(cursor, a.applied, T, 1)"),
            ("types' equities are", "pass_numbers(cursor, a.type_equity, T, 1)"),
            ("what lanes have before they cross is", "pass_numbers(cursor, &a.idle, 1, 1)"),
            ("the last average is", "pass_numbers(cursor, &a.last_average, 1, 1)"),
            (
                "older entries are",
                "pass_numbers(cursor, ring + place * entry_step(c), length - place, entry_step(c))",
            ),
            ("newer entries are", "pass_numbers(cursor, ring, place, entry_step(c))"),
        )
    ),
    *(
        Mutant(f"record: {name} are forgotten early", RECORD, old, new, "records or fire")
        for name, old, new in (
            (
                "sums that seed",
                "s.seed_sum, 2, s.bars <= longest(c)",
                "s.seed_sum, 2, s.bars < longest(c)",
            ),
            (
                "corrections of sums that seed",
                "s.seed_lost, 2, s.bars <= longest(c)",
                "s.seed_lost, 2, s.bars < longest(c)",
            ),
            (
                "corrections of DEMA's second seeds",
                "LANES, s.bars < warm_up(c))",
                "LANES, s.bars < warm_up(c) - 2)",
            ),
            (
                "first values of DEMA's second seeds",
                "<= s.bars < warm_up(c))",
                "<= s.bars < warm_up(c) - 2)",
            ),
        )
    ),
    Mutant(
        "record: first values of DEMA's second seeds are told a bar late",
        RECORD,
        "lengths(c, DEMA)[lane] <= s.bars <",
        "lengths(c, DEMA)[lane] < s.bars <",
        "records or fire",
    ),
    Mutant(
        "record: what lanes have before they cross is forgotten",
        RECORD,
        "    if all_crossed:\n        s.account.idle = 0.0\n",
        "    s.account.idle = 0.0\n",
        "records",
    ),
    *(
        Mutant(f"record: its bytes have {name}", file, old, new, "records or come_and_go")
        for name, file, old, new in (
            (
                "sums that seed no more",
                RECORD,
                "s.seed_sum, 2, s.bars <= longest(c)",
                "s.seed_sum, 2, True",
            ),
            (
                "corrections of sums that seed no more",
                RECORD,
                "s.seed_lost, 2, s.bars <= longest(c)",
                "s.seed_lost, 2, True",
            ),
            (
                "corrections of DEMA's second seeds that are full",
                RECORD,
                "LANES, s.bars < warm_up(c))",
                "LANES, True)",
            ),
            (
                "first values of bars that were taken back",
                RECORD,
                "lengths(c, DEMA)[lane] <= s.bars < warm_up(c)",
                "s.bars < warm_up(c)",
            ),
            (
                "what lanes had before they crossed",
                EQUITY,
                "    if all_after:\n        a.idle = 0.0\n",
                "",
            ),
            (
                "what lanes had that crossed within a square",
                EQUITY,
                "        all_after = True\n        for i in range",
                "        for i in range",
            ),
            (
                "what lanes of an older slot had before they crossed",
                BAR,
                "        to.account.idle = 0.0\n",
                "",
            ),
        )
    ),
    Mutant(
        "record: the last average is not made again",
        RECORD,
        "        s.average = average_of_types(c, &s.account)\n",
        "        pass\n",
        "records",
    ),
    Mutant(
        "record: there is an average on the cutout's own bar's state",
        RECORD,
        "s.bars > c.cutout and not c.delayed",
        "s.bars >= c.cutout and not c.delayed",
        "records",
    ),
    # Records of version 1.
    *(
        Mutant(f"version 1: {name}", RECORD, old, new, "version_1")
        for name, old, new in (
            (
                "lanes have equities before the cutout",
                "equity if s.bars > s.config.cutout else 1.0",
                "equity",
            ),
            (
                "signals have no sign",
                "with_sign(equity if s.bars > s.config.cutout else 1.0, signal)",
                "equity if s.bars > s.config.cutout else 1.0",
            ),
            (
                "lanes that have not crossed begin anew",
                "    if s.bars > s.config.cutout:\n        s.account.idle = equity\n",
                "",
            ),
            ("a lane without an average is on it", "vote[0] = UNDEFINED", "vote[0] = 0.0"),
            ("a lane on its average is below it", "(-ABOVE if side < 0.0 else 0.0)", "-ABOVE"),
            (
                "types have equities before the cutout",
                "        if s.bars > c.cutout:\n            a.type_signal[i]",
                "        if True:\n            a.type_signal[i]",
            ),
            (
                "DEMA's second seeds are averages",
                "[0] = at[lane] if taken >= length else at[LANES + lane]",
                "[0] = at[lane]",
            ),
            (
                "DEMA's second averages are seeds",
                "[0] = at[lane] if taken >= length else at[LANES + lane]",
                "[0] = at[LANES + lane]",
            ),
            ("seeds are those of lanes that are full", "if s.bars - kind <= length[lane]:", "if True:"),
            ("entries of moves are numbered as bars are", "larger(s.bars - kind, 0)):", "s.bars):"),
            (
                "DEMA's second seed begins with nothing",
                "second_from(s)[lane] = at[lane * ring_1(c, DEMA)]",
                "second_from(s)[lane] = 0.0",
            ),
            ("moves lie by their own numbers", "[(i + kind) % length", "[i % length"),
            (
                "lane 8 of what goes on by itself is forgotten",
                "    s.lane_8[recurrence] = lanes[8]\n",
                "",
            ),
            (
                "what lanes had before they crossed stays",
                "    if all_crossed:\n        s.account.idle = 0.0\n",
                "",
            ),
            ("the range is not asked", "    s.in_range = i != 0\n", ""),
            ("the last average is forgotten", "    a.last_average = at[3 * T]\n", ""),
            ("the close is forgotten", "    s.close = at[5]\n", ""),
        )
    ),
]

PRESETS = ("default", "ema_only")
"""Whose kernels are built beside the generic one where that alone told nothing."""

ROOT = Path(__file__).parent.parent
TEST = "tests/law/test_net.py"
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

from atc_cy.building import extension

extension.COMPILE_ARGS[:] = ["-O1" if flag == "-O3" else flag for flag in extension.COMPILE_ARGS]
extensions = []
for path in (None, *sorted(Path("presets").glob("*.toml"))):
    extensions += extension.preset_extensions(path, "atc_cy.ext", Path("build/kernels"), [{level!r}])
setup(
    name="mutant",
    packages=[],
    py_modules=[],
    script_args=["-q", "build_ext", "--inplace"],
    ext_modules=extensions,
    cmdclass={{"build_ext": extension.build_kernels}},
)
"""
CPU = """
def supported():
    return [{level!r}]
"""


def best_level() -> str:
    from atc_cy.ext import cpu

    return cpu.supported()[-1]


def copy_project(to: Path, level: str, presets: Sequence[str]) -> None:
    """What the tests need; of the kernels' extensions, none."""
    built = shutil.ignore_patterns("*.so", "*.toml", "cpu.pyi", "__pycache__")
    shutil.copytree(ROOT / "atc_cy", to / "atc_cy", ignore=built)
    shutil.copytree(ROOT / "tests", to / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", to)
    (to / "presets").mkdir()
    for preset in presets:
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


def attempt_all(folder: Path, mutants: Sequence[Mutant], presets: Sequence[str]) -> dict[str, str]:
    """What became of each mutant, in a copy that has the kernels of these presets."""
    results = {}
    copy_project(folder, best_level(), presets)
    if problem := build(folder):
        raise SystemExit(problem)
    code, told = run_tests(folder, " or ".join(sorted({f"({own.tests})" for own in mutants})))
    if code:
        raise SystemExit(f"the tests do not pass without a mutant:\n{told}")
    for mutant in mutants:
        results[mutant.name] = attempt(folder, mutant)
        print(mutant.name, results[mutant.name], sep=": ", flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*", help="of the mutants' names")
    parser.add_argument("--sample", type=int, metavar="N", help="try N of the mutants only")
    parser.add_argument("--keep", type=Path, help="an empty or new folder for the copy")
    options = parser.parse_args()
    chosen = [own for own in MUTANTS if not options.words or any(word in own.name for word in options.words)]
    if not chosen:
        raise SystemExit("no mutant has such a name")
    # As long as no kernel was changed, the first build serves.
    chosen.sort(key=lambda own: (own.file.endswith(".pxi"), own.file))
    if options.sample and options.sample < len(chosen):
        chosen = [chosen[i * len(chosen) // options.sample] for i in range(options.sample)]
    folder = options.keep or Path(tempfile.mkdtemp(prefix="mutants-"))
    try:
        results = attempt_all(folder / "generic", chosen, ())
        left = [own for own in chosen if results[own.name] == SURVIVED]
        if left:
            results |= attempt_all(folder / "presets", left, PRESETS)
    finally:
        if options.keep is None:
            shutil.rmtree(folder)
    width = max(map(len, results))
    print()
    for name, killer in results.items():
        print(f"{name:{width}}  {killer}")
    if any(killer in (SURVIVED, NOT_BUILT) for killer in results.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
