"""The import path of `atc_cy.building.extension` in earlier versions; it stays valid."""

from .building.extension import (
    ABI,
    COMPILE_ARGS,
    DIRECTIVES,
    HEADER,
    KERNEL,
    WIDTHS,
    GeneratedExtension,
    build_kernels,
    kernel_extensions,
    preset_extensions,
    source_hash,
    stub,
)

__all__ = [
    "ABI",
    "COMPILE_ARGS",
    "DIRECTIVES",
    "HEADER",
    "KERNEL",
    "WIDTHS",
    "GeneratedExtension",
    "build_kernels",
    "kernel_extensions",
    "preset_extensions",
    "source_hash",
    "stub",
]
