"""The scripts of asv_benchmarks can be imported."""

import sys

from support.places import ROOT

sys.path.insert(0, str(ROOT / "asv_benchmarks"))
