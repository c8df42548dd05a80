"""Datasets: every layout, step and interruption gives what a call per symbol gives; nothing is half done."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from states import write as write_states
from support.calls import calls
from support.commands import atc_cy
from support.dataset_folders import (
    KEY,
    LAYOUTS,
    PRICES,
    Inline,
    assert_equal,
    days,
    expected,
    hive,
    long,
    make_small,
    mixed,
    prices,
    single,
    text,
    write,
    written,
)
from support.places import ROOT

from atc_cy import ATCConfig, dataset
from atc_cy.dataset.states import states_path

STATES = ROOT / "tests" / "states"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch.setattr)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("threads", [1, 3])
def test_every_layout(layout: Callable[[Path, pd.DataFrame], None], threads: int, tmp_path: Path) -> None:
    layout(tmp_path / "in", PRICES)
    reached: list[tuple[int, int]] = []
    report = dataset.scan(
        tmp_path / "in", tmp_path / "out", threads=threads, progress=lambda *far: reached.append(far)
    )
    assert report == (len(PRICES), 11, ())
    assert_equal(tmp_path / "out", expected(PRICES))
    assert reached == sorted(reached)
    parts = [path for path in (tmp_path / "out").iterdir() if path.suffix == ".parquet"]
    assert len(parts) > 5
    assert json.loads((tmp_path / "out" / "_report.json").read_text()) == {
        "complete": True,
        "rows": len(PRICES),
        "symbols": 11,
        "failures": [],
    }
    metadata = json.loads(pq.read_schema(parts[0]).metadata[b"atc_cy"])
    assert metadata["config"]["ema_len"] == 28
    assert {"version", "law", "states", "fingerprint", "source"} <= metadata.keys()


def test_other_columns_numbers_and_types(tmp_path: Path) -> None:
    frame = PRICES.rename(columns={"date": "Time", "close": "Last"})
    frame["mid"] = frame["Last"] * 1.01
    write(tmp_path / "in" / "x.parquet", frame)
    names = ("Average_Signal", "direction", "event", "KAMA_S")
    config = ATCConfig(La=0.5, moving_averages=("EMA", "KAMA"), long_threshold=0.3, cutout=20)
    dataset.scan(
        tmp_path / "in", tmp_path / "out", config, time="time", close="last", src="mid", outputs=names
    )
    wanted = expected(
        PRICES.assign(mid=frame["mid"]),
        "mid",
        La=0.5,
        moving_averages=("EMA", "KAMA"),
        long_threshold=0.3,
        cutout=20,
    )
    found = pq.ParquetDataset(tmp_path / "out").read().to_pandas()
    assert list(found) == ["symbol", "Time", *names]
    found = found.astype({"symbol": str}).sort_values(["symbol", "Time"])
    for name in names:
        assert np.array_equal(found[name], wanted[name], equal_nan=True)

    single_precision = PRICES.astype({"close": np.float32})
    write(tmp_path / "in32" / "x.parquet", single_precision)
    dataset.scan(tmp_path / "in32", tmp_path / "out32", "short")
    config = ATCConfig.from_preset("short")
    lengths = dict.fromkeys(("ema_len", "hull_len", "wma_len", "dema_len", "lsma_len", "kama_len"), 14)
    assert config == ATCConfig(**lengths)
    assert_equal(tmp_path / "out32", expected(single_precision, **lengths))
    assert written(tmp_path / "out32")["EMA_S"].dtype == np.float32


def test_times_of_any_kind(tmp_path: Path) -> None:
    for kind, dates in {
        "zone": PRICES["date"].dt.tz_localize("UTC").dt.tz_convert("America/New_York"),
        "nanoseconds": PRICES["date"].astype("datetime64[ns]"),
        "number": PRICES["date"].astype("int64") // 1_000_000,
        "day": PRICES.groupby("symbol")
        .cumcount()
        .map(lambda n: pd.Timestamp("2000-01-01").date() + pd.Timedelta(days=n)),
    }.items():
        write(tmp_path / kind / "x.parquet", PRICES.assign(date=dates))
        dataset.scan(tmp_path / kind, tmp_path / f"{kind}_out")
        found = written(tmp_path / f"{kind}_out")
        wanted = expected(PRICES.assign(date=dates))
        assert (found["date"] == wanted["date"]).all()
        assert found["date"].dtype == wanted["date"].dtype
        assert np.array_equal(found["Average_Signal"], wanted["Average_Signal"], equal_nan=True)


@pytest.mark.parametrize("layout", [long, days, hive, text])
def test_a_run_that_is_stopped_goes_on(layout: Callable[[Path, pd.DataFrame], None], tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    layout(source, PRICES)
    dataset.scan(source, tmp_path / "whole", executor=Inline())
    runs = 0
    while not (target / "_report.json").exists():
        try:
            dataset.scan(source, target, executor=Inline(3), resume=True, threads=2)
        except InterruptedError:
            runs += 1
    assert runs > 2
    assert_equal(target, expected(PRICES))
    assert sorted(path.name for path in target.iterdir()) == sorted(
        path.name for path in (tmp_path / "whole").iterdir()
    )
    before = {path: path.stat().st_mtime_ns for path in target.glob("*.parquet")}
    assert dataset.scan(source, target, resume=True).rows == len(PRICES)  # there is nothing left to do
    assert before == {path: path.stat().st_mtime_ns for path in target.glob("*.parquet")}
    with pytest.raises(FileExistsError, match="has a dataset: resume it, update it"):
        dataset.scan(source, target)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_yesterday_and_today(layout: Callable[[Path, pd.DataFrame], None], tmp_path: Path) -> None:
    """Files that have grown, and new ones; the last update is stopped in the middle and goes on."""
    source, target = tmp_path / "in", tmp_path / "out"
    for number, end in enumerate(["2020-01-07", "2020-01-13", "2021-01-01"]):
        if layout in (long, mixed):  # what is new is in files of its own
            begin = ["2000-01-01", "2020-01-07", "2020-01-13"][number]
            layout(source / str(number), PRICES[(PRICES["date"] >= begin) & (PRICES["date"] < end)])
        else:
            if layout is text and source.exists():
                source.rename(tmp_path / f"before_{number}")
            layout(source, PRICES[PRICES["date"] < end])
        if number == 2:
            with pytest.raises(InterruptedError):
                dataset.scan(source, target, update=True, executor=Inline(1))
        dataset.scan(source, target, update=True)
        assert_equal(target, expected(PRICES[PRICES["date"] < end]))
    parts = len(list(target.glob("*.parquet")))
    dataset.scan(source, target, update=True)
    assert len(list(target.glob("*.parquet"))) == parts
    write(source / "later" / "S99.parquet", PRICES[PRICES["symbol"] == "S00"].assign(symbol="S99"))
    with pytest.raises(ValueError, match=r"has changed since .* was begun: update it"):
        dataset.scan(source, target, resume=True)


def test_a_file_that_grows_after_it_was_begun(tmp_path: Path) -> None:
    """The run was stopped in the middle of it."""
    path, target = tmp_path / "in" / "all.parquet", tmp_path / "out"
    write(path, PRICES[PRICES["date"] < "2020-01-13"])
    with pytest.raises(InterruptedError):
        dataset.scan(tmp_path / "in", target, executor=Inline(4))
    write(path, PRICES)
    assert dataset.scan(tmp_path / "in", target, update=True).failures == ()
    assert_equal(target, expected(PRICES))


def failing(source: Path, target: Path, **arguments: Any) -> dataset.Failure:
    report = dataset.scan(source, target, **arguments)
    (failure,) = report.failures
    report = json.loads((target / "_report.json").read_text())
    assert report["complete"] is False
    assert report["failures"] == [failure._asdict()]
    return failure


@pytest.mark.parametrize("layout", [long, mixed, single])
@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("close", -1.0, "prices has -1.0"),
        ("close", np.inf, "prices has inf"),
        ("date", None, "the time is missing"),
        ("date", pd.Timestamp("2019-01-01"), "2019-01-01 00:00:00 is not after"),
        ("date", PRICES["date"][179], "is not after that of"),
    ],
)
def test_a_bad_row(
    layout: Callable[[Path, pd.DataFrame], None], column: str, value: Any, problem: str, tmp_path: Path
) -> None:
    """It is named; its symbol is there up to it, and the others are whole."""
    bad = PRICES.copy()
    row = int(bad.index[bad["symbol"] == "S07"][180])
    bad.loc[row, column] = value
    if layout is mixed:  # in the order in which `mixed` would have them with the right time
        layout = lambda folder, frame: write(  # noqa: E731
            folder / "all.parquet", frame.loc[PRICES.sort_values(["date", "symbol"]).index]
        )
    layout(tmp_path / "in", bad)
    failure = failing(tmp_path / "in", tmp_path / "out")
    assert problem in failure.problem
    assert failure.symbol == "S07"
    table = pd.read_parquet(tmp_path / "in" / failure.file)
    stands = table.iloc[failure.row]
    assert stands[column] == value or pd.isna(value)
    wanted = expected(PRICES)
    assert_equal(
        tmp_path / "out", wanted[(wanted["symbol"] != "S07") | (wanted["date"] < PRICES["date"][180])]
    )
    layout(tmp_path / "in", PRICES)  # mended
    assert dataset.scan(tmp_path / "in", tmp_path / "out", update=True).failures == ()
    assert_equal(tmp_path / "out", wanted)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("ending", "header"), [(".csv", 1), (".jsonl", 0)])
def test_a_bad_line(ending: str, header: int, newest_first: bool, tmp_path: Path) -> None:
    """Of a text file the line is named, as an editor counts them."""
    days = pd.date_range("2020-01-01", periods=300).astype(str)
    lines = [f'{{"date": "{day}", "close": {100 + row % 7}}}' for row, day in enumerate(days)]
    if header:
        lines = ["date,close", *(f"{day},{100 + row % 7}" for row, day in enumerate(days))]
    rows = slice(None, header - 1 if header else None, -1) if newest_first else slice(header, None)
    lines[header:] = lines[rows]
    lines.insert(50, "")
    bad = lines[200].replace(": 10", ": -10").replace(",10", ",-10")
    path = tmp_path / "in" / f"EUR{ending}"
    path.parent.mkdir()
    path.write_text("\n".join([*lines[:200], bad, *lines[201:]]))
    failure = failing(path.parent, tmp_path / "out")
    assert (failure.symbol, failure.file, failure.row) == ("EUR", path.name, 201)
    assert str(failure).startswith(f"EUR: EUR{ending}, line 201: prices has -10")
    path.write_text("\n".join(lines))
    report = dataset.scan(path.parent, tmp_path / "out", update=True)
    assert report == (300, 1, ())


def test_what_a_text_file_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    frame = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=90), "close": 100.0 + np.arange(90)})
    path = tmp_path / "in" / "EUR.csv"
    path.parent.mkdir()
    frame[::-1].assign(src=1.0).to_csv(path, index=False)
    assert dataset.scan(path.parent, tmp_path / "out") == (90, 1, ())
    turned, unused = f"{path}: the newest row comes first", f"{path}: the column 'src' is not used"
    assert any(message.startswith(turned) for message in caplog.messages)
    assert any(message.startswith(unused) for message in caplog.messages)


def test_a_corrupt_file_of_one_symbol(tmp_path: Path) -> None:
    hive(tmp_path / "in", PRICES)
    spoilt = tmp_path / "in" / "symbol=S03" / "1.parquet"
    whole = spoilt.read_bytes()
    wanted = expected(PRICES)
    for damaged in (whole[:-20], b"", whole[:200] + bytes(300) + whole[500:]):
        spoilt.write_bytes(damaged)
        failure = failing(tmp_path / "in", tmp_path / "out", update=True)
        assert (failure.symbol, failure.file, failure.row) == ("S03", "symbol=S03/1.parquet", None)
        assert_equal(tmp_path / "out", wanted[wanted["symbol"] != "S03"])
    spoilt.write_bytes(whole)
    assert dataset.scan(tmp_path / "in", tmp_path / "out", update=True).failures == ()
    assert_equal(tmp_path / "out", wanted)


def test_a_corrupt_long_file(tmp_path: Path) -> None:
    """A page that cannot be read ends its range alone; a file that tells nothing of itself is refused."""
    path = write(tmp_path / "in" / "x.parquet", PRICES, write_page_checksum=True)
    whole = path.read_bytes()
    column = pq.read_metadata(path).row_group(9).column(2)
    at = column.data_page_offset + column.total_compressed_size // 2
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    failure = failing(tmp_path / "in", tmp_path / "out")
    assert (failure.symbol, failure.file) == (None, "x.parquet")
    found, wanted = written(tmp_path / "out"), expected(PRICES)
    rows = found.merge(wanted, how="left", on=KEY)
    assert 0 < len(found) < len(wanted)
    assert np.array_equal(rows["Average_Signal_x"], rows["Average_Signal_y"], equal_nan=True)
    path.write_bytes(whole)
    assert dataset.scan(tmp_path / "in", tmp_path / "out", update=True).failures == ()
    assert_equal(tmp_path / "out", wanted)
    path.write_bytes(whole[:-20])
    with pytest.raises(ValueError, match=r"x\.parquet: "):
        dataset.scan(tmp_path / "in", tmp_path / "other")


def test_files_that_overlap(tmp_path: Path) -> None:
    days(tmp_path / "in", PRICES)
    write(tmp_path / "in" / "again.parquet", PRICES[PRICES["symbol"] == "S05"][100:130])
    failure = failing(tmp_path / "in", tmp_path / "out")
    assert failure.symbol == "S05"
    assert "is not after that of the symbol's row before" in failure.problem


def test_history_that_changed(tmp_path: Path) -> None:
    single(tmp_path / "in", PRICES[PRICES["date"] < "2020-01-07"])
    dataset.scan(tmp_path / "in", tmp_path / "out")
    single(tmp_path / "in", PRICES.assign(close=PRICES["close"] / 2))
    report = dataset.scan(tmp_path / "in", tmp_path / "out", update=True)
    assert len(report.failures) == 11
    assert all(
        "the past has changed, compute the dataset again" in failure.problem for failure in report.failures
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda one: one.assign(date=one["date"].dt.tz_localize("UTC")),
            "timestamp[us, tz=UTC], but timestamp[us]",
        ),
        (lambda one: one.assign(close="x"), "row 0: 'x' in column 'close' is not a number"),
        (lambda one: one.rename(columns={"close": "paid"}), "close='close' is not a column"),
        (
            lambda one: one.assign(date=one["date"].astype(str) + "Z"),
            "tz=UTC], but timestamp[us] in the first",
        ),
    ],
)
def test_files_that_differ(
    change: Callable[[pd.DataFrame], pd.DataFrame], problem: str, tmp_path: Path
) -> None:
    single(tmp_path / "in", PRICES)
    one = PRICES[PRICES["symbol"] == "S06"].drop(columns="symbol")
    write(tmp_path / "in" / "S06.parquet", change(one))
    failure = failing(tmp_path / "in", tmp_path / "out")
    assert (failure.symbol, failure.file) == ("S06", "S06.parquet")
    assert problem in failure.problem
    wanted = expected(PRICES)
    assert_equal(tmp_path / "out", wanted[wanted["symbol"] != "S06"])


def test_files_that_differ_in_unit_alone(tmp_path: Path) -> None:
    days(tmp_path / "in", PRICES)
    for path in sorted((tmp_path / "in").iterdir())[1::2]:
        frame = pd.read_parquet(path)
        write(path, frame.assign(date=frame["date"].astype("datetime64[ns]"), extra=1))
    dataset.scan(tmp_path / "in", tmp_path / "out")
    assert_equal(tmp_path / "out", expected(PRICES))


def test_two_runs_at_once(tmp_path: Path) -> None:
    long(tmp_path / "in", PRICES)

    class Second(Inline):
        def submit(self, run: Callable[..., Any], /, *arguments: Any, **_: Any) -> "Future[Any]":
            with pytest.raises(BlockingIOError, match="another run is writing to"):
                dataset.scan(tmp_path / "in", tmp_path / "out", resume=True)
            return super().submit(run, *arguments)

    dataset.scan(tmp_path / "in", tmp_path / "out", executor=Second())
    assert_equal(tmp_path / "out", expected(PRICES))


def test_a_step_may_be_done_twice(tmp_path: Path) -> None:
    """A worker that was taken for dead writes the same again."""
    long(tmp_path / "in", PRICES)

    class Twice(Inline):
        def submit(self, run: Callable[..., Any], /, *arguments: Any, **_: Any) -> "Future[Any]":
            task, one = arguments
            states = states_path(task.destination, one.number)
            before = states.read_bytes() if states.exists() else None
            super().submit(run, *arguments)
            if before is None:
                states.unlink()
            else:
                states.write_bytes(before)
            return super().submit(run, *arguments)

    dataset.scan(tmp_path / "in", tmp_path / "out", executor=Twice())
    assert_equal(tmp_path / "out", expected(PRICES))


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a tmpfs")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk(full_disk: Path, tmp_path: Path) -> None:
    long(tmp_path / "in", PRICES)
    with pytest.raises(OSError, match="No space left"):
        dataset.scan(tmp_path / "in", full_disk / "out")
    parts = [path for path in (full_disk / "out").iterdir() if path.suffix == ".parquet"]
    assert parts
    assert all(pq.read_table(path).num_rows for path in parts)
    assert not (full_disk / "out" / "_report.json").exists()
    subprocess.run(["mount", "-o", "remount,size=20m", full_disk], check=True)
    dataset.scan(tmp_path / "in", full_disk / "out", resume=True)
    assert_equal(full_disk / "out", expected(PRICES))


@pytest.mark.long
def test_killed(tmp_path: Path) -> None:
    """`kill -9` at any moment; what is there is whole, and the run goes on."""
    source, target = tmp_path / "in", tmp_path / "out"
    long(source, prices(40, 2_000))
    script = f"""
