"""The command line, `atc-cy`: one module for each command; `options` and `common` have what they share.

No module here imports NumPy or pandas before a command runs, so that help, the version and the completion of
a shell appear at once.
"""

from .program import main

__all__ = ["main"]
