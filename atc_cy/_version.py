"""The version, where the build reads it without NumPy."""

__version__ = "1.0.0"
