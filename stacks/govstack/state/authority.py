"""The site's own authorities: whom its hosts trust, and the keys that make others trusted.

The keys lie in one Ansible Vault file; what everybody may know lies beside it in clear.  All of it
is made by the first run, so that servers can be born with it.
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from govstack.errors import StateUnreadable, TrustFailed
from govstack.state.files import private_folder, write_private
from govstack.state.places import Places
from govstack.state.secrets import passphrase
from govstack.state.vault import read_vault, seal
from govstack.trust import ssh, x509
from govstack.trust.terms import Standing, Terms, span
from govstack.values.secret import Secret

T = TypeVar("T")

FORMAT: Final = 1
VAULT: Final = "_authority.yml"
"""In the folder of the vault, where no system has such a name."""
ROOT: Final = "ca.pem"
LINE: Final = "ssh_ca.pub"


@dataclass(frozen=True, slots=True)
class Authority:
    """Both authorities of an environment, able to sign.

    Attributes:
        ssh: the private key that signs hosts and logins.
        signing: the private key that signs certificates.
        root: the certificate of that key.
        line: the public half of the first.
    """

    ssh: Secret
    signing: x509.PrivateKey
    root: x509.Certificate
    line: str


def has_authority(places: Places) -> bool:
    """Tell whether the authorities have been made."""
    return (places.vault / VAULT).exists()


def authority_line(places: Places) -> str:
    """Return the public key of the SSH authority.

    Raises:
        StateUnreadable: there is none.
    """
    return " ".join(_public(places, LINE).split()[:2])


def root_text(places: Places) -> str:
    """Return the root certificate as PEM.

    Raises:
        StateUnreadable: there is none.
    """
    return _public(places, ROOT)


def read_root(places: Places) -> x509.Certificate:
    """Return the root certificate.

    Raises:
        StateUnreadable: there is none, or it is damaged.
    """
    return readable(places.trust / ROOT, lambda: x509.read_certificate(root_text(places)))


def ensure_authority(places: Places, site: str, now: datetime, terms: Terms) -> None:
    """Make the authorities, unless they are there.

    Args:
        places: the environment's.
        site: the site's name.
        now: with a time zone.
        terms: for how long the root is good.

    Raises:
        StateUnreadable: what is there cannot be read.
    """
    known = [(places.trust / name).exists() for name in (ROOT, LINE)]
    if all(known):
        return
    if any(known) and not has_authority(places):
        raise _lost(places)
    if not has_authority(places):
        signing = x509.new_key(terms.algorithm)
        good = span(now, terms.authority, skew=terms.skew)
        root = x509.make_root(signing, site, places.root.name, good)
        content = _content(Secret(ssh.new_key()), signing, root)
        # Of two that begin at the same time, one makes it and both have it.
        _write_once(places.vault / VAULT, seal(content, passphrase(places)))
    _publish(places, open_authority(places))


def open_authority(places: Places) -> Authority:
    """Return the authorities, which `ensure_authority` has made.

    Raises:
        StateUnreadable: they are missing or damaged, or the passphrase is not theirs.
    """
    path = places.vault / VAULT
    if not path.exists():
        raise _lost(places)
    content = read_vault(path, passphrase(places))
    if content.get("format") != FORMAT:
        raise StateUnreadable(
            f"{path} is of a format that this govstack does not know",
            hint="use the govstack that wrote it",
        )
    return readable(path, lambda: _authority(content))


def renewed_authority(places: Places, now: datetime, terms: Terms) -> Authority:
    """Return the authorities; the root is made anew, with its own key, before it ends.

    What it has signed stays good; whoever trusts it must be given the new one.
    """
    found = open_authority(places)
    if x509.span_of(found.root).standing(now) is Standing.VALID:
        return found
    good = span(now, terms.authority, skew=terms.skew)
    root = x509.remake_root(found.signing, found.root, good)
    made = Authority(found.ssh, found.signing, root, found.line)
    content = _content(made.ssh, made.signing, made.root)
    write_private(places.vault / VAULT, seal(content, passphrase(places)))
    _publish(places, made)
    return made


def in_force(authority: Authority, now: datetime) -> Authority:
    """Return the authorities, if the root has not ended.

    Raises:
        TrustFailed: it has.
    """
    good = x509.span_of(authority.root)
    if good.standing(now) is Standing.EXPIRED:
        raise TrustFailed(
            f"the site's own certificate authority is good from {good.begins} to {good.ends} only",
            hint="see that the clock of this machine is right; govstack certificates renew makes "
            "it anew",
        )
    return authority


def readable(path: Path | str, read: Callable[[], T]) -> T:
    """Return what a file holds.

    Raises:
        StateUnreadable: something in it is not what it should be.
    """
    try:
        return read()
    except (KeyError, TypeError, ValueError) as error:
        raise StateUnreadable(
            f"{path} is damaged: {error}", hint="restore it from a backup: govstack state list"
        ) from error


def _authority(content: dict[str, Any]) -> Authority:
    signing = x509.read_key(content["x509"])
    root = x509.read_certificate(content["root"])
    if not x509.belong(root, signing):
        message = "the root is not of the key"
        raise ValueError(message)
    return Authority(Secret(content["ssh"]), signing, root, ssh.public_line(content["ssh"]))


def _content(login: Secret, signing: x509.PrivateKey, root: x509.Certificate) -> dict[str, object]:
    return {
        "format": FORMAT,
        "ssh": login.reveal(),
        "x509": x509.key_text(signing),
        "root": x509.certificate_text(root),
    }


def _publish(places: Places, authority: Authority) -> None:
    write_private(places.trust / ROOT, x509.certificate_text(authority.root))
    write_private(places.trust / LINE, f"{authority.line} govstack\n")


def _public(places: Places, name: str) -> str:
    path = places.trust / name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise StateUnreadable(
            f"the site's authorities have not been made: {path} is missing",
            hint="run govstack up first",
        ) from error


def _write_once(path: Path, text: str) -> None:
    """Write a file unless it is there, whole or not at all."""
    mine = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    private_folder(path.parent)
    write_private(mine, text)
    try:
        os.link(mine, path)
    except FileExistsError:
        return
    finally:
        mine.unlink()


def _lost(places: Places) -> StateUnreadable:
    return StateUnreadable(
        f"the keys of the site's authorities are missing: {places.vault / VAULT}",
        hint="restore them from a backup (govstack state list): hosts trust no others",
    )
