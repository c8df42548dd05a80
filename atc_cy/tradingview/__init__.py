"""Charts of TradingView: what an export holds, and with which settings it is ours."""
