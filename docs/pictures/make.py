"""Make up.svg: what a terminal shows at the end of a real `govstack up`.

Run `python docs/pictures/make.py` in the project's environment.  The city is brought up on an
embedded cloud of its own, in a real terminal, and removed again.
"""

import io
import os
import pty
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).resolve().parent
SITE = HERE.parent.parent / "inventories" / "yunzhou"
GOVSTACK = Path(sys.executable).parent / "govstack"
COLUMNS = 108


def in_terminal(command: list[str], variables: dict[str, str]) -> str:
    """Run a command in a terminal of its own; return all that it showed."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, {**os.environ, **variables})  # noqa: S606 - our own command
    shown = bytearray()
    try:
        while chunk := os.read(terminal, 65536):
            shown += chunk
    except OSError:  # the terminal is closed when the command has ended
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        sys.exit(f"{' '.join(command)} ended with {status}:\n{shown.decode()}")
    return shown.decode()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "yunzhou"
        shutil.copytree(SITE, site)
        variables = {
            "GOVSTACK_STATE_HOME": f"{folder}/state",
            "COLUMNS": str(COLUMNS),
            "LINES": "60",
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
        }
        command = [str(GOVSTACK), "--site", str(site)]
        try:
            subprocess.run(
                [*command, "--quiet", "sandbox", "start"],
                env={**os.environ, **variables},
                check=True,
                stdout=subprocess.DEVNULL,
            )
            shown = in_terminal([*command, "up", "--yes"], variables)
        finally:
            subprocess.run(
                [*command, "--quiet", "sandbox", "remove", "--yes"],
                env={**os.environ, **variables},
                check=True,
                stdout=subprocess.DEVNULL,
            )
    title = shown.rindex("云州市政务云")
    result = (
        shown[shown.rindex("\n", 0, title) + 1 :]
        .replace(folder, "~")
        .replace(str(Path.home()), "~")
    )
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi("$ govstack up\n\n" + result.replace("\r\n", "\n")))
    console.save_svg(str(HERE / "up.svg"), title="govstack")


if __name__ == "__main__":
    main()
