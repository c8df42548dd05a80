"""The earlier name of what `atc_cy.dataset` and `atc_cy.errors` have now."""

import warnings

from .dataset import Failure
from .errors import FileError

__all__ = ["Failure", "FileError"]

warnings.warn(
    "atc_cy.dataset_step is now atc_cy.dataset, for Failure, and atc_cy.errors",
    DeprecationWarning,
    stacklevel=2,
)
