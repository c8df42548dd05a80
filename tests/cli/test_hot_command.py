"""`atc-cy hot`: what was recorded, ranked and measured, and the preset files that it writes."""

import json
import math
from pathlib import Path

import numpy as np
from support.commands import atc_cy
from support.price_files import write_csv

from atc_cy import ATCConfig, Preset, get_array_fn, hotpaths

PRICES = np.linspace(1, 2, 100)
OTHER = ATCConfig(moving_averages=("EMA", "KAMA"), ema_len=20)


def test_hot(tmp_path: Path) -> None:
    usage = tmp_path / "usage.jsonl"
    prices = write_csv(tmp_path / "X.csv")
    atc_cy("scan", "--record", usage, "--format", "csv", prices, write_csv(tmp_path / "Y.csv"))
    atc_cy("compute", "--record", usage, "--preset", "ema_only", prices, "-o", "-")
    with hotpaths.record(usage):
        for _ in range(3):
            get_array_fn(OTHER)(PRICES)
    rows = {row["ran_on"]: row for row in json.loads(atc_cy("hot", usage, "--format", "json").stdout)}
    assert {name: (row["calls"], row["bars"]) for name, row in rows.items()} == {
        "default": (1, 1000),
        "ema_only": (1, 500),
        "generic": (3, 300),
    }
    assert math.isclose(sum(row["of_time"] for row in rows.values()), 1, abs_tol=0.01)
    assert [row["of_calls"] for row in rows.values()] == [round(row["calls"] / 5, 3) for row in rows.values()]
    assert [row["of_bars"] for row in rows.values()] == [
        round(row["bars"] / 1800, 3) for row in rows.values()
    ]
    for name in ("default", "ema_only"):
        assert rows[name]["preset"] == name
        assert rows[name]["faster"] is rows[name]["saves_seconds"] is None
    generic = rows["generic"]
    assert (generic["preset"], generic["measured_on"]) == (None, "kama_only")
    saved = generic["seconds"] * (1 - 1 / generic["faster"])
    assert math.isclose(generic["saves_seconds"], saved, rel_tol=1e-2, abs_tol=2e-6)
    assert "measured now with the one of the nearest installed preset" in atc_cy("hot", usage).stdout

    folder = tmp_path / "presets"
    atc_cy("hot", usage, "--write", folder)
    (path,) = folder.iterdir()
    assert path.name == "ema20_kama28_medium.toml"
    assert Preset.read(path).structure == OTHER.structure
    assert "# From usage.jsonl: 3 calls, 300 bars, " in path.read_text()
    assert "is not overwritten" in atc_cy("hot", usage, "--write", folder, code=1).stderr
    assert len(atc_cy("hot", usage, "--top", "1", "--format", "csv").stdout.splitlines()) == 2
    assert "--top 0" in atc_cy("hot", usage, "--top", "0", code=1).stderr
    empty = tmp_path / "empty"
    empty.touch()
    assert "is empty" in atc_cy("hot", empty, code=1).stderr
