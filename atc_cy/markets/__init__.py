"""Prices of markets, from where they are traded."""
