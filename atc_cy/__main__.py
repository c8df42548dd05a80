"""`python -m atc_cy` is `atc-cy`."""

import sys

from .cli import main

sys.exit(main())
