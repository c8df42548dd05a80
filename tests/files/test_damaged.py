"""Files of Parquet, Feather, Excel and gzip with damaged bytes: read, or refused by one kind of error."""

import gzip
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import atc_cy.dataset as dataset
from atc_cy.files.prices import read_price_file

TABLE = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=120), "close": 100 + np.arange(120.0)})
FILES = 300
"""Damaged ones of each kind."""


def whole(kind: str, folder: Path) -> bytes:
    path = folder / f"whole.{kind}"
    if kind == "parquet":
        TABLE.to_parquet(path)
    elif kind == "feather":
        TABLE.to_feather(path)
    elif kind == "xlsx":
        TABLE.to_excel(path)
    else:
        path.write_bytes(gzip.compress(TABLE.to_csv(index=False).encode()))
    return path.read_bytes()


def damaged(data: bytes, rng: random.Random) -> bytes:
    """The bytes with some changed, left out or put in; more often near the end, where metadata are."""
    spoilt = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5, 30])):
        at = rng.randrange(len(spoilt))
        if rng.random() < 0.5:
            at = max(0, len(spoilt) - 1 - rng.randrange(600))
        how = rng.randrange(4)
        if how == 0:
            spoilt[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            spoilt[at : at + 8] = rng.randbytes(8)
        elif how == 2:
            del spoilt[at : at + rng.randrange(1, 40)]
        else:
            spoilt[at:at] = rng.randbytes(rng.randrange(1, 20))
    return bytes(spoilt)


@pytest.mark.parametrize("kind", ["parquet", "feather", "xlsx", "csv.gz"])
def test_a_damaged_file(kind: str, tmp_path: Path) -> None:
    data, rng = whole(kind, tmp_path), random.Random(7)
    path = tmp_path / f"spoilt.{kind}"
    refused = 0
    for _ in range(FILES):
        path.write_bytes(damaged(data, rng))
        try:
            read_price_file(path)
        except (OSError, ValueError):
            refused += 1
    assert refused > FILES // 3


@pytest.mark.parametrize("seed", [*range(40), 176])
def test_a_dataset_with_a_damaged_file(seed: int, tmp_path: Path) -> None:
    """The others are computed, and it is named."""
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    data = whole("parquet", tmp_path)
    (source / "GOOD.parquet").write_bytes(data)
    (source / "SPOILT.parquet").write_bytes(damaged(data, random.Random(seed)))
    report = dataset.scan(source, out)
    assert {failure.symbol for failure in report.failures} <= {"SPOILT"}
    found = pd.read_parquet(out)
    assert (found["symbol"] == "GOOD").sum() == len(TABLE)


def test_texts_that_lie_outside_of_a_feather_file(tmp_path: Path) -> None:
    """Arrow does not look where the offsets of texts lead: a damaged one ended the process."""
    path = tmp_path / "prices.feather"
    symbols = pd.Series(["BTC"] * len(TABLE), dtype=object)
    TABLE.assign(symbol=symbols).to_feather(path, compression="uncompressed")
    data = path.read_bytes()
    offsets = np.arange(0, 3 * len(TABLE) + 1, 3)
    for kind in ("<i4", "<i8"):
        whole_ones = offsets.astype(kind).tobytes()
        data = data.replace(whole_ones, (offsets + (1 << 30) * (offsets > 30)).astype(kind).tobytes())
    assert data != path.read_bytes()
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"the file is damaged \(.*larger than values array"):
        read_price_file(path)
