"""Where freqtrade keeps candles: a file for each pair and timeframe, in the folder of an exchange.

``BTC/USDT`` of ``4h`` is in ``BTC_USDT-4h.feather``, and the futures ``BTC/USDT:USDT`` in
``futures/BTC_USDT_USDT-4h-futures.feather``. The ending says how the file is written.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..text import suggestion

ENDINGS = (".feather", ".parquet", ".json", ".json.gz")
"""The endings of freqtrade's files, its default first: of a pair's several files, the first one is read."""
_OTHER_SIGNS = str.maketrans(dict.fromkeys("/ .@$+:", "_"))


def candle_file(datadir: Path, pair: str, timeframe: str, ending: str = ENDINGS[0]) -> Path:
    """The file of a pair, whether it exists or not.

    >>> candle_file(Path("binance"), "BTC/USDT:USDT", "4h").as_posix()
    'binance/futures/BTC_USDT_USDT-4h-futures.feather'
    """
    stem = f"{pair.translate(_OTHER_SIGNS)}-{_in_names(timeframe)}"
    if ":" in pair:
        return datadir / "futures" / f"{stem}-futures{ending}"
    return datadir / f"{stem}{ending}"


def freqtrade_path(datadir: Path, pair: str, timeframe: str) -> Path:
    """The file of a pair's candles.

    Raises
    ------
    FileNotFoundError
        There is none; the message names the files that exist.
    """
    stem = f"{pair.translate(_OTHER_SIGNS)}-{_in_names(timeframe)}"
    for ending in ENDINGS:
        for path in (candle_file(datadir, pair, timeframe, ending), datadir / f"{stem}{ending}"):
            if path.exists():
                return path
    existing = {_without_ending(path) for path in _all(datadir, "*")}
    raise FileNotFoundError(f"{datadir} has no {stem}{ENDINGS[0]}; {suggestion(stem, existing)}")


def freqtrade_paths(datadir: Path, pairs: Sequence[str], timeframe: str) -> list[Path]:
    """The files of some pairs' candles; for a pair without a file, the path where it should be.

    Raises
    ------
    FileNotFoundError
        None of the files exists.
    """
    found, missing = [], list[FileNotFoundError]()
    for pair in pairs:
        try:
            found.append(freqtrade_path(datadir, pair, timeframe))
        except FileNotFoundError as error:
            missing.append(error)
            found.append(candle_file(datadir, pair, timeframe))
    if len(missing) == len(found):
        raise missing[0]
    return found


def freqtrade_files(datadir: Path, timeframe: str) -> list[Path]:
    """The files of all pairs, spot first, in the order of their names.

    Raises
    ------
    FileNotFoundError
        There is none.
    """
    length = _in_names(timeframe)
    found: list[Path] = []
    for pattern in (f"*-{length}", f"futures/*-{length}-futures"):
        paths: dict[str, Path] = {}
        for path in _all(datadir, pattern):
            paths.setdefault(_without_ending(path), path)
        found += [paths[name] for name in sorted(paths)]
    if not found:
        raise FileNotFoundError(f"{datadir} has no *-{length}{ENDINGS[0]}, nor {', '.join(ENDINGS[1:])}")
    return found


def _all(datadir: Path, pattern: str) -> Iterator[Path]:
    for ending in ENDINGS:
        yield from datadir.glob(f"{pattern}{ending}")


def _without_ending(path: Path) -> str:
    return path.name.removesuffix(".gz").rpartition(".")[0]


def _in_names(timeframe: str) -> str:
    """A timeframe as file names have it: a month is 1Mo, since some systems ignore the case of names."""
    return timeframe.replace("M", "Mo") if timeframe.endswith("M") else timeframe
