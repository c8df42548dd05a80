"""The keys by which symbols can be sorted, and the age at which a symbol is stale."""

SORT_KEYS = ("strength", "equity", "fresh", "symbol", "signal", "newest")
"""The keys that `atc_cy.rank` accepts."""
RULE = SORT_KEYS[:4]
"""The keys of the ranking rule, the most important first."""
STALE_STEPS = 5
"""A symbol is stale if its last bar is older than the newest bar by more than this many of its steps."""
