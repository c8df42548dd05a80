"""Candles of markets: of exchanges, of stocks, and those that were fetched before.

A `Source` lists symbols and gives their candles; `fetch` asks it for those that a `Folder` does not have.
"""
