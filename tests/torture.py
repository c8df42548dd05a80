"""The long versions of what the tests do in short.

python tests/torture.py states 1000000      damaged states: each must be refused
python tests/torture.py bars 10000000       a stream of so many bars: the batch's numbers, at the same cost
"""

import argparse
import random
import time

import numpy as np

from atc_cy import ATCConfig, PanelStream, StateError, Stream
from atc_cy.dispatch import best_kernel


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The bytes with some bits flipped, some put elsewhere, some lost or some added."""
    changed, where = bytearray(data), chance.randrange(len(data))
    kind = chance.randrange(5)
    if kind == 0:
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == 1:
        changed[where : where + 8] = chance.randbytes(len(changed[where : where + 8]))
    elif kind == 2:
        del changed[where : where + chance.randint(1, 64)]
    elif kind == 3:
        changed[where:where] = chance.randbytes(chance.randint(1, 64))
    else:
        other, length = chance.randrange(len(data)), chance.randint(1, 64)
        changed[where : where + length] = data[other : other + length]
    return bytes(changed)


def torture_states(count: int) -> None:
    stream, panel = Stream("ema_only"), PanelStream(["A", "B"], "ema_only")
    stream.extend(np.linspace(1, 2, 90))
    for price in np.linspace(1, 2, 90):
        panel.update([price, price])
    chance, refused, same = random.Random(0), 0, 0
    for turn in range(count):
        kind, data = (
            ((Stream, stream), (PanelStream, panel))[turn % 2][0],
            (stream, panel)[turn % 2].to_bytes(),
        )
        changed = damaged(data, chance)
        if changed == data:
            same += 1
            continue
        try:
            kind.from_bytes(changed)
        except StateError:
            refused += 1
    if refused + same != count:
        raise SystemExit(f"{count - refused - same} damaged states were accepted")
    print(f"{refused} damaged states were refused, {same} came out undamaged")


def torture_bars(count: int) -> None:
    # Without growth: with it, the law itself comes to infinity after some five million bars.
    chunk, config, rng = 100_000, ATCConfig(La=0.0), np.random.default_rng(0)
    stream, symbol = Stream(config), best_kernel(config.structure).Symbol(*config.kernel_arguments)
    out, last = np.empty((13, chunk)), 100.0
    costs = []
    for _ in range(0, count, chunk):
        # Near its mean in the long run, as no random walk would stay.
        steps = rng.normal(0, 0.01, chunk)
        close = np.empty(chunk)
        for i, step in enumerate(steps):
            last *= np.exp(step - 0.001 * np.log(last / 100))
            close[i] = last
        symbol.advance(close, close, out)
        prices = close.tolist()
        start = time.perf_counter()
        averages = [stream.update(price) for price in prices]
        costs.append((time.perf_counter() - start) / chunk * 1e6)
        result = [stream.result[name] for name in config.output_names]
        same = np.array_equal(averages, out[12], equal_nan=True)
        if not same or not np.array_equal(result, out[:, -1], equal_nan=True):
            raise SystemExit(f"another number before bar {stream.bars}")
    tenth = max(1, len(costs) // 10)
    first, later = np.median(costs[:tenth]), np.median(costs[-tenth:])
    print(f"{stream.bars} bars: the batch's numbers, {len(stream.to_bytes())} bytes saved")
    print(f"microseconds a bar: {first:.2f} in the first tenth, {later:.2f} in the last")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["states", "bars"])
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    (torture_states if options.what == "states" else torture_bars)(options.count)


if __name__ == "__main__":
    main()
