"""What a user may have meant by a name that nothing has."""

import difflib
from collections.abc import Sequence


def suggestion(name: str, known: Sequence[str], *, otherwise: str = "there are") -> str:
    """Return the known name that is most like this one, or all of them after `otherwise`."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"{otherwise}: {', '.join(known)}"
