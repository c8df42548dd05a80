"""Candles of markets: from exchanges, of stocks, and those that were fetched before.

A `Source` lists symbols and returns their candles; `fetch` asks it for those that a `Folder` does not have.
"""
