"""From a preset's TOML file to a compiled kernel that is proven and measured.

`extension` turns presets into extensions (setup.py uses it), `wheel` builds plug-ins, `verify` compares a
kernel with the generic one and the oracle, `bench` times it. The build imports this package where nothing is
compiled and NumPy may be missing: import nothing here.
"""
