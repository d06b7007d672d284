"""The key that people and programs log in to an environment's servers with."""

import subprocess
from pathlib import Path

from govstack.errors import StateUnreadable
from govstack.state.files import private_folder
from govstack.state.places import Places

KEY = "id_ed25519"
CONFIGURATION = "config"
KNOWN_HOSTS = "known_hosts"


def key_of(places: Places) -> Path:
    """Return the file of the private key, made on first use with mode 0600.

    Raises:
        StateUnreadable: it cannot be made.
    """
    key = private_folder(places.login) / KEY
    if key.exists():
        return key
    # An interrupted attempt leaves a name of its own.
    new = key.with_suffix(".new")
    for leftover in (new, new.with_suffix(".new.pub")):
        leftover.unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "govstack", "-f", str(new)]
    try:
        subprocess.run(  # noqa: S603 - our own command
            command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.CalledProcessError) as error:
        why = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else error
        raise StateUnreadable(
            f"no key to log in with can be made: {why}",
            hint="on Debian: apt install openssh-client",
        ) from error
    new.with_suffix(".new.pub").rename(key.with_suffix(".pub"))
    new.rename(key)
    return key


def public_key(places: Places) -> str:
    """Return the public key, as servers are given it.

    Raises:
        StateUnreadable: there is none, and none can be made.
    """
    return key_of(places).with_suffix(".pub").read_text(encoding="utf-8").strip()
