"""What is told of an environment's certificates."""

from dataclasses import dataclass, field
from enum import StrEnum

from govstack.trust.terms import Standing

__all__ = [
    "CertificateReport",
    "CertificatesReport",
    "Kind",
    "RenewalReport",
    "ShownReport",
    "Standing",
]


class Kind(StrEnum):
    """What a certificate is for."""

    AUTHORITY = "authority"
    SERVICE = "service"
    SSH_HOST = "ssh-host"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateReport:
    """One certificate; what is not known is empty, as all is of one that is missing.

    Attributes:
        host: the node that shows it; empty for the authority.
        service: what it is shown for, ``_node`` for the node itself.
        system: whose node it is.
        subject: whose it is, as RFC 4514 writes it; of an SSH certificate its identity.
        names: the names that it is good for.
        addresses: the addresses that it is good for.
        serial: its number, in hexadecimal.
        fingerprint: SHA-256 of it.
        begins: since when, ISO 8601 in UTC.
        not_after: until when.
        days_left: whole days until then, negative after it.
        pem: the certificate itself, where it is shown and not only listed.
    """

    kind: Kind
    state: Standing
    host: str = ""
    service: str = ""
    system: str = ""
    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    serial: str = ""
    fingerprint: str = ""
    begins: str = ""
    not_after: str = ""
    days_left: int = 0
    pem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatesReport:
    """The certificates of an environment.

    Attributes:
        authority_file: the root certificate, for whoever is to trust the site's services.
        ssh_authority: the public key that hosts and logins are certified with.
    """

    site: str
    name: str
    environment: str
    authority_file: str
    ssh_authority: str
    certificates: tuple[CertificateReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReport:
    """The certificates of one host."""

    certificates: tuple[CertificateReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalReport:
    """What was made anew.

    Attributes:
        made: now good, each with a new key.
        dropped: ``HOST SERVICE`` of what nothing needs any more.
        kept: how many were good already.
        authority_file: the root certificate.
    """

    site: str
    name: str
    environment: str
    made: tuple[CertificateReport, ...] = field(default=())
    dropped: tuple[str, ...] = field(default=())
    kept: int = 0
    authority_file: str = ""
