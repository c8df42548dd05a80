"""Reads charts that TradingView exported, and finds the settings with which our numbers agree."""
