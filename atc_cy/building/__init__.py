"""Builds, verifies and measures the kernels of presets.

`extension` turns presets into extensions (setup.py uses it), `wheel` builds plug-ins, `verify` compares a
kernel with the generic one and the oracle, `bench` times it. The build imports this package before anything
is compiled and perhaps without NumPy: import nothing here.
"""
