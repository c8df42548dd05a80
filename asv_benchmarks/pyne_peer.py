"""The law run by PyneCore, a Pine engine in Python: `atc_pyne.py`, one bar after the other.

It handles what that script does: the default parameters, no gaps.
"""

import os
from pathlib import Path

from pynecore.core.script_runner import ScriptRunner
from pynecore.core.syminfo import SymInfo
from pynecore.types.ohlcv import OHLCV

os.environ["PYNE_SAVE_SCRIPT_TOML"] = "0"  # else PyneCore writes the script's settings into a file beside it

HOUR = 3_600_000
"""The time between two bars, in milliseconds."""


SCRIPT = Path(__file__).with_name("atc_pyne.py")


def load(close: list[float], script: Path = SCRIPT) -> ScriptRunner:
    """The compiled script with the bars to run it over; `run` takes it as often as one likes."""
    bars = [OHLCV(t * HOUR, price, price, price, price, 1.0) for t, price in enumerate(close)]
    symbol = SymInfo(
        prefix="PEER",
        description="",
        ticker="PEER",
        currency="USD",
        period="60",
        type="crypto",
        mintick=0.01,
        pricescale=100,
        pointvalue=1.0,
        mincontract=1.0,
        opening_hours=[],
        session_starts=[],
        session_ends=[],
    )
    # Lossless: PyneCore would round the prices to ticks, because its files keep them in single precision.
    return ScriptRunner(script, bars, symbol, lossless_prices=True, lossless_volume=True)


def run(runner: ScriptRunner) -> dict[str, list[float]]:
    """What the script returns, by name, one value a bar."""
    rows = [row for _, row in runner.run_iter()]
    return {name: [row[name] for row in rows] for name in rows[0]}


def atc(close: list[float]) -> dict[str, list[float]]:
    """All 13 outputs of at least one price, by name, one value a price."""
    return run(load(close))
