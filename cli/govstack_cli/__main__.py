"""Run the program as a module: ``python -m govstack_cli``."""

import sys

from govstack_cli.main import main

if __name__ == "__main__":
    sys.exit(main())
