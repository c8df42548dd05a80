"""Records of what kernels do: complete, whole, cheap; and what is made of them."""

import json
import logging
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atc_cy import (
    ATCConfig,
    PanelStream,
    Stream,
    calibration,
    chart,
    compute_atc_signals,
    get_array_fn,
    hotpaths,
    scan,
    weight_table,
)
from atc_cy.dispatch import best_kernel
from atc_cy.engine import recording

PRICES = np.linspace(1, 2, 100)
OTHER = ATCConfig(moving_averages=("EMA", "KAMA"), ema_len=20)


def test_what_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "usage.jsonl"
    compute_atc_signals(PRICES)  # before: not counted
    array, stream, panel = get_array_fn(OTHER), Stream(OTHER), PanelStream(["a", "b"], OTHER)
    with hotpaths.record(path):
        compute_atc_signals(PRICES)
        compute_atc_signals(PRICES, La=3.0)
        scan(np.stack([PRICES] * 3))
        array(PRICES)
        stream.extend(PRICES)
        stream.update(1.0)
        panel.update([1.0, 2.0])
        with pytest.raises(TypeError, match="prices"):
            compute_atc_signals("prices")
    compute_atc_signals(PRICES)  # after
    default, other = sorted(hotpaths.read(path), key=lambda usage: -usage.bars)
    assert (default.structure, default.kernel) == (ATCConfig().structure, "default")
    assert (default.calls, default.bars, default.symbols) == (3, 500, 5)
    assert (other.structure, other.kernel) == (OTHER.structure, "generic")
    assert (other.calls, other.bars, other.symbols) == (4, 100 + 100 + 1 + 2, 5)
    assert 0 < other.seconds < 10
    assert not recording.recorders


def test_all_calls_are_summed(tmp_path: Path) -> None:
    recorder = recording.Recorder(tmp_path / "usage")
    kernel = best_kernel(OTHER.structure)
    for bars, symbols, seconds in ((5, 2, 0.25), (6, 1, 0.5)):
        recorder.add(kernel, OTHER.structure, bars, symbols, seconds)
    assert recorder.path.read_bytes() == b""  # it is written about once a second
    for _ in range(2):  # what was written is not written again
        recorder.flush()
        (line,) = recorder.path.read_text().splitlines()
        row = json.loads(line)
        assert [row[name] for name in recording.COUNTED] == [2, 11, 3, 0.75]
        assert (row["kernel"], row["moving_averages"], row["ema_len"]) == ("generic", ["EMA", "KAMA"], 20)
    recorder.add(kernel, OTHER.structure, 5, 2, 0.25)
    recorder.forget()
    recorder.path.unlink()
    recorder.flush()
    assert not recorder.path.exists()


def test_what_was_counted_is_written_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_SECONDS_BETWEEN_WRITES", -1.0)
    recorder = recording.Recorder(tmp_path / "usage")
    for calls in (1, 2):
        recorder.add(best_kernel(OTHER.structure), OTHER.structure, 5, 2, 0.25)
        assert len(recorder.path.read_text().splitlines()) == calls


def test_recorders_may_overlap(tmp_path: Path) -> None:
    with hotpaths.record(tmp_path / "outer"):
        compute_atc_signals(PRICES)
        with hotpaths.record(tmp_path / "inner"):
            compute_atc_signals(PRICES)
        compute_atc_signals(PRICES)
    assert [hotpaths.read(tmp_path / name)[0].calls for name in ("outer", "inner")] == [3, 1]


def test_threads(tmp_path: Path) -> None:
    def work() -> None:
        for _ in range(200):
            compute_atc_signals(PRICES)

    with hotpaths.record(tmp_path / "usage"):
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    (usage,) = hotpaths.read(tmp_path / "usage")
    assert (usage.calls, usage.bars) == (800, 80_000)


def append(path: Path, count: int) -> None:
    recorder, kernel = hotpaths.Recorder(path), best_kernel(OTHER.structure)
    for _ in range(count):
        recorder.add(kernel, OTHER.structure, 3, 2, 0.5)
        recorder.flush()


@pytest.mark.long
def test_ten_processes_append_ten_thousand_records_each(tmp_path: Path) -> None:
    path = tmp_path / "usage"
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=append, args=(path, 10_000)) for _ in range(10)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    lines = path.read_bytes().splitlines()
    assert len(lines) == 100_000
    assert len({tuple(json.loads(line)) for line in lines}) == 1
    (usage,) = hotpaths.read(path)
    assert usage == (OTHER.structure, "generic", 100_000, 300_000, 200_000, 50_000.0)


def compute(_: int) -> None:
    compute_atc_signals(PRICES)


def test_children_tell_what_they_did_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "usage"
    with hotpaths.record(path):
        compute_atc_signals(PRICES)
        with multiprocessing.get_context("fork").Pool(3) as pool:
            pool.map(compute, range(20))
            pool.close()
            pool.join()
    assert hotpaths.read(path)[0].calls == 21


