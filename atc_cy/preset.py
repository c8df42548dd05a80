"""The earlier name of `atc_cy.config.preset_file`; `atc_cy.Preset` is the public one of its class."""

import warnings

from .config.preset_file import *  # noqa: F403

warnings.warn("atc_cy.preset is now atc_cy.config.preset_file", DeprecationWarning, stacklevel=2)
