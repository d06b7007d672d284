"""Makes and reads X.509: the root of a site's trust, and the certificates of its services."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from govstack.trust.renewal import Held
from govstack.trust.terms import Algorithm, Span
from govstack.trust.wanted import Wanted

Certificate = x509.Certificate
PrivateKey = ec.EllipticCurvePrivateKey

MAKERS: Final[Mapping[Algorithm, Callable[[], PrivateKey]]] = {
    Algorithm.ECDSA_P256: lambda: ec.generate_private_key(ec.SECP256R1()),
    Algorithm.ECDSA_P384: lambda: ec.generate_private_key(ec.SECP384R1()),
}
LONGEST: Final = 64
"""Characters of a name, by RFC 5280."""
DIGITS: Final = 8


def new_key(algorithm: Algorithm) -> PrivateKey:
    """Make a private key."""
    return MAKERS[algorithm]()


def key_text(key: PrivateKey) -> str:
    """Return a private key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def read_key(text: str) -> PrivateKey:
    """Read a private key from PEM.

    Raises:
        ValueError: it is none, or of a kind that is not used here.
    """
    key = load_pem_private_key(text.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        message = f"a key of the kind {type(key).__name__}"
        raise ValueError(message)  # noqa: TRY004 - what is wrong is the text
    return key


def certificate_text(certificate: Certificate) -> str:
    """Return a certificate as PEM."""
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def read_certificate(text: str) -> Certificate:
    """Read a certificate from PEM.

    Raises:
        ValueError: it is none.
    """
    return x509.load_pem_x509_certificate(text.encode())


def span_of(certificate: Certificate) -> Span:
    """Return when a certificate is good."""
    return Span(certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def make_root(key: PrivateKey, site: str, environment: str, good: Span) -> Certificate:
    """Return the root of a site's trust, signed by itself; it signs no other authorities.

    Args:
        key: its key; its name ends with a digest of it.
        site: the site's name.
        environment: the environment's.
        good: when.
    """
    digest = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()
    common = f"{environment} root {digest[:DIGITS]}"
    subject = _name((NameOID.ORGANIZATION_NAME, site), (NameOID.COMMON_NAME, common))
    return _root(key, subject, good)


def remake_root(key: PrivateKey, root: Certificate, good: Span) -> Certificate:
    """Return the same root for another time; what the old one has signed, it has signed too."""
    return _root(key, root.subject, good)


def make_certificate(
    wanted: Wanted,
    key: PrivateKey,
    site: str,
    authority: tuple[Certificate, PrivateKey],
    good: Span,
) -> Certificate:
    """Return a service's certificate.

    Args:
        wanted: what it is to say.
        key: the service's own.
        site: the site's name.
        authority: who signs it, and with which key.
        good: when.
    """
    root, signing = authority
    subject = _name(
        (NameOID.ORGANIZATION_NAME, site),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, wanted.system),
        (NameOID.COMMON_NAME, wanted.host),
    )
    names = [x509.DNSName(name) for name in wanted.names]
    addresses = [x509.IPAddress(address) for address in wanted.addresses]
    # Replicas, relays and agents are clients of their own kind.
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    public = key.public_key()
    return (
        _builder(subject, root.subject, good)
        .public_key(public)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.SubjectAlternativeName([*names, *addresses]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()),
            critical=False,
        )
        .sign(signing, hashes.SHA256())
    )


def look(certificate: Certificate, root: Certificate) -> Held:
    """Return what a certificate says."""
    names, addresses = _alternatives(certificate)
    return Held(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        names=names,
        addresses=addresses,
        span=span_of(certificate),
        serial=f"{certificate.serial_number:x}",
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        is_ours=_signed_by(certificate, root),
    )


def belong(certificate: Certificate, key: PrivateKey) -> bool:
    """Tell whether a certificate is about this key."""
    return certificate.public_key() == key.public_key()


def _root(key: PrivateKey, subject: x509.Name, good: Span) -> Certificate:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _builder(subject, subject, good)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _builder(subject: x509.Name, issuer: x509.Name, good: Span) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(good.begins)
        .not_valid_after(good.ends)
    )


def _name(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, text[:LONGEST]) for kind, text in parts])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(certificate: Certificate) -> tuple[tuple[str, ...], tuple[IPv4Address, ...]]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return (), ()
    addresses = found.get_values_for_type(x509.IPAddress)
    return (
        tuple(found.get_values_for_type(x509.DNSName)),
        tuple(one for one in addresses if isinstance(one, IPv4Address)),
    )


def _signed_by(certificate: Certificate, root: Certificate) -> bool:
    """Tell whether a certificate names this root, by its key; what is ours needs no proof."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
        own = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return False
    return found.value.key_identifier == own.value.digest
