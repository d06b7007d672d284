"""Run a piece of a test in a process of its own.

nova and cinder keep their settings in one global object, and patches cannot be taken back.
"""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

SOURCES = Path(__file__).parent.parent
PREAMBLES = {
    "nova": "from nova import monkey_patch; monkey_patch.patch()\n",
    "cinder": "from cinder import monkey_patch; monkey_patch.patch()\n"
    "from cinder import objects; objects.register_all()\n",
    "": "",
}


def run_alone(code: str, project: str = "") -> str:
    """Return what the code prints; fail with its output if it fails."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(SOURCES),
        "PYTHONWARNINGS": "ignore",
        "OS_NOVA_DISABLE_EVENTLET_PATCHING": "true",
        "OS_CINDER_DISABLE_EVENTLET_PATCHING": "true",
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", PREAMBLES[project] + textwrap.dedent(code)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout.strip()