from atc_cy import dataset
from atc_cy.dataset import plan, step
step.ROWS_OF_STEP, plan.ROWS_OF_RANGE = 1_000, 8_000
assert not dataset.scan({str(source)!r}, {str(target)!r}, resume=True).failures
"""
    kills = 0
    rng = np.random.default_rng(7)
    while True:
        run = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path)
        deadline = time.monotonic() + 30
        before = len(list(target.glob("*.parquet")))
        while (
            run.poll() is None
            and len(list(target.glob("*.parquet"))) <= before
            and time.monotonic() < deadline
        ):
            time.sleep(0.005)
        time.sleep(float(rng.uniform(0, 0.1)))
        if run.poll() is not None:
            assert run.returncode == 0
            break
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        kills += 1
        for path in target.glob("*.parquet"):
            pq.read_table(path)
    assert kills > 2
    assert_equal(target, expected(prices(40, 2_000)))


def test_bad_arguments(tmp_path: Path) -> None:
    long(tmp_path / "in", PRICES)
    for words, error, arguments in [
        ("outputs has 'Avg'", ValueError, {"outputs": ("Avg",)}),
        ("close='price' is not a column", ValueError, {"close": "price"}),
        ("time='when' is not a column", ValueError, {"time": "when"}),
        ("threads=0", ValueError, {"threads": 0}),
        ("preset", ValueError, {"config": "nonesuch"}),
    ]:
        with pytest.raises(error, match=words):
            dataset.scan(tmp_path / "in", tmp_path / "out", **arguments)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        dataset.scan(tmp_path / "none", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="has no file of prices"):
        dataset.scan(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(ValueError, match="name a folder outside of the source"):
        dataset.scan(tmp_path / "in", tmp_path / "in" / "out")
    with pytest.raises(FileExistsError, match="is not empty, and not a dataset"):
        dataset.scan(tmp_path / "in", tmp_path)
    dataset.scan(tmp_path / "in", tmp_path / "out")
    with pytest.raises(ValueError, match="was written with another config"):
        dataset.scan(tmp_path / "in", tmp_path / "out", ATCConfig(La=0.5), update=True)
    (tmp_path / "in" / "extra.csv").write_text("date,close\n2020-01-01,1\n")
    assert dataset.scan(tmp_path / "in", tmp_path / "out", update=True).symbols == 12


@pytest.mark.parametrize("folder", sorted(STATES.glob("dataset-v*")), ids=lambda folder: folder.name)
def test_a_dataset_of_an_earlier_version_goes_on(folder: Path, tmp_path: Path) -> None:
    """Whatever the kernel is that wrote its plan and its states."""
    source, target = tmp_path / "in", tmp_path / "out"
    shutil.copytree(folder, target)
    plan = json.loads((target / "_plan.json").read_text())
    (target / "_plan.json").write_text(json.dumps({**plan, "source": str(source)}))
    write(source / "1.parquet", write_states.first_part())
    table = write_states.table()
    write(source / "2.parquet", table[~table.index.isin(write_states.first_part().index)])
    report = dataset.scan(source, target, write_states.DATASET, update=True)
    assert report == (len(table), 2, ())
    config = {"moving_averages": write_states.DATASET.moving_averages, "ema_len": 9, "kama_len": 7}
    assert_equal(target, expected(table, **config))
    assert json.loads((target / "_plan.json").read_text())["law"] == 1


def test_a_plan_of_a_later_version_is_refused(tmp_path: Path) -> None:
    long(tmp_path / "in", PRICES)
    dataset.scan(tmp_path / "in", tmp_path / "out")
    path = tmp_path / "out" / "_plan.json"
    plan = json.loads(path.read_text())
    for name in ("law", "states"):
        path.write_text(json.dumps({**plan, name: plan[name] + 1}))
        with pytest.raises(ValueError, match=f"of other versions .*{name}.* {plan[name] + 1}.*than this one"):
            dataset.scan(tmp_path / "in", tmp_path / "out", update=True)
    path.write_text(json.dumps({**plan, "states": 1}))
    assert dataset.scan(tmp_path / "in", tmp_path / "out", update=True).failures == ()


def test_on_the_command_line(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    single(source, PRICES[PRICES["date"] < "2020-01-07"].rename(columns={"close": "Last"}))
    scan = (
        "scan",
        "--data",
        source,
        "--out",
        target,
        "--column",
        "last",
        "--config",
        tmp_path / "config.toml",
    )
    (tmp_path / "config.toml").write_text(ATCConfig(La=0.5).to_toml())
    done = atc_cy(*scan, "--outputs", "Average_Signal,event")
    assert done.stdout == ""
    assert f"rows of 11 symbols in {target}" in done.stderr
    bad = PRICES.rename(columns={"close": "Last"})
    bad.loc[bad.index[bad["symbol"] == "S03"][200], "Last"] = 0.0
    single(source, bad)
    done = atc_cy(*scan, "--outputs", "Average_Signal,event", "--update", code=3)
    assert "atc-cy: S03: S03.parquet, row 200: prices has 0.0" in done.stderr
    wanted = expected(PRICES, La=0.5)[[*KEY, "Average_Signal", "event"]]
    wanted = wanted[(wanted["symbol"] != "S03") | (wanted["date"] < PRICES["date"][200])]
    assert_equal(target, wanted)
    for arguments, words in [
        (("--data", source), "--data needs --out"),
        (("--data", source, "--out", target, "x.csv"), "--data takes the place of FILE"),
        (("--out", target), "--out needs --data"),
        (("--resume",), "--resume needs --data"),
    ]:
        assert words in atc_cy("scan", *arguments, code=2).stderr
    done = atc_cy(*scan, code=1)
    assert "has a dataset: resume it, update it" in done.stderr


def test_the_config_is_resolved_once(tmp_path: Path) -> None:
    long(tmp_path / "in", PRICES)
    done = calls(
        lambda: dataset.scan(tmp_path / "in", tmp_path / "out", "default", La=0.05, executor=Inline())
    )
    assert done["step"] > 5
    assert done["resolve"] == 1


def test_columns_of_other_kinds_beside(tmp_path: Path) -> None:
    """A struct has several leaves, which statistics count; a folder and a dangling link are no files."""
    nested = PRICES.assign(meta=[{"a": "x", "close": "y"}] * len(PRICES))
    write(tmp_path / "in" / "x.parquet", nested[["meta", "symbol", "date", "close"]])
    (tmp_path / "in" / "folder.parquet").mkdir()
    assert dataset.scan(tmp_path / "in", tmp_path / "out") == (len(PRICES), 11, ())
    assert_equal(tmp_path / "out", expected(PRICES))
    (tmp_path / "in" / "link.parquet").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"link\.parquet: no such file"):
        dataset.scan(tmp_path / "in", tmp_path / "other")


def test_one_file_beside_its_destination(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a relative path, which workers in other folders understand, too."""
    write(tmp_path / "symbol=all" / "x.parquet", PRICES)
    monkeypatch.chdir(tmp_path / "symbol=all")

    class Elsewhere(Inline):
        def submit(self, run: Callable[..., Any], /, *arguments: Any, **_: Any) -> "Future[Any]":
            monkeypatch.chdir(tmp_path)
            return super().submit(run, *arguments)

    assert dataset.scan("x.parquet", "out", executor=Elsewhere()).rows == len(PRICES)
    assert_equal(tmp_path / "symbol=all" / "out", expected(PRICES))


