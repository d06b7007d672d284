"""Find the data that ships with govstack, whether installed or checked out."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
SHIPPED = PACKAGE / "_data"
CHECKOUT = PACKAGE.parent.parent


def resource(name: str) -> Path:
    """Return the folder of that name (``templates``, ``sandbox``, ``toolchain``...)."""
    return (SHIPPED if SHIPPED.is_dir() else CHECKOUT) / name
