"""`verify_chart`, which compares an exported chart with our numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ..config import ATCConfig, ConfigFields, public, resolve
from ..errors import PriceError
from ..files.format import FOUND_OUT
from ..text import shown
from .agreement import FEWEST
from .arrows import Arrows, find_arrows, given_arrows
from .export import Export, read_export
from .search import LENGTHS, Found, find_settings, given_settings, lengths_that_fit

if TYPE_CHECKING:
    import os

    import pandas as pd


@dataclass(frozen=True)
class ChartCheck:
    """How an exported chart agrees with our numbers; `print` shows it as a report.

    See Also
    --------
    verify_chart : Returns this object.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> usd.to_frame().assign(EMA=atc_cy.calibration(usd, "EMA")["average"]["ρ"]).to_csv("chart.csv")
    >>> print(atc_cy.verify_chart("chart.csv"))
    EMA: EMA of 28: the same on 7126 of 7126 bars
    """

    agrees: bool
    """Whether the chart agrees with the settings that were given."""
    settings: dict[str, Any] | None
    """The settings to give instead, by name: ``src``, fields of `ATCConfig`, and ``direction_from`` of
    `alerts` (the script's "colour bars from"). Empty if the given settings fit; None if no settings that were
    tried fit."""
    cut: bool
    """Whether the chart has bars before the export's first one."""
    plots: pd.DataFrame
    """A row for each plot, with its moving ``average``, its ``length`` and the number of its ``bars``.
    ``same`` counts the bars on which plot and average are the same to the digits that are shown, and
    ``explained`` also those whose difference can come from bars before the export. ``since`` is the first bar
    after the last difference, and ``fits`` is whether the plot fits."""
    arrows: pd.DataFrame
    """A row for long arrows and one for short arrows: how many arrows the ``chart`` has, how many events are
    found ``here``, and how many are on the ``same`` bars. No rows if no arrows were compared."""
    notes: tuple[str, ...]
    """Further notes for the user."""

    @property
    def fits(self) -> bool:
        """Whether the given settings, or those in `settings`, fit."""
        return self.settings is not None

    def __str__(self) -> str:
        lines = [
            f"{name}: {row['average']} of {row['length']}: the same on {row['same']} of {row['bars']} bars"
            + (
                f", on all {row['bars']} with earlier ones"
                if row["fits"] and row["same"] < row["bars"]
                else ""
            )
            + ("" if row["fits"] else "; it does not fit")
            for name, row in self.plots.to_dict("index").items()
        ]
        lines += [
            f"{name} arrows: {row['chart']} on the chart, {row['here']} here, {row['same']} on the same bars"
            for name, row in self.arrows.to_dict("index").items()
        ]
        return "\n".join([*lines, *self.notes])


ChartCheck.__module__ = "atc_cy"


@public
def verify_chart(
    path: str | os.PathLike[str],
    config: ATCConfig | str = "default",
    *,
    src: str | None = None,
    column: str = "close",
    arrows: Sequence[str] | None = None,
    **overrides: Unpack[ConfigFields],
) -> ChartCheck:
    """Compare a chart that TradingView exported with our numbers, and find the settings it was made with.

    The export has the averages that the script draws, ``EMA`` to ``KAMA``, or the nine lanes of one type,
    ``Calibration (Main)`` to ``Calibration -4ρ``; it may have arrows. Each plot is compared with ours to the
    digits that the export shows. Where one differs, the usual reasons are tried in turn: the chart began
    before the first bar of the export; another source; other lengths, 5 to 200; for calibration, another type
    and robustness; for arrows, another robustness, strategy mode and output.

    If the chart began earlier, EMA, DEMA and KAMA differ at first, and the difference fades from bar to bar
    at a rate that follows from their lengths: a plot fits if its difference does so. Moving averages
    converge, but equities do not, so arrows are then counted but not used to decide.

    Parameters
    ----------
    path
        The exported file, in any form that files of prices may have.
    config
        The settings that the chart should have: a config, or a preset's name.
    src
        What the moving averages should run on: a column, or one of hl2, hlc3, ohlc4 and hlcc4; by default the
        price.
    column
        The column of the price.
    arrows
        The columns of the long and the short arrows; by default those with such names, such as Long and
        Short.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    ChartCheck
        Whether each plot agrees, and the settings that fit.

    Raises
    ------
    OSError
        The file cannot be read.
    TypeError, ValueError
        A bad argument; or the file has no prices, or no plot of the script.
    PriceError
        A row is not a valid price.

    See Also
    --------
    compute_atc_signals : The numbers that the chart is compared with.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> chart = usd.to_frame().assign(EMA=atc_cy.calibration(usd, "EMA", ema_len=20)["average"]["ρ"])
    >>> chart.to_csv("chart.csv")
    >>> check = atc_cy.verify_chart("chart.csv")
    >>> check.agrees, check.settings
    (False, {'ema_len': 20})
    """
    wanted = resolve(config, overrides, function=verify_chart)
    _check_arguments(path, src, column, arrows)
    return check_export(read_export(Path(path), column, FOUND_OUT, arrows, src), wanted)


def check_export(export: Export, wanted: ATCConfig) -> ChartCheck:
    """Check an export that was read; the result is that of `verify_chart`.

    Raises
    ------
    PriceError
        A price is not valid; the message names the line.
    """
    try:
        return _checked(export, wanted)
    except PriceError as error:
        raise PriceError(export.prices.located(error), error.row) from None


def _checked(export: Export, wanted: ATCConfig) -> ChartCheck:
    given = given_settings(export, wanted)
    found = given if given.fits else find_settings(export, wanted)
    cut = any(match.agreement.cut and match.agreement.fits for match in found.matches)
    first = next(iter(export.sources))
    settings = ({} if found.source == first else {"src": found.source}) | found.fields
    notes = _notes(found, settings, cut)
    fits, turned = found.fits, None
    if export.arrows is not None and found.fits:
        turned = _arrows(export, wanted, found, cut)
        fits = cut or turned.fits
        notes += _notes_of_arrows(turned, cut)
        if fits and not cut:
            settings |= turned.fields
            if turned.colour_bars_from != "Average":
                settings["direction_from"] = turned.colour_bars_from
    if found.fits and (ranges := lengths_that_fit(export, found)):
        others = ", ".join(f"{name} {lengths[0]} to {lengths[-1]}" for name, lengths in ranges.items())
        notes.append(f"the export has too few digits to tell lengths apart: {others} fit as well")
    if export.arrows is None and export.unknown:
        some = ", ".join(export.unknown[:5]) + (", …" if len(export.unknown) > 5 else "")
        notes.append(
            f"no arrows were compared: if they are among {some}, name them as arrows=(long, short), or "
            "--arrows LONG SHORT"
        )
    return ChartCheck(
        agrees=fits and not settings,
        settings=settings if fits else None,
        cut=cut,
        plots=_plot_table(export, found),
        arrows=_arrow_table(turned),
        notes=tuple(notes),
    )


def _check_arguments(path: Any, src: Any, column: Any, arrows: Any) -> None:
    import os

    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path={shown(path)} must be the path of a file, not {type(path).__name__}")
    if not isinstance(column, str):
        raise TypeError(f"column={shown(column)} must be a column's name, not {type(column).__name__}")
    if src is not None and not isinstance(src, str):
        raise TypeError(f"src={shown(src)} must be a column's name, or None, not {type(src).__name__}")
    if arrows is not None and (isinstance(arrows, str) or len(arrows) != 2):
        raise TypeError(f"arrows={shown(arrows)} must be two columns: of long and of short arrows")


def _arrows(export: Export, config: ATCConfig, found: Found, cut: bool) -> Arrows:
    """Compare the arrows with the events of the settings that were found for the plots."""
    used = config.override(**found.fields)
    return given_arrows(export, used, found.source) if cut else find_arrows(export, used, found.source)


def _notes(found: Found, settings: dict[str, Any], cut: bool) -> list[str]:
    if not found.fits:
        names = ", ".join(match.plot.name for match in found.matches if not match.agreement.fits)
        bars, longest = len(found.matches[0].plot.values), max(match.length for match in found.matches)
        if bars < 2 * longest + FEWEST:
            return [
                f"no settings fit {names}: the export has {bars} bars, too few to compare averages of "
                f"{longest} bars that began earlier: export more"
            ]
        tried = f"lengths from {LENGTHS[0]} to {LENGTHS[-1]}, each source that the columns give"
        if found.fitting:
            return [f"no settings fit {names}; the others fit{_said(settings)}. Tried: {tried}"]
        return [
            f"no settings fit: the plots are not of these prices, or of another script. Tried: {tried}, "
            "and a chart that began before the export"
        ]
    notes = [f"the chart has other settings: they fit{_said(settings)}"] if settings else []
    if cut:
        notes.append(
            "the chart began before the export's first bar: averages converge, equities do not, so export "
            "from the chart's first bar to compare signals and arrows"
        )
    return notes


def _said(settings: dict[str, Any]) -> str:
    values = ", ".join(f"{name}={value}" for name, value in settings.items())
    return f" with {values}" if values else " with the settings given"


def _notes_of_arrows(arrows: Arrows, cut: bool) -> list[str]:
    if cut or (arrows.fits and not arrows.fields and arrows.colour_bars_from == "Average"):
        return []
    if arrows.fits:
        names = arrows.fields | {"colour bars from": arrows.colour_bars_from}
        return [f"the arrows fit{_said(names)}"]
    return [
        f"the arrows differ on {arrows.wrong} bars, whatever robustness, strategy mode and output were "
        "tried: compare La, De, cutout, weights and thresholds with the script's inputs"
    ]


def _plot_table(export: Export, found: Found) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    rows = []
    for plot, name, length, agreement in found.matches:
        different = np.flatnonzero(~agreement.same)
        since = int(different[-1]) + 1 if different.size else 0
        rows.append(
            {
                "average": name,
                "length": length,
                "bars": len(plot.values),
                "same": int(agreement.same.sum()),
                "explained": int(agreement.explained.sum()),
                "since": export.times[since] if since < len(export.times) else pd.NaT,
                "fits": agreement.fits,
            }
        )
    names = ["average", "length", "bars", "same", "explained", "since", "fits"]
    return pd.DataFrame(rows, [match.plot.name for match in found.matches], names)


def _arrow_table(arrows: Arrows | None) -> pd.DataFrame:
    import pandas as pd

    rows = {}
    for name, sign in (("long", 1), ("short", -1)) if arrows is not None else ():
        assert arrows is not None
        there, here = arrows.chart == sign, arrows.event == sign
        rows[name] = {"chart": int(there.sum()), "here": int(here.sum()), "same": int((there & here).sum())}
    return pd.DataFrame.from_dict(rows, "index", columns=["chart", "here", "same"])
