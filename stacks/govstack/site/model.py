"""The frozen form of a site.  Everything here was validated by `site.load`."""

from dataclasses import dataclass, field
from datetime import date
from ipaddress import IPv4Network
from pathlib import Path

from govstack.site.catalog import Adopted, BackupPolicy, Flavor, Image, VolumeType
from govstack.site.hardware import Machine
from govstack.site.kinds import DataClass, Expired, Exposure, Mechanism, Port
from govstack.site.people import Person
from govstack.site.profile import SANDBOX, Profile
from govstack.site.systems import System

PLATFORM = "platform"
"""The id of the system that owns tenancy, zone routers and catalog; no other may take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A network area with a supernet and an exposure.

    A zone that `holds_data` is never reached from one that faces the Internet.  Its router is
    made, unless it is adopted: then its routes are its owner's business.
    """

    id: str
    name: str
    supernet: IPv4Network
    exposure: Exposure = Exposure.INTERNAL
    routing_domain: str = "core"
    mlps: int = 3
    holds_data: bool = False
    router: Adopted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody to ask in a department."""

    name: str
    duty: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The most that all systems of a department may use together; 0 is no limit."""

    cores: int = 0
    ram_gb: int = 0
    storage_gb: int = 0
    floating_ips: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A department (委办局); `uscc` is its unified social credit code."""

    id: str
    name: str
    uscc: str = ""
    contacts: tuple[Contact, ...] = ()
    quota: Allowance = field(default_factory=Allowance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One allowed path; all else is denied.

    `source` and `destination` name a zone (``MGT``), a system (``inf-bas``), one role of a system
    (``inf-bas/bastion``) or the word ``any`` (every system that can be reached); a source may also
    be ``internet`` or a network outside the site (``192.0.2.0/24``).
    """

    source: str
    destination: str
    ports: tuple[Port, ...]
    purpose: str
    ticket: str = ""
    expires: date | None = None
    mechanism: Mechanism = Mechanism.FIREWALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules that a site sets for itself."""

    encrypt: tuple[DataClass, ...] = ()
    outside_needs_ticket: bool = True
    expired: Expired = Expired.WARN
    notice_days: int = 30
    max_deletes: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """What the site's repository of packages publishes, and whether hosts have no other.

    `source` is a folder of packages, beside the site's file or anywhere; empty if they come
    otherwise.
    """

    suite: str = "stable"
    only: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of the cloud one run may ask for, and for how long; 0 leaves it to govstack.

    `patience_seconds` is for how long a call that fails is repeated, and a run tries again;
    `settle_seconds` how long a thing may take to become ready.
    """

    systems_at_once: int = 0
    calls_at_once: int = 0
    patience_seconds: int = 0
    settle_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One realisation of a site.

    `cloud` is an entry of the operator's clouds.yaml, empty for the sandbox, which brings its own.
    `backend` is the address of the store of its state, empty for files of this user; `secrets` that
    of the key manager's key that protects its secrets, empty for a passphrase.
    """

    name: str
    profile: Profile
    cloud: str = ""
    external_network: str = "public"
    disposable: bool = False
    backend: str = ""
    encrypt_state: bool = False
    secrets: str = ""
    limits: Limits = field(default_factory=Limits)

    @property
    def is_embedded(self) -> bool:
        """Tell whether it runs on the cloud that govstack brings."""
        return self.profile.name == SANDBOX


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One government cloud in one environment; `root` is its folder.

    `addresses` is the address book as written (``routing-domain/address`` and its holder), kept in
    `address_file`.  `balancers` names the role (``system/role``) that balances where the cloud
    itself does not.
    """

    root: Path
    address_file: Path
    id: str
    code: str
    name: str
    mlps: int
    location: str = ""
    dns_domain: str = ""
    environment: Environment
    transit: IPv4Network
    zones: tuple[Zone, ...]
    tenants: tuple[Tenant, ...]
    flavors: tuple[Flavor, ...]
    images: tuple[Image, ...]
    volume_types: tuple[VolumeType, ...] = ()
    machines: tuple[Machine, ...] = ()
    backup_policies: tuple[BackupPolicy, ...] = ()
    balancers: str = ""
    policy: Policy = field(default_factory=Policy)
    packages: Packages = field(default_factory=Packages)
    people: tuple[Person, ...] = ()
    systems: tuple[System, ...]
    flows: tuple[Flow, ...]
    addresses: tuple[tuple[str, str], ...] = ()
