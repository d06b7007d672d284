"""Say plainly what is wrong with this Python, if anything; runs on every Python since 2.7."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "govstack needs Python 3.11 or newer; {0} is {1}.{2}.\n"
        "Name another one: make PYTHON=python3.11 ...".format(
            sys.executable, sys.version_info[0], sys.version_info[1]
        )
    )

try:
    import ensurepip
    import venv
except ImportError:
    sys.exit(
        "{0} cannot make virtual environments.\nOn Debian: apt install python3-venv".format(
            sys.executable
        )
    )