def test_precision(tmp_path: Path) -> None:
    """Only what is float32 throughout is computed so; a file is never narrowed."""
    narrow = PRICES.astype({"close": np.float32})
    write(tmp_path / "in" / "x.parquet", narrow.assign(src=PRICES["close"]))
    dataset.scan(tmp_path / "in", tmp_path / "out", src="src")
    assert_equal(tmp_path / "out", expected(narrow.assign(src=PRICES["close"]), "src"))
    for number, symbol in enumerate(("S01", "S02")):
        one = (PRICES if number else narrow)[PRICES["symbol"] == symbol].drop(columns="symbol")
        write(tmp_path / "single" / f"{symbol}.parquet", one)
    failure = failing(tmp_path / "single", tmp_path / "other")
    assert (failure.symbol, failure.problem) == (
        "S02",
        "the column 'close' is double, but float in the first file: give all files one type",
    )


def test_parts_and_sources_that_are_gone(tmp_path: Path) -> None:
    days(tmp_path / "in", PRICES)
    dataset.scan(tmp_path / "in", tmp_path / "out")
    (tmp_path / "out" / "00000-00001.parquet").unlink()
    first = min((tmp_path / "in").iterdir())
    first.rename(tmp_path / "away")
    with pytest.raises(
        ValueError, match=f"range 0 must be computed again, but {first.name}, .* no longer exists"
    ):
        dataset.scan(tmp_path / "in", tmp_path / "out", update=True)
    (tmp_path / "away").rename(first)
    assert dataset.scan(tmp_path / "in", tmp_path / "out", update=True).failures == ()
    assert_equal(tmp_path / "out", expected(PRICES))


