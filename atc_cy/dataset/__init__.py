"""Out of core: a folder of prices in, Parquet out, in bounded memory, and nothing lost.

The symbols are cut into ranges. A range goes forward in steps: one reads the next rows of its symbols,
carries them on from the states that the step before left, writes a part of the output, and then the states.
Whatever ends a run ends it between two steps: a step that was not finished is done again, with the same
result.

What a destination holds::

    _plan.json               what was asked for, and where the symbols are cut
    _report.json             rows, symbols, failures, whether all is complete
    _states/00007.parquet    of range 7: what has been read, and each symbol's state after it
    00007-00002.parquet      of range 7: the output of its third step
"""

from .run import Report, scan
from .states import Failure

__all__ = ["Failure", "Report", "scan"]