def test_a_whole_process(tmp_path: Path) -> None:
    path = tmp_path / "usage"
    script = f"import atc_cy; atc_cy.compute_atc_signals({PRICES.tolist()})"
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "ATC_CY_RECORD": str(path)},
            check=True,
            cwd=tmp_path,
        )
    (usage,) = hotpaths.read(path)
    assert (usage.calls, usage.bars) == (2, 200)
    nowhere = {**os.environ, "ATC_CY_RECORD": str(tmp_path / "no" / "folder")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=nowhere, check=False, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0
    reported = f"ATC_CY_RECORD: {tmp_path}/no/folder: no such file or directory: nothing is recorded"
    assert reported in done.stderr


def test_what_is_lost_at_the_end_of_a_process(tmp_path: Path) -> None:
    """What was written before is there: the warning does not say that nothing is recorded."""
    path = tmp_path / "usage"
    with hotpaths.record(path) as recorder:
        path.unlink()
        path.mkdir()
        compute_atc_signals(PRICES)
        lost = "what was counted since the last write is not recorded$"
        with pytest.warns(RuntimeWarning, match=lost) as warned:
            recording._flush(recorder)
        assert warned[0].filename == recording.__file__
        path.rmdir()


def test_what_is_computed_outlives_a_file_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_SECONDS_BETWEEN_WRITES", 0.0)
    path = tmp_path / "folder" / "usage"
    path.parent.mkdir()
    with hotpaths.record(path) as recorder:
        path.parent.rename(tmp_path / "gone")
        compute_atc_signals(PRICES)
        with pytest.raises(FileNotFoundError):
            recorder.flush()
        path.parent.mkdir()
        compute_atc_signals(PRICES)
    assert hotpaths.read(path)[0].calls == 2


def test_a_torn_line_is_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "usage"
    with hotpaths.record(path):
        compute_atc_signals(PRICES)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    with hotpaths.record(path):
        compute_atc_signals(PRICES)
    with caplog.at_level(logging.WARNING, "atc_cy"):
        assert hotpaths.read(path)[0].calls == 2
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: line 2 is incomplete: it is skipped"
    ]


def test_logs_of_configs(tmp_path: Path) -> None:
    lines = tmp_path / "log.jsonl"
    lines.write_text(
        '{"ema_len": 20}\n\n{"moving_averages": ["EMA", "KAMA"], "ema_len": 20, "La": 1}\n{}\n{}\n'
    )
    first, second, third = hotpaths.read(lines)
    assert (first.structure, first.calls, first.kernel) == (ATCConfig().structure, 2, None)
    assert {second.structure, third.structure} == {ATCConfig(ema_len=20).structure, OTHER.structure}
    table = tmp_path / "log.csv"
    table.write_text(
        "moving_averages,ema_len,robustness,strategy_mode,calls,seconds\n"
        "EMA KAMA,20,,False,5,0.25\n"
        '"KAMA, EMA",20,,true,1,1e-2\n'
        ",,Wide,,,\n"
    )
    first, second = hotpaths.read(table)
    assert first == (OTHER.structure, None, 6, 0, 2, 0.26)
    assert second.structure == ATCConfig(robustness="Wide").structure


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.jsonl", '{}\n{"emalen": 3}\n', "line 2: there is no parameter 'emalen'; did you mean 'ema_len'"),
        ("a.jsonl", '{"ema_len": 28.5}\n', "line 1: ema_len=28.5 must be an integer"),
        ("a.jsonl", "[1]\n", "line 1: give one JSON object"),
        ("a.jsonl", '{"calls": -1}\n', "line 1: calls=-1 must be a whole number"),
        ("a.jsonl", '{"bars": 1.5}\n', "line 1: bars=1.5 must be a whole number"),
        ("a.jsonl", '{"seconds": NaN}\n', "line 1: seconds=nan must be a number"),
        ("a.jsonl", '{"kernel": 3}\n', "line 1: kernel=3 must be"),
        ("a.csv", "ema_len,La\n20,1\n20\n", "line 3: the header has 2 columns"),
        ("a.csv", "ema_len\ntwenty\n", "line 2: ema_len='twenty' must be an integer"),
    ],
)
def test_bad_logs(name: str, text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ValueError, match=f"{path}, ") as raised:
        hotpaths.read(path)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("call", "runs"),
    [
        (lambda: calibration(PRICES, "EMA"), 1),
        (lambda: weight_table(PRICES), 1),
        (lambda: chart(PRICES), 1),
        (lambda: get_array_fn(ATCConfig())(PRICES), 1),
    ],
)
def test_lanes_and_charts_are_counted(call: Callable[[], Any], runs: int, tmp_path: Path) -> None:
    with hotpaths.record(tmp_path / "usage.jsonl"):
        call()
    (usage,) = hotpaths.read(tmp_path / "usage.jsonl")
    assert (usage.calls, usage.bars, usage.symbols) == (runs, runs * len(PRICES), 1)
    assert usage.seconds > 0


def test_one_module_drives_the_kernels() -> None:
    """Counting a call, and turning a stop into an error, is written once; two others measure kernels."""
    root = Path(hotpaths.__file__).parent
    calling = {
        path.relative_to(root).as_posix() for path in root.rglob("*.py") if ".advance(" in path.read_text()
    }
    assert calling == {"engine/run.py", "building/verify.py", "building/bench.py"}


def test_ticks_are_counted(tmp_path: Path) -> None:
    """What looks ahead or revises runs a kernel as an update does."""
    stream, panel = Stream("ema_only"), PanelStream(["a", "b"], "ema_only")
    stream.update(1.0)
    panel.update([1.0, 2.0])
    calls = (
        stream.peek,
        stream.revise,
        lambda price: panel.peek([price] * 2),
        lambda price: panel.revise([price] * 2),
    )
    for call in calls:
        path = tmp_path / str(len([*tmp_path.iterdir()]))
        with hotpaths.record(path):
            call(1.5)
        (usage,) = hotpaths.read(path)
        assert (usage.calls, usage.bars) == (1, usage.symbols)
        assert usage.seconds > 0
