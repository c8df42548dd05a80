"""A dataset larger than what is in memory at a time.

    python asv_benchmarks/out_of_core.py FOLDER [--symbols N] [--bars N] [--rounds N]

Makes random walks of minute bars as Parquet in FOLDER, once; then measures, each in a process of its own: the
scan on all CPUs; pyarrow alone, reading the same source and writing the same output with as many threads; the
scan on a Dask cluster of one worker process, and of two. Ratios are of one round, and the figures medians. A
tenth of the symbols shows what of the memory grows. Needs some 150 bytes of disk a row; the extra `dask`.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SYMBOLS_OF_FILE = 100
CPUS = len(os.sched_getaffinity(0))


def make(folder: Path, symbols: int, bars: int) -> Path:
    """Long files, sorted by symbol and time: minute bars with prices of four decimals."""
    source = folder / f"{symbols}x{bars}"
    if source.exists():
        return source
    part = folder / "part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    times = pa.array(np.datetime64("2020-01-01", "us") + np.arange(bars) * np.timedelta64(60, "s"))
    for first in range(0, symbols, SYMBOLS_OF_FILE):
        rng = np.random.default_rng(first)
        schema = pa.schema([("symbol", pa.string()), ("date", times.type), ("close", pa.float64())])
        with pq.ParquetWriter(part / f"{first:06d}.parquet", schema) as writer:
            for name in range(first, min(first + SYMBOLS_OF_FILE, symbols)):
                close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.001, bars))), 4)
                rows = {"symbol": pa.array([f"S{name:06d}"] * bars), "date": times, "close": close}
                writer.write_table(pa.table(rows))
    part.rename(source)
    return source


SCAN = """
from atc_cy import dataset
dataset.scan(source, target)
"""
CLUSTER = """
import atc_cy.dask, distributed
cluster = distributed.LocalCluster(n_workers={}, threads_per_worker=1, dashboard_address=":0")
client = distributed.Client(cluster)
client.run(lambda: __import__("atc_cy.dask"))
start = time.perf_counter()
atc_cy.dask.scan(source, target, client=client)
"""


def run(script: str, source: Path, target: Path) -> tuple[float, float]:
    """Seconds, without starting the process or the cluster, and the peak of its memory in megabytes."""
    shutil.rmtree(target, ignore_errors=True)
    program = f"""
import json, re, sys, time
source, target = sys.argv[1:]
if __name__ == "__main__":
    start = time.perf_counter()
{"".join(f"    {line}" for line in script.strip().splitlines(True))}
    seconds = time.perf_counter() - start
    peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
    print(json.dumps([seconds, int(peak) / 1024]))
"""
    file = target.with_suffix(".py")
    file.write_text(program)
    done = subprocess.run(
        [sys.executable, file, source, target], stdout=subprocess.PIPE, text=True, check=True
    )
    seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes


def rows_of(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(400_000, use_threads=False)


def alone(source: Path, target: Path, copy: Path) -> float:
    """Seconds in which pyarrow reads the source and writes the output, which is read before, unmeasured."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    with ThreadPoolExecutor(CPUS) as pool:
        start = time.perf_counter()
        list(pool.map(lambda path: sum(rows.num_rows for rows in rows_of(path)), sorted(source.iterdir())))
        seconds = time.perf_counter() - start
        parts = sorted(target.glob("*.parquet"))
        for paths in (parts[first : first + 8] for first in range(0, len(parts), 8)):
            tables = [pq.ParquetFile(path).read() for path in paths]
            start = time.perf_counter()
            list(
                pool.map(
                    lambda table, path: pq.write_table(
                        table, copy / path.name, 100_000, use_dictionary=["symbol"], write_page_checksum=True
                    ),
                    tables,
                    paths,
                )
            )
            seconds += time.perf_counter() - start
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--symbols", type=int, default=2_000)
    parser.add_argument("--bars", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = options.folder
    source = make(folder, options.symbols, options.bars)
    tenth = make(folder, options.symbols // 10, options.bars)
    rows = options.symbols * options.bars
    rounds = []
    for _ in range(options.rounds):
        small, small_peak = run(SCAN, tenth, folder / "small")
        scan, peak = run(SCAN, source, folder / "out")
        bare = alone(source, folder / "out", folder / "copy")
        one, _ = run(CLUSTER.format(1), source, folder / "cluster")
        two, _ = run(CLUSTER.format(2), source, folder / "cluster")
        rounds.append([small, scan, bare, one, two, small_peak, peak])
        print(*(f"{number:.1f}" for number in rounds[-1]), file=sys.stderr)
    small, scan, bare, one, two, small_peak, peak = map(statistics.median, zip(*rounds, strict=True))
    size = sum(path.stat().st_size for path in (folder / "out").glob("*.parquet"))
    print(f"{options.symbols} symbols x {options.bars} bars, {CPUS} CPUs, medians of {options.rounds} rounds")
    print(
        f"source {sum(p.stat().st_size for p in source.iterdir()) / 1e9:.2f} GB, output {size / 1e9:.2f} GB"
    )
    for name, seconds in (
        ("scan", scan),
        ("pyarrow alone", bare),
        ("Dask, one worker", one),
        ("Dask, two workers", two),
    ):
        print(f"{name:<32}{seconds:>8.1f} s{seconds / rows * 1e9:>8.0f} ns a row")
    for name, ratio in (
        ("scan / pyarrow alone", [own[1] / own[2] for own in rounds]),
        ("one worker / two workers", [own[3] / own[4] for own in rounds]),
        ("ten times the rows / scan", [own[1] / own[0] / 10 for own in rounds]),
    ):
        print(f"{name:<32}{statistics.median(ratio):>8.2f}")
    print(f"peak memory {peak:.0f} MB, with a tenth of the rows {small_peak:.0f} MB")


if __name__ == "__main__":
    main()
