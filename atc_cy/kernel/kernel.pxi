# The kernel: the law of Adaptive Trend Classification as one resumable step.
#
# `advance(state, prices, n, out)` takes a state and n more rows. A batch is a fresh state and all rows; a live
# feed is one row at a time; the numbers are the same, bit for bit, because it is the same code.
#
# This is the whole of every compiled kernel. A generated stub defines the constants below and includes this
# file once; each preset's extension differs from the generic one in these constants alone, and a CPU level's from
# another's in the instructions that the C compiler may use.
#
#   PRESET_NAME, LEVEL, BUILD_HASH   what the extension tells of itself; the name is "" in the generic kernel
#   SYMBOLS           how many symbols run side by side in a panel: as many doubles as fill a vector register
#   FIXED             whether the structure is known at compile time
#   HAS_EMA …         whether a type is there (a kernel that is not FIXED has all six)
#   TYPES             how many types there are (six, if not FIXED)
#   *_COLUMN          where a type stands among those that are there
#   HISTORY           the longest lane of all (0 if not FIXED)
#   HMA_RING, KAMA_RING, DEMA_RING   the longest lane of that type (0 if not FIXED)
#   WINDOW            the longest lane of WMA and LSMA (0 if not FIXED)
#   FIXED_LENGTHS     a C array of TYPES * LANES lane lengths (absent if not FIXED)
#
# What changes a result and so must not be "simplified": the order of every addition, x / L (not x * (1 / L)),
# and the missing fused multiply-adds (the build passes -ffp-contract=off). `exact.pxi` has the exceptions, with proof.

include "row.pxi"
include "state.pxi"
include "exact.pxi"
include "growth.pxi"
include "rolling_sum.pxi"
include "averages.pxi"
include "equity.pxi"
include "advance.pxi"
include "vary.pxi"
include "trade.pxi"
include "record.pxi"
include "entry.pxi"
