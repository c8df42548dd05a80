"""The command line, `atc-cy`: one module a command, and what several of them share in `options` and `common`.

No module here imports NumPy or pandas before a command runs, so that help, the version and the completion of
a shell come at once.
"""

from .program import main

__all__ = ["main"]
