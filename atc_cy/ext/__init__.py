"""Compiled kernels: generated when the project is built, never edited."""
