"""Reach into an embedded cloud whose servers are real hosts, from outside it as an operator would.

No route of this machine leads there: the helper makes the connection inside and hands it over.
"""

import json
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from govstack.errors import SandboxFailed
from govstack.sandbox.layout import Layout
from govstack.sandbox.passage import Refused, helper, passed, request

MACHINE_SECONDS: Final = 60.0
"""How long one machine may take until it is on."""
OPERATOR: Final = "198.51.100.1"
"""The address that connections from outside seem to come from; the helper's side knows it too."""


def connect(root: Path, host: str, port: int) -> socket.socket:
    """Return a connection to an address in the cloud.

    Raises:
        SandboxFailed: there is no helper, or the cloud lets nobody in there.
    """
    try:
        return passed(Layout(root).run, host, port)
    except Refused as error:
        raise SandboxFailed(
            f"the embedded cloud lets nobody in: {error}",
            hint="only what the site's flows allow from outside can be reached, a bastion above "
            "all",
        ) from error
    except OSError as error:
        raise _unreachable(root) from error


def passage(root: Path) -> tuple[str, ...]:
    """Return the command that connects its input and output with the address and port after it."""
    return sys.executable, "-I", str(Path(__file__).with_name("passage.py")), str(Layout(root).run)


def host_keys(root: Path) -> Mapping[str, str]:
    """Return the public SSH key of each host by its name, as it was made with the host.

    Raises:
        SandboxFailed: there is no helper.
    """
    with _helper(root) as opened, opened.makefile("rb") as lines:
        opened.sendall(request("keys"))
        answer = json.loads(lines.readline() or b"{}")
    if "keys" not in answer:
        raise SandboxFailed(f"the keys of hosts are not known: {answer.get('error', 'no answer')}")
    return {str(name): str(key) for name, key in answer["keys"].items()}


def have_machines(root: Path, machines: Sequence[Mapping[str, object]]) -> Mapping[str, str]:
    """Have exactly these machines in the cloud, each of them on; return what each is, by name.

    Args:
        root: the cloud's folder.
        machines: each a ``guest`` as the helper knows them, and a ``drive`` of files in base64.

    Raises:
        SandboxFailed: there is no helper, or a machine does not start.
    """
    with _helper(root) as opened, opened.makefile("rb") as lines:
        opened.settimeout(MACHINE_SECONDS * max(1, len(machines)))
        opened.sendall(request("machines", machines=list(machines)))
        answer = json.loads(lines.readline() or b"{}")
    if "machines" not in answer:
        raise SandboxFailed(f"the machines are not on: {answer.get('error', 'no answer')}")
    return {str(name): str(state) for name, state in answer["machines"].items()}


@contextmanager
def _helper(root: Path) -> Iterator[socket.socket]:
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(helper(Layout(root).run))
        except OSError as error:
            raise _unreachable(root) from error
        yield opened


def _unreachable(root: Path) -> SandboxFailed:
    if Layout(root).hosts.exists():
        return SandboxFailed(
            f"the embedded cloud in {root} does not run", hint="govstack sandbox start"
        )
    return SandboxFailed(
        f"the embedded cloud in {root} has no hosts that could be reached",
        hint="govstack doctor tells what this machine lacks for them; then govstack sandbox reset",
    )
