"""The choices of a sweep. The command line shows them, so nothing here needs NumPy."""

RULES = ("long_short", "long_only", "strategy")
METRICS = ("total_return", "sharpe", "max_drawdown", "exposure", "trades")
"""The default metrics of a sweep: the compiled loop computes them."""
OF_ACCOUNT = (
    *("buy_and_hold", "win_rate", "profit_factor", "sortino", "calmar", "cagr", "turnover"),
    *("skew", "kurtosis", "p_value"),
)
"""Further metrics of one config, which are computed only if they are asked for."""
OBJECTIVES = (*METRICS, *OF_ACCOUNT)
"""The metrics of one config that do not depend on other configs, so that a search can use them."""
ALL_METRICS = (*OBJECTIVES, "deflated_sharpe")
BEST_IS_LOW = ("p_value",)
"""The metrics whose smallest value is the best; for all others it is the largest."""
SEARCHES = ("grid", "random", "tpe")
TRADING_DAYS = 252.0
"""The default number of bars per year, for daily bars of stocks and currencies."""
