"""The Cython source of every kernel; `atc_cy.buildtools` compiles it."""
