"""On a real local cluster: the same numbers, whatever workers and schedulers do."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import distributed
import numpy as np
import pandas as pd
import pytest
from dask import dataframe
from support.commands import atc_cy as atc_cy_command
from support.dataset_folders import PRICES, assert_equal, expected, hive, long, make_small, prices, written
from support.places import ROOT
from support.waiting import until

import atc_cy.dask
from atc_cy import PriceError


@contextmanager
def local_cluster() -> Iterator[tuple[distributed.LocalCluster, distributed.Client]]:
    """Of two worker processes."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.run(make_small)
        yield cluster, client


@pytest.fixture(scope="module")
def client() -> Iterator[distributed.Client]:
    with local_cluster() as (_, client):
        yield client


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch.setattr)


def test_a_folder(client: distributed.Client, tmp_path: Path) -> None:
    long(tmp_path / "in", PRICES)
    reached: list[tuple[int, int]] = []
    report = atc_cy.dask.scan(
        tmp_path / "in", tmp_path / "out", client=client, progress=lambda *far: reached.append(far)
    )
    assert report == (len(PRICES), 11, ())
    assert reached[-1][0] == reached[-1][1]
    assert_equal(tmp_path / "out", expected(PRICES))
    hive(tmp_path / "more", PRICES[PRICES["date"] < "2020-01-09"])
    for end in ("2020-01-09", "2021-01-01"):
        hive(tmp_path / "more", PRICES[PRICES["date"] < end])
        atc_cy.dask.scan(tmp_path / "more", tmp_path / "hive", client=client, update=True)
        assert_equal(tmp_path / "hive", expected(PRICES[PRICES["date"] < end]))


def test_futures_that_are_cancelled_while_their_results_come_in(client: distributed.Client) -> None:
    """They end; a run waits for that."""
    executor = atc_cy.dask._Workers(client, 0)
    futures = [executor.submit(abs, -number) for number in range(200)]
    wait(futures, return_when=FIRST_COMPLETED)
    for future in futures:
        future.cancel()
    assert wait(futures, timeout=60).not_done == set()
    assert executor.submit(abs, -1).result(60) == 1  # the client is as it was
    for number, future in enumerate(futures):
        assert future.cancelled() or future.result() == number


@pytest.mark.long
def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """`kill -9` in the middle: another worker takes its steps, and the output is complete."""
    frame = prices(60, 2_000)
    long(tmp_path / "in", frame)
    with local_cluster() as (cluster, client):
        killed: list[int] = []

        def kill(done: int, total: int) -> None:
            if done > total * (len(killed) + 1) / 4 and len(killed) < 2:
                killed.append(cluster.workers[len(killed)].pid)
                os.kill(killed[-1], signal.SIGKILL)

        report = atc_cy.dask.scan(tmp_path / "in", tmp_path / "out", client=client, progress=kill)
    assert len(set(killed)) == 2
    assert report.failures == ()
    assert_equal(tmp_path / "out", expected(frame))


