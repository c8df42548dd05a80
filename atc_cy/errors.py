"""What goes wrong here, each kind by its name.

Every error keeps the arguments that it was made with as its `args`. So pickle, copy, multiprocessing, joblib
and Dask can make it again, with all of its attributes. Those that `atc_cy` has are of that module.
"""


class ATCError(Exception):
    """The base of all errors that this package defines.

    Each of them is also one of Python's own errors, such as ValueError, so that either name catches it.
    The first argument is the message.
    """

    __module__ = "atc_cy"

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class PriceError(ATCError, ValueError):
    """A row that is not a valid price.

    Attributes
    ----------
    row
        The number of the row, from 0; -1 in the `failures` of a scan: the symbol has no prices at all. In a
        `PanelStream` it is the number of the symbol, and in a `Stream` the number of bars before.
    """

    __module__ = "atc_cy"

    def __init__(self, problem: str, row: int) -> None:
        super().__init__(problem, row)
        self.row = row


class StateError(ATCError, ValueError):
    """Bytes that are not a saved state, or not the state that is wanted."""

    __module__ = "atc_cy"


class FileError(ATCError, ValueError):
    """A file of a dataset that cannot be read to its end."""


class HeaderError(ATCError, ValueError):
    """The first line of a feed does not name the columns, so that none of its rows can be read."""


class FeedOrderError(ATCError, ValueError):
    """A feed that gives the latest bar first, or rows that do not make the bars that are wanted."""


class KernelError(ATCError, ImportError):
    """A kernel is missing, cannot be loaded, or is not what its name says."""

    __module__ = "atc_cy"


class BuildError(ATCError, RuntimeError):
    """A preset could not be built; the message says why, and what to do."""


class VerificationError(ATCError, RuntimeError):
    """A kernel computes a number that the law does not; the message says where."""


class ExponentialMultiplierWarning(UserWarning):
    """Recent bars dominate the equities, because `La` is large for so many bars."""

    __module__ = "atc_cy"
