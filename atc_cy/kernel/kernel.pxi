# The kernel: the law of Adaptive Trend Classification as one resumable step.
#
# A state takes bar after bar. A batch is a fresh state and all rows, a block of bars at a time (block.pxi); a live feed
# is one bar at a time (bar.pxi). Both begin from and end in the same state, so the one may follow the other at any bar,
# and the numbers are the same, bit for bit.
#
# This is the whole of every compiled kernel. A generated stub defines the constants below and includes this
# file once; each preset's extension differs from the generic one in these constants alone, and a CPU level's from
# another's in the width of its vectors and the instructions that the C compiler may use.
#
#   PRESET_NAME, LEVEL, BUILD_HASH   what the extension tells of itself; the name is "" in the generic kernel
#   WIDTH             how many doubles fill a vector register
#   FIXED             whether the structure is known at compile time
#   TYPES             how many types there are (six, if not FIXED)
#   EMA_COLUMN …      where a type stands among those that are there, -1 if it is not there
# and, if FIXED:
#   LONGEST           the longest lane of all
#   WARM_UP           bars until every lane has an average
#   SHORTEST_SUM      the shortest lane of HMA and KAMA
#   WINDOW            the longest lane of WMA and LSMA
#   SHARED_FIRST, SHARED_WINDOWS, PAIRED_ENTRIES   whether EMA and DEMA, WMA and LSMA, HMA and KAMA have the same lanes
#   FIXED_LENGTHS     a C array of the lane lengths of all types
#   FIXED_WINDOW_ENDS, WINDOW_ENDS   a C array of four numbers for each end of a window, see `WindowEnd`, and how many
#
# What changes a result and so must not be "simplified": the order of every addition, x / L (not x * (1 / L)),
# and the missing fused multiply-adds (the build passes -ffp-contract=off). `exact.pxi` has the exceptions, with proof.

include "vector.pxi"
include "structure.pxi"
include "exact.pxi"
include "growth.pxi"
include "state.pxi"
include "open_sums.pxi"
include "windows.pxi"
include "rolling_sum.pxi"
include "averages.pxi"
include "equity.pxi"
include "direction.pxi"
include "block.pxi"
include "bar.pxi"
include "record.pxi"
include "buffers.pxi"
include "config.pxi"
include "module.pxi"
include "symbol.pxi"
include "panel.pxi"
include "sweep.pxi"
include "trade.pxi"
