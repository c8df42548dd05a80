"""The version, where the build reads it without NumPy."""

__version__ = "0.1.0"
