"""The kinds of text that a site's files hold, each with its own check and its own words."""

import re
from base64 import b64decode
from datetime import date
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from govstack.site.kinds import Port, Protocol
from govstack.site.uscc import is_uscc, with_check_character

WRONG: Final = "govstack"
"""The pydantic error type of the checks in this module; their text is ready to be shown."""

ID_PATTERN: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
ZONE_PATTERN: Final = r"^[A-Z][A-Z0-9]{0,7}$"
PORT_PATTERN: Final = r"^(tcp|udp)/([0-9]{1,5})(?:-([0-9]{1,5}))?$"
USE_PATTERN: Final = r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$"
DIGEST_PATTERN: Final = r"^[0-9a-f]{64}$"
DNS_PATTERN: Final = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"
STORE_PATTERN: Final = r"^(s3://[^/?#]+|postgres(ql)?://[^/?#]+/[^/?#]+|file:///[^?#]+)"
KEY_PATTERN: Final = (
    r"^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa|sk-ssh-ed25519@openssh\.com"
    r"|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]+={0,2}( [^\n]*)?$"
)
LEAST_RSA_BITS: Final = 3072
MANAGER_PATTERN: Final = r"^hashivault://[A-Za-z0-9._/-]+(\?engine=[A-Za-z0-9._/-]+)?$"
MAX_ID: Final = 32
MAX_PORT: Final = 65535
MAX_TEXT: Final = 120


def _wrong(text: str, hint: str) -> PydanticCustomError:
    # The texts go through the context, since a brace in them would be taken for a placeholder.
    return PydanticCustomError(WRONG, "{text}", {"text": text, "hint": hint})


def _id(value: str) -> str:
    if not re.match(ID_PATTERN, value):
        raise _wrong(
            f"{value!r} is not a valid id",
            "use lower-case ASCII letters, digits and single hyphens, and begin with a letter",
        )
    if len(value) > MAX_ID:
        raise _wrong(
            f"{value!r} has {len(value)} characters, at most {MAX_ID} are allowed", "shorten it"
        )
    return value


def _zone_id(value: str) -> str:
    if not re.match(ZONE_PATTERN, value):
        raise _wrong(
            f"{value!r} is not a valid zone id",
            "use up to 8 upper-case ASCII letters and digits, such as PUB",
        )
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise _wrong("must not be empty", "write a short text")
    if len(value) > MAX_TEXT:
        raise _wrong(f"has {len(value)} characters, at most {MAX_TEXT} are allowed", "shorten it")
    return value


def _prose(value: str) -> str:
    if not value.strip():
        raise _wrong("must not be empty", "write a sentence")
    return value


def _network(value: object) -> IPv4Network:
    example = "write it like 10.50.0.0/16"
    if not isinstance(value, str):
        raise _wrong(f"{value!r} is not a network", example)
    try:
        return IPv4Network(value)
    except ValueError as error:
        try:
            meant = IPv4Network(value, strict=False)
        except ValueError:
            raise _wrong(f"{value!r} is not an IPv4 network", example) from error
        raise _wrong(
            f"{value!r} is an address inside a network, not the network", f"write {meant}"
        ) from error


def _address(value: object) -> IPv4Address:
    try:
        if isinstance(value, str):
            return IPv4Address(value)
    except ValueError:
        pass
    raise _wrong(f"{value!r} is not an IPv4 address", "write it like 172.31.0.11")


def _port(value: str) -> str:
    match = re.match(PORT_PATTERN, value)
    if not match:
        raise _wrong(f"{value!r} is not a port", "write it like tcp/443 or udp/6000-6010")
    first, last = int(match[2]), int(match[3] or match[2])
    if not 1 <= first <= last <= MAX_PORT:
        raise _wrong(
            f"{value!r} is not a port", f"ports go from 1 to {MAX_PORT}, the lower one first"
        )
    return value


def _use(value: str) -> str:
    if not re.match(USE_PATTERN, value):
        raise _wrong(
            f"{value!r} does not name a service", "write SYSTEM.SERVICE, like dat-rdb.postgresql"
        )
    return value


def _uscc(value: str) -> str:
    if is_uscc(value):
        return value
    right = with_check_character(value)
    if right:
        raise _wrong(
            f"{value!r} has a wrong check character",
            f"check the code for a typing mistake; with these digits it would be {right}",
        )
    raise _wrong(
        f"{value!r} is not a unified social credit code",
        "write its 18 characters: digits and capital letters without I, O, S, V and Z (GB 32100)",
    )


def _mount(value: str) -> str:
    if not re.match(r"^(/[A-Za-z0-9._-]+)+$", value):
        raise _wrong(f"{value!r} is not a mount point", "write an absolute path like /data")
    return value


