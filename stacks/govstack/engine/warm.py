"""What the process imports first that workers are forked from: it looks for no garbage.

All that it imports stays.  To look at that again and again is a tenth of the computing of workers,
and each look makes pages of memory their own that they could share.
"""

import gc
from typing import Final

THRESHOLD: Final = 20_000
"""How many objects a worker makes between two looks: what one stack leaves behind stays bounded."""

gc.disable()


def begin() -> None:
    """Leave what was imported alone for good, in a process that was forked."""
    gc.freeze()
    gc.set_threshold(THRESHOLD)
    gc.enable()
