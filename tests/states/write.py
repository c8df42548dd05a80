"""Writes the states that this version of the format has: run once for each version, and kept for ever."""

from pathlib import Path

import numpy as np

from atc_cy import ATCConfig, PanelStream, Stream, saving

close = 100 * np.exp(np.cumsum(np.random.default_rng(9).normal(0, 0.02, 260)))
config = ATCConfig(cutout=5, La=0.1)
folder, version = Path(__file__).parent, saving.VERSION
stream = Stream(config, depth=3)
stream.extend(close[:200])
stream.save(folder / f"stream-v{version}")
panel = PanelStream(["A", 2, "C"], config)
for price in close[:200]:
    panel.update([price, price, np.nan])
panel.save(folder / f"panel-v{version}")
