"""What can be chosen of a sweep. The command line shows it, so nothing here needs NumPy."""

RULES = ("long_short", "long_only", "strategy")
METRICS = ("total_return", "sharpe", "max_drawdown", "exposure", "trades")
"""Those of a sweep by default: the compiled loop gives them."""
OF_ACCOUNT = (
    *("buy_and_hold", "win_rate", "profit_factor", "sortino", "calmar", "cagr", "turnover"),
    *("skew", "kurtosis", "p_value"),
)
"""More of each config, which take time only if they are asked for."""
OBJECTIVES = (*METRICS, *OF_ACCOUNT)
"""What one config has without the others, so that a search can look for it."""
ALL_METRICS = (*OBJECTIVES, "deflated_sharpe")
BEST_IS_LOW = ("p_value",)
"""Of all other metrics, the largest value is the best."""
SEARCHES = ("grid", "random", "tpe")
TRADING_DAYS = 252.0
"""Bars of a year by default: of daily bars of stocks and currencies."""