def test_a_worker_of_an_earlier_run(tmp_path: Path) -> None:
    """It writes nothing any more."""
    long(tmp_path / "in", PRICES)
    steps: list[tuple[Any, ...]] = []

    class Recorded(Inline):
        def submit(self, run: Callable[..., Any], /, *arguments: Any, **_: Any) -> "Future[Any]":
            steps.append((run, *arguments))
            return super().submit(run, *arguments)

    dataset.scan(tmp_path / "in", tmp_path / "out", executor=Recorded())
    dataset.scan(tmp_path / "in", tmp_path / "out", update=True)
    for run, *arguments in steps:
        with pytest.raises(RuntimeError, match="another run writes to"):
            run(*arguments)
    assert_equal(tmp_path / "out", expected(PRICES))


@pytest.mark.parametrize("name", ["Symbol", " symbol", "SYMBOL "])
def test_a_column_of_symbols_is_found_as_all_columns_are(name: str, tmp_path: Path) -> None:
    """Symbols one after the other in time, so that no time would give them away if they were run as one."""
    times = pd.date_range("2020-01-01", periods=200, freq="h", unit="us")
    close = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.02, 200)))
    frame = pd.DataFrame({"symbol": ["A"] * 100 + ["B"] * 100, "date": times, "close": close})
    write(tmp_path / "in" / "both.parquet", frame.rename(columns={"symbol": name}))
    assert dataset.scan(tmp_path / "in", tmp_path / "out") == (200, 2, ())
    assert_equal(tmp_path / "out", expected(frame))
