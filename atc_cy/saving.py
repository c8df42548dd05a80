"""The earlier name of `atc_cy.live.saved`."""

import warnings

from .live.saved import *  # noqa: F403

warnings.warn("atc_cy.saving is now atc_cy.live.saved", DeprecationWarning, stacklevel=2)
