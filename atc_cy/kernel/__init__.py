"""The Cython source of every kernel; `atc_cy.building.extension` compiles it."""
