"""Computes a folder of prices that does not fit into memory, and writes a folder of Parquet files.

The symbols are divided into ranges. A range is computed in steps. A step reads the next rows of its symbols,
resumes each symbol from the state that the step before saved, writes a part of the output, and then saves the
states. A run can be interrupted at any time: the next run repeats the step that was not finished, with the
same result.

The content of a destination::

    _plan.json               the arguments of the run, and where the symbols are divided
    _report.json             rows, symbols, failures, and whether everything is complete
    _states/00007.parquet    of range 7: what has been read, and each symbol's state after it
    00007-00002.parquet      of range 7: the output of its third step
"""

from .run import Report, scan
from .states import Failure

__all__ = ["Failure", "Report", "scan"]
