"""Make topology.svg: the drawing that `govstack plan` makes of the city of Yunzhou.

Run `python docs/pictures/topology.py` in the project's environment; no cloud is needed.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SITE = HERE.parent.parent / "inventories" / "yunzhou"
GOVSTACK = Path(sys.executable).parent / "govstack"


def main() -> None:
    subprocess.run(
        [
            *(str(GOVSTACK), "--quiet", "--site", str(SITE)),
            *("plan", "--view", "topology", "--to", str(HERE / "topology.svg")),
        ],
        check=True,
    )


if __name__ == "__main__":
    main()
