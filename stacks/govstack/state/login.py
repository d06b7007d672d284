"""The key that people and programs log in to an environment's servers with, and its certificate.

The key alone opens nothing: servers let in who has a certificate of the site's authority for it.
"""

import secrets
import subprocess
from datetime import datetime
from pathlib import Path

from govstack.errors import StateUnreadable
from govstack.state.authority import authority_line, open_authority
from govstack.state.files import private_folder, write_private
from govstack.state.holder import this_person
from govstack.state.places import Places
from govstack.trust.birth import AUTOMATION
from govstack.trust.ssh import Grant, is_good, sign_login
from govstack.trust.terms import Terms, span

KEY = "id_ed25519"
CONFIGURATION = "config"
KNOWN_HOSTS = "known_hosts"
CERTIFICATE = f"{KEY}-cert.pub"
SERIAL_BITS = 63


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
    """Return the public key.

    Raises:
        StateUnreadable: there is none, and none can be made.
    """
    return key_of(places).with_suffix(".pub").read_text(encoding="utf-8").strip()


def certify_login(
    places: Places, purpose: str, sources: tuple[str, ...], now: datetime, terms: Terms
) -> Path:
    """Return the file of a certificate for the key, of which more than half is left.

    Args:
        places: the environment's.
        purpose: what hosts' logs will say of the login, besides who it was.
        sources: the addresses that it may come from.
        now: with a time zone.
        terms: for how long it is good.

    Raises:
        StateUnreadable: there is no authority, or it cannot be opened.
    """
    path, public = places.login / CERTIFICATE, public_key(places)
    grant = Grant(
        identity=f"{purpose} by {this_person()}",
        principals=(AUTOMATION,),
        sources=sources,
        good=span(now, terms.login, skew=terms.skew),
        serial=secrets.randbits(SERIAL_BITS),
    )
    line = authority_line(places)
    if not path.exists() or not is_good(path.read_text("utf-8"), public, grant, line, now):
        authority = open_authority(places)
        write_private(path, f"{sign_login(public, grant, authority.ssh.reveal())}\n")
    return path
