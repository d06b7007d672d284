"""What the variables of roles are made from, and what becomes of them; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from govstack.plan.login import Way
from govstack.plan.model import NodePlan, SystemPlan
from govstack.trust.wanted import addresses_of
from govstack.values.secret import Secret

Values = Mapping[str, object]
"""Variables of a role by name; `Secret` may stand anywhere in them."""


@dataclass(frozen=True, slots=True)
class Left:
    """Why a host has to do without a role that it should have."""

    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate and its key, both as PEM."""

    certificate: str
    key: Secret


class Material(Protocol):
    """What is kept of an environment and cannot be planned.  Each question has one answer for good.

    Attributes:
        authority: the certificate of the site's authority.
        login_authority: the public key of who certifies the automation.
        operator: the address that the automation comes from outside.
        user: whom hosts let in, unless the login knows better.
        today: the day, which accounts of people are granted until.
    """

    authority: str
    login_authority: str
    operator: str
    user: str
    today: date

    def certificate(self, host: str, service: str) -> Shown:
        """Return what a host shows for a service."""
        ...

    def password(self, key: str) -> Secret:
        """Return the password that a credential of the plan has."""
        ...

    def own(self, name: str) -> Secret:
        """Return a password that only configured hosts have, by what it is for."""
        ...

    def hashed(self, name: str) -> Secret:
        """Return the hash of such a password, as crypt makes it."""
        ...

    def login(self, host: str) -> tuple[str, Secret]:
        """Return public and private key that a host logs in to others with."""
        ...

    def publishing(self, name: str, owner: str) -> tuple[str, Secret]:
        """Return public and private key that packages are signed with, as OpenPGP has them.

        Args:
            name: what they are for.
            owner: whose they are, which hosts see.
        """
        ...

    def signing(self, name: str) -> Secret:
        """Return a private RSA key as PEM, by what it is for."""
        ...

    def host_key(self, host: str) -> str:
        """Return the public key of a host, as the cloud tells it; empty if it does not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A host, with what plan and inventory say of it.

    Attributes:
        family: of its operating system.
        roles: what configures it, without the collection, in this order.
        way: how the automation comes to it; None if it cannot.
    """

    node: NodePlan
    system: SystemPlan
    family: str
    roles: tuple[str, ...]
    way: Way | None

    @property
    def name(self) -> str:
        """Return the host's name."""
        return self.node.name

    @property
    def address(self) -> str:
        """Return the host's first address."""
        return str(self.node.address)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return all addresses of the host."""
        return tuple(str(address) for address in addresses_of(self.node))


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRoles:
    """What a host is configured with.

    Attributes:
        variables: of all its roles together; `Secret` may stand in them.
        roles: full names, in the order in which they are run.
        left: those that it should have and does without, with the reason.
    """

    host: str
    system: str
    layer: str
    roles: tuple[str, ...]
    variables: Values
    left: Mapping[str, str]


def split(variables: Values) -> tuple[dict[str, object], dict[str, object]]:
    """Return variables without any secret, and those that hold one, in clear."""
    open_ones: dict[str, object] = {}
    secret: dict[str, object] = {}
    for name, value in variables.items():
        if holds_secret(value):
            secret[name] = revealed(value)
        else:
            open_ones[name] = value
    return open_ones, secret


def holds_secret(value: object) -> bool:
    """Tell whether a secret stands anywhere in a value."""
    if isinstance(value, Mapping):
        return any(map(holds_secret, value.values()))
    if isinstance(value, list | tuple):
        return any(map(holds_secret, value))
    return isinstance(value, Secret)


def revealed(value: object) -> object:
    """Return a value with its secrets in clear."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: revealed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [revealed(item) for item in value]
    return value
