"""`equity`: one config traded on paper, bar by bar and trade by trade."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from ..config import ATCConfig, ConfigFields, public, resolve
from .choices import OBJECTIVES
from .metrics import Account, measure
from .trading import account_of, checked_trading, positions_of
from .windows import Window, check_warm_up, windows_of
from .year import warn_of_another_year

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Equity:
    """What trading a config earned, as `equity` computes it.

    Attributes
    ----------
    curve
        A row for each bar, on the index of the prices or their row numbers: ``close``; ``position`` during
        the bar, 1 long, -1 short or 0; ``return`` of the bar, after costs; ``equity`` after the bar, which
        starts from 1.
    trades
        A row for each trade: ``position``; ``opened`` and ``closed``, the bars at whose close it was opened
        and closed; ``entry`` and ``exit``, the prices then; ``bars``, how long it was held; ``return``, after
        the costs of both; ``open``, whether it is still open, so that ``closed`` is the last bar.
    account
        The arrays from which the tables are made.

    See Also
    --------
    equity : Makes it.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> account = atc_cy.equity(usd)
    >>> account.curve["equity"].round(3).tail(2).tolist()
    [0.884, 0.881]
    >>> account.trades[["position", "bars"]].iloc[-1].tolist()
    [-1.0, 35.0]
    """

    curve: "pd.DataFrame"
    trades: "pd.DataFrame"
    account: Account = field(repr=False)

    @cached_property
    def metrics(self) -> "pd.Series[float]":
        """All metrics that `sweep` has for one config, computed when they are first read."""
        import pandas as pd

        return pd.Series(measure(self.account, OBJECTIVES), list(OBJECTIVES))


Equity.__module__ = "atc_cy"


@public
def equity(
    close: Any,
    config: ATCConfig | str = "default",
    *,
    src: Any = None,
    rule: str = "long_short",
    fees: float = 0.0,
    slippage: float = 0.0,
    bars_per_year: float | None = None,
    start: Any = None,
    stop: Any = None,
    seed: int = 0,
    **overrides: Unpack[ConfigFields],
) -> Equity:
    """Trade one config on paper, as `sweep` does, and return the equity after each bar, and the trades.

    Parameters
    ----------
    close
        Closing prices of one symbol, as in `compute_atc_signals`. A row with NaN is not a bar, and is left
        out.
    config
        A config, or a preset's name.
    src, rule, fees, slippage, bars_per_year, start, stop
        As in `sweep`.
    seed
        The seed of the permutations for the metric ``p_value``, ≥ 0.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    Equity
        With the tables ``curve`` and ``trades``, and ``metrics``. The last equity minus 1 is the
        ``total_return`` of `sweep`, bit for bit, and the product of 1 plus the return of each trade is the
        equity.

    Warns
    -----
    UserWarning
        As from `sweep`.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    PriceError
        A row is not a valid price.
    KernelError
        No kernel can be loaded.

    See Also
    --------
    sweep : Many configs, as numbers.
    walk_forward : Configs that were chosen on earlier bars.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> account = atc_cy.equity(usd, rule="long_only", fees=0.0002)
    >>> round(account.curve["equity"].iloc[-1].item(), 3), len(account.trades)
    (0.847, 396)
    >>> account.metrics["max_drawdown"].round(3).item()
    -0.377
    """
    resolved = resolve(config, overrides, function=equity)
    trading = checked_trading(rule, fees, slippage, bars_per_year, seed)
    trading.check_fields(overrides)
    windows = windows_of(close, src, resolved, start, stop)
    if windows[0].name is not None:
        raise ValueError("close must be the prices of one symbol, such as data['BTC'], not a table")
    (window,) = windows
    if start is not None or stop is not None:
        check_warm_up(windows, [resolved], start, stop)
    warn_of_another_year(bars_per_year, windows, OBJECTIVES)
    return equity_of(account_of(positions_of(resolved, window, trading), window, trading), window)


def equity_of(account: Account, window: Window) -> Equity:
    """The tables of an account that traded a window."""
    import pandas as pd

    labels, close = window.labels(), window.bars.close
    curve = pd.DataFrame(
        {
            "close": close[window.first :],
            "position": account.held,
            "return": account.returns,
            "equity": account.equity,
        },
        labels[window.first :],
    )
    # A position during the window's bar i is taken at the close of the bar before.
    opened = account.openings + window.first - 1
    closed = np.minimum(account.ends + window.first - 1, close.size - 1)
    trades = pd.DataFrame(
        {
            "position": account.positions[account.openings],
            "opened": labels[opened],
            "closed": labels[closed],
            "entry": close[opened],
            "exit": close[closed],
            "bars": closed - opened,
            "return": account.trade_returns,
            "open": account.ends >= account.positions.size,
        }
    )
    return Equity(curve, trades, account)
