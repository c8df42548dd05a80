"""What symbols can be sorted by, and from when on one is stale."""

SORT_KEYS = ("strength", "equity", "fresh", "symbol", "signal", "newest")
"""The first four are the ranking rule, see `atc_cy.rank`."""
RULE = SORT_KEYS[:4]
STALE_STEPS = 5
"""A symbol is stale if its last bar is more than so many of its steps older than the newest one."""
