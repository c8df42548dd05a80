"""The earlier name of `atc_cy.building.extension`."""

import warnings

from .building.extension import *  # noqa: F403

warnings.warn("atc_cy.buildtools is now atc_cy.building.extension", DeprecationWarning, stacklevel=2)
