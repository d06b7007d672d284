"""Makes SSH keys and certificates: of hosts, so that no host is believed blindly, and of logins."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.dsa import DSAPublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    SSHCertificate,
    SSHCertificateBuilder,
    SSHCertificateType,
    load_ssh_private_key,
    load_ssh_public_identity,
    load_ssh_public_key,
)

from govstack.trust.terms import Span

SOURCES: Final = b"source-address"
EXTENSIONS: Final = (b"permit-port-forwarding", b"permit-pty")
"""What a login may do besides: go on to the next host by way of this one, and be interactive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an SSH certificate says.

    Attributes:
        identity: who it is, as the hosts' logs will say.
        principals: whom or which host it is for.
        sources: the addresses that a login may come from; none for a host.
        good: when.
        serial: its number.
    """

    identity: str
    principals: tuple[str, ...]
    good: Span
    serial: int
    sources: tuple[str, ...] = ()


def new_key() -> str:
    """Make a private key, as OpenSSH writes it."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode("ascii")


def public_line(private: str) -> str:
    """Return the public half of a private key.

    Raises:
        ValueError: it is none.
    """
    key = _signing(private).public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")


def sign_login(public: str, grant: Grant, private: str) -> str:
    """Return the certificate of who logs in with a key.

    Args:
        public: the key.
        grant: what it lets.
        private: the key of the site's authority.
    """
    builder = _builder(public, grant).type(SSHCertificateType.USER)
    builder = builder.add_critical_option(SOURCES, ",".join(grant.sources).encode())
    for extension in EXTENSIONS:
        builder = builder.add_extension(extension, b"")
    return builder.sign(_signing(private)).public_bytes().decode("ascii")


def sign_host(public: str, grant: Grant, private: str) -> str:
    """Return the certificate of a host.

    Args:
        public: the host's key.
        grant: by which names and addresses it is known.
        private: the key of the site's authority.
    """
    builder = _builder(public, grant).type(SSHCertificateType.HOST)
    return builder.sign(_signing(private)).public_bytes().decode("ascii")


def is_good(certificate: str, public: str, grant: Grant, authority: str, now: datetime) -> bool:
    """Tell whether a login certificate lets the same, and half of its time is left.

    Args:
        certificate: as it is kept.
        public: the key that it must be about.
        grant: what one that is made now would say.
        authority: the public key of who must have signed it.
        now: with a time zone.
    """
    try:
        found = load_ssh_public_identity(certificate.encode())
        if not isinstance(found, SSHCertificate):
            return False
        found.verify_cert_signature()
    except (ValueError, InvalidSignature):
        return False
    says = (
        found.public_key(),
        found.signature_key(),
        tuple(name.decode() for name in found.valid_principals),
        found.critical_options.get(SOURCES, b"").decode(),
    )
    wanted = (
        load_ssh_public_key(public.encode()),
        load_ssh_public_key(authority.encode()),
        grant.principals,
        ",".join(grant.sources),
    )
    moment, ends = now.timestamp(), grant.good.ends.timestamp()
    is_fresh = (found.valid_before - moment) * 2 > ends - moment
    return says == wanted and found.valid_after <= moment and is_fresh


def _builder(public: str, grant: Grant) -> SSHCertificateBuilder:
    key = load_ssh_public_key(public.encode())
    if isinstance(key, DSAPublicKey):
        message = "a key of the kind DSA, which nobody takes any more"
        raise ValueError(message)  # noqa: TRY004 - what is wrong is the text
    return (
        SSHCertificateBuilder()
        .public_key(key)
        .serial(grant.serial)
        .key_id(grant.identity.encode())
        .valid_principals([name.encode() for name in grant.principals])
        .valid_after(int(grant.good.begins.timestamp()))
        .valid_before(int(grant.good.ends.timestamp()))
    )


def _signing(private: str) -> Ed25519PrivateKey:
    key = load_ssh_private_key(private.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        message = f"a key of the kind {type(key).__name__}"
        raise ValueError(message)  # noqa: TRY004 - what is wrong is the text
    return key