def _date(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise _wrong(f"{value!r} is not a day", "write it like 2027-06-30") from error


def _digest(value: str) -> str:
    if not re.match(DIGEST_PATTERN, value):
        raise _wrong(
            f"{value!r} is not a SHA-256 digest", "write the 64 hexadecimal digits of sha256sum"
        )
    return value


def _dns_name(value: str) -> str:
    if not re.match(DNS_PATTERN, value):
        raise _wrong(
            f"{value!r} is not a domain name", "write it like yunzhou.example, no dot last"
        )
    return value


def _store(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if not re.match(STORE_PATTERN, value) or not (parts.netloc or parts.scheme == "file"):
        raise _wrong(
            f"{value!r} is no address of a store",
            "write s3://BUCKET/PREFIX, postgres://USER@HOST/DATABASE or file:///FOLDER",
        )
    if parts.password:
        raise _wrong(
            "holds a password",
            "leave it out; it is taken from PGPASSWORD or ~/.pgpass of whoever runs govstack",
        )
    return value


def _public_key(value: str) -> str:
    remedy = "write the line of the file that ends in .pub; ssh-keygen -t ed25519 makes one"
    if "PRIVATE KEY" in value:
        raise _wrong(
            "is a private key, which nobody else may see",
            f"let the person make another, since this one is known now; {remedy}",
        )
    if not re.match(KEY_PATTERN, value):
        raise _wrong("is no public key as OpenSSH writes it", remedy)
    kind, text = value.split()[:2]
    parts = _parts(text)
    if parts[:1] != [kind.encode()]:
        raise _wrong("is a damaged public key", remedy)
    if kind == "ssh-rsa":
        bits = int.from_bytes(parts[-1], "big").bit_length()
        if bits < LEAST_RSA_BITS:
            raise _wrong(f"is an RSA key of {bits} bits, which is too short", remedy)
    return value


def _parts(text: str) -> list[bytes]:
    """Return the parts of a public key; none if it is damaged."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return []
    parts: list[bytes] = []
    while data:
        size = int.from_bytes(data[:4], "big")
        part, data = data[4 : 4 + size], data[4 + size :]
        if len(part) != size:
            return []
        parts.append(part)
    return parts


def _key(value: str) -> str:
    if value and not re.match(MANAGER_PATTERN, value):
        raise _wrong(
            f"{value!r} is no address of a key manager's key",
            "write hashivault://KEY, or hashivault://KEY?engine=PATH where the transit engine is "
            "not at transit/",
        )
    return value


def parse_port(text: str) -> Port:
    """Return the port that a checked text means."""
    protocol, _, numbers = text.partition("/")
    first, _, last = numbers.partition("-")
    return Port(Protocol(protocol), int(first), int(last or first))


Id = Annotated[str, AfterValidator(_id), WithJsonSchema({"type": "string", "pattern": ID_PATTERN})]
ZoneId = Annotated[
    str, AfterValidator(_zone_id), WithJsonSchema({"type": "string", "pattern": ZONE_PATTERN})
]
Text = Annotated[
    str,
    AfterValidator(_text),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_TEXT}),
]
Prose = Annotated[str, AfterValidator(_prose), WithJsonSchema({"type": "string", "minLength": 1})]
Network = Annotated[
    IPv4Network,
    BeforeValidator(_network),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9.]+/[0-9]{1,2}$"}),
]
Address = Annotated[
    IPv4Address,
    BeforeValidator(_address),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9.]+$"}),
]
PortText = Annotated[
    str, AfterValidator(_port), WithJsonSchema({"type": "string", "pattern": PORT_PATTERN})
]
UseText = Annotated[
    str, AfterValidator(_use), WithJsonSchema({"type": "string", "pattern": USE_PATTERN})
]
Uscc = Annotated[
    str,
    AfterValidator(_uscc),
    WithJsonSchema({"type": "string", "pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$"}),
]
Mount = Annotated[str, AfterValidator(_mount), WithJsonSchema({"type": "string", "pattern": "^/"})]
Date = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
Digest = Annotated[
    str, AfterValidator(_digest), WithJsonSchema({"type": "string", "pattern": DIGEST_PATTERN})
]
DnsName = Annotated[
    str, AfterValidator(_dns_name), WithJsonSchema({"type": "string", "pattern": DNS_PATTERN})
]
PublicKey = Annotated[
    str, AfterValidator(_public_key), WithJsonSchema({"type": "string", "pattern": KEY_PATTERN})
]
KeyAddress = Annotated[
    str, AfterValidator(_key), WithJsonSchema({"type": "string", "pattern": MANAGER_PATTERN})
]
StoreAddress = Annotated[
    str, AfterValidator(_store), WithJsonSchema({"type": "string", "pattern": STORE_PATTERN})
]
