"""What can be chosen of a sweep. The command line shows it, so nothing here needs NumPy."""

RULES = ("long_short", "long_only", "strategy")
METRICS = ("total_return", "sharpe", "max_drawdown", "exposure", "trades")