@contextmanager
def cluster_of_processes(folder: Path) -> Iterator[tuple[distributed.Client, "subprocess.Popen[bytes]"]]:
    """A scheduler and two workers, as on three machines."""
    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    common = ["--no-dashboard", "--scheduler-file", file]
    commands = [["distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1", *common]]
    commands += 2 * [["distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", *common]]
    paths = [str(ROOT / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env=environment, stderr=subprocess.DEVNULL
        )
        for command in commands
    ]
    try:
        with distributed.Client(scheduler_file=str(file), timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
            client.run(make_small)
            yield client, processes[0]
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.release
def test_a_scheduler_that_is_restarted(tmp_path: Path) -> None:
    """The run ends with an error; another one goes on where it was."""
    frame = prices(60, 2_000)
    long(tmp_path / "in", frame)
    with cluster_of_processes(tmp_path) as (client, scheduler):

        def stop(done: int, total: int) -> None:
            if done > total / 3:
                scheduler.kill()

        with pytest.raises(ConnectionError, match="keeps what is written: resume it"):
            atc_cy.dask.scan(tmp_path / "in", tmp_path / "out", client=client, progress=stop)
    assert 0 < len(written(tmp_path / "out")) < len(frame)
    with cluster_of_processes(tmp_path) as (client, _):
        report = atc_cy.dask.scan(tmp_path / "in", tmp_path / "out", client=client, resume=True)
    assert report.failures == ()
    assert_equal(tmp_path / "out", expected(frame))


def test_on_the_command_line(client: distributed.Client, tmp_path: Path) -> None:
    long(tmp_path / "in", PRICES)
    address = client.scheduler.address
    atc_cy_command("scan", "--data", tmp_path / "in", "--out", tmp_path / "out", "--scheduler", address)
    assert_equal(tmp_path / "out", expected(PRICES))


@pytest.mark.long
def test_a_scheduler_that_is_lost_on_the_command_line(tmp_path: Path) -> None:
    """The last line says so."""
    long(tmp_path / "in", prices(60, 2_000))
    with cluster_of_processes(tmp_path) as (client, scheduler), ThreadPoolExecutor() as pool:
        address = client.scheduler.address
        options = ("--data", tmp_path / "in", "--out", tmp_path / "out", "--scheduler", address)
        done = pool.submit(atc_cy_command, "scan", *options, code=1)
        until(lambda: done.done() or list(tmp_path.glob("out/*.parquet")))
        assert not done.done()
        scheduler.kill()
        problem = done.result().stderr
    assert problem.endswith(f"{tmp_path / 'out'} keeps what is written: resume it\n")


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("partitions", [1, 3, 40])
def test_a_frame(partitions: int) -> None:
    frame = dataframe.from_pandas(PRICES, npartitions=partitions, sort=False)
    lazy = atc_cy.dask.atc(frame, by="symbol", La=0.5)
    assert list(lazy.columns) == list(lazy.compute().columns)
    found = lazy.compute()
    wanted = atc_cy.atc(PRICES, by="symbol", La=0.5)
    pd.testing.assert_frame_equal(found, wanted, check_exact=True)
    assert lazy.dtypes.equals(wanted.dtypes)
    by_date = PRICES.set_index("date")
    dated = dataframe.from_pandas(by_date, npartitions=partitions, sort=False)
    one = atc_cy.dask.atc(dated.astype({"close": np.float32}), "ema_only", by="symbol").compute()
    wanted = atc_cy.atc(by_date.astype({"close": np.float32}), "ema_only", by="symbol")
    pd.testing.assert_frame_equal(one, wanted, check_exact=True)


@pytest.mark.usefixtures("client")
def test_frames_that_cannot_be() -> None:
    frame = dataframe.from_pandas(PRICES, npartitions=7, sort=False)
    for words, arguments in [
        ("by='sybmol' is not a column; did you mean 'symbol'", {"by": "sybmol"}),
        ("close='price' is not a column", {"by": "symbol", "close": "price"}),
    ]:
        with pytest.raises(ValueError, match=words):
            atc_cy.dask.atc(frame, **arguments)
    again = pd.concat([PRICES, PRICES[PRICES["symbol"] == "S00"]], ignore_index=True)
    bad = PRICES.assign(close=PRICES["close"].where(PRICES.index != 2_000, -1.0))
    backwards = PRICES.set_index("date").groupby("symbol").sample(frac=1, random_state=0)
    without = PRICES.assign(symbol=PRICES["symbol"].where(PRICES.index != 9))
    for words, error, rows in [
        ("S00 occurs again after another symbol", ValueError, again),
        (r"prices has -1\.0", PriceError, bad),
        ("the rows are not in the order of time", ValueError, backwards),
        ("the symbol is missing in row", ValueError, without),
    ]:
        with pytest.raises(error, match=words):
            atc_cy.dask.atc(dataframe.from_pandas(rows, npartitions=7, sort=False), by="symbol").compute()


@pytest.mark.long
def test_the_default_cluster(tmp_path: Path) -> None:
    """Without a client, a cluster is made for the call and is gone after it."""
    long(tmp_path / "in", PRICES)
    script = f"""
import atc_cy.dask
if __name__ == "__main__":
    print(atc_cy.dask.scan({str(tmp_path / "in")!r}, {str(tmp_path / "out")!r}).rows)
"""
    (tmp_path / "run.py").write_text(script)
    done = subprocess.run(
        [sys.executable, tmp_path / "run.py"], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split()[-1] == str(len(PRICES))
    assert_equal(tmp_path / "out", expected(PRICES))


@pytest.mark.usefixtures("client")
def test_times_in_a_column_are_checked() -> None:
    days = pd.date_range("2024-01-01", periods=4)
    rows = pd.DataFrame({"symbol": "A", "date": days[::-1], "close": [1.0, 2.0, 3.0, 4.0]})
    for partitions in (1, 2):
        frame = dataframe.from_pandas(rows, npartitions=partitions, sort=False)
        with pytest.raises(ValueError, match="A: the rows are not in the order of time"):
            atc_cy.dask.atc(frame, by="symbol").compute()
