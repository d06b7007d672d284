"""What a host is to be: plain values that travel over the socket and lie beside its files."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from govstack_sandbox.hosts.names import tap

FORMAT = 1


class HostFailed(RuntimeError):
    """A host could not be what was asked; says why."""


@dataclass(frozen=True, slots=True)
class Subnet:
    """The addresses of an interface in one subnet; `routes` are pairs of destination and hop."""

    addresses: tuple[str, ...]
    prefix: int
    gateway: str = ""
    routes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Interface:
    """A port of neutron at a host."""

    port: str
    mac: str
    mtu: int
    subnets: tuple[Subnet, ...] = ()
    device: str = ""

    def cloud_lines(self, machine: str) -> list[str]:
        """Return the iproute2 batch that makes the port, in the cloud's namespace."""
        device = tap(self.port)
        peer = f"peer name {self.device} mtu {self.mtu} address {self.mac} netns {machine}"
        return [
            f"link add {device} mtu {self.mtu} type veth {peer}",
            f"link set {device} up",
            # The kernel delays answers for others by up to 0.8 s unless told otherwise.
            f"ntable change name arp_cache dev {device} proxy_delay 0",
        ]

    def guest_lines(self, metric: int) -> list[str]:
        """Return the iproute2 batch that gives the host's end its addresses and routes."""
        lines = [f"link set {self.device} up"]
        for subnet in self.subnets:
            lines += [
                f"addr add {each}/{subnet.prefix} dev {self.device}" for each in subnet.addresses
            ]
            lines += [f"route add {to} via {hop}" for to, hop in subnet.routes]
            if subnet.gateway:
                lines += self._default_route(subnet, metric)
        return lines

    def _default_route(self, subnet: Subnet, metric: int) -> list[str]:
        """Return the way to everywhere else.

        The first interface has it; a further one has it for answers in its own name.
        """
        way = f"default via {subnet.gateway} dev {self.device}"
        if not metric:
            return [f"route add {way}"]
        rules = [f"rule add from {each} lookup {metric}" for each in subnet.addresses]
        return [f"route add {way} metric {metric}", f"route add {way} table {metric}", *rules]


@dataclass(frozen=True, slots=True)
class Volume:
    """A folder of this machine that appears in a host."""

    id: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Guest:
    """A host: who it is, what it is made from and what it may use.

    A machine, as against a server of the cloud, has a `board`: what it is, as its firmware would
    tell, by the names of ``/sys/class/dmi/id``.
    """

    uuid: str
    name: str
    base: str
    vcpus: int
    memory_mb: int
    keys: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    volumes: tuple[Volume, ...] = ()
    board: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_machine(self) -> bool:
        """Tell whether it stands for a machine, of which the cloud's servers know nothing."""
        return bool(self.board)

    def is_installed_as(self, other: "Guest") -> bool:
        """Tell whether both are one machine with one system at one place in the network."""
        return self.installation == other.installation

    @property
    def installation(self) -> tuple[object, ...]:
        """Return what makes a machine another when it changes."""
        ports = tuple(replace(one, device="") for one in self.interfaces)
        return self.uuid, self.name, self.base, ports, dict(self.board)

    def with_interface(self, interface: Interface) -> "Guest":
        """Return the guest with one more interface, at the first free device."""
        used = {each.device for each in self.interfaces}
        device = next(f"eth{n}" for n in range(len(used) + 1) if f"eth{n}" not in used)
        added = replace(interface, device=device)
        return replace(self, interfaces=(*self.interfaces, added))

    def without_interfaces(self) -> "Guest":
        """Return the guest with none."""
        return replace(self, interfaces=())

    def resized(self, vcpus: int, memory_mb: int) -> "Guest":
        """Return the guest with another size."""
        return replace(self, vcpus=vcpus, memory_mb=memory_mb)

    def without_interface(self, port: str) -> "Guest":
        """Return the guest without this port."""
        left = tuple(each for each in self.interfaces if each.port != port)
        return replace(self, interfaces=left)

    def with_volume(self, volume: Volume) -> "Guest":
        """Return the guest with this volume; a second time changes nothing."""
        kept = self.without_volume(volume.id)
        return replace(kept, volumes=(*kept.volumes, volume))

    def without_volume(self, volume: str) -> "Guest":
        """Return the guest without this volume."""
        return replace(self, volumes=tuple(one for one in self.volumes if one.id != volume))

    def as_document(self) -> dict[str, Any]:
        """Return the guest as JSON knows it."""
        return {"format": FORMAT, **asdict(self)}


def guest_of(document: Mapping[str, Any]) -> Guest:
    """Read a guest from JSON."""
    values = {key: value for key, value in document.items() if key != "format"}
    return Guest(
        **values
        | {
            "keys": tuple(values.get("keys", ())),
            "resolvers": tuple(values.get("resolvers", ())),
            "interfaces": tuple(interface_of(one) for one in values.get("interfaces", ())),
            "volumes": tuple(Volume(**one) for one in values.get("volumes", ())),
        }
    )


def interface_of(document: Mapping[str, Any]) -> Interface:
    """Read an interface from JSON."""
    subnets = tuple(
        Subnet(
            tuple(one["addresses"]),
            int(one["prefix"]),
            one.get("gateway", ""),
            tuple((to, hop) for to, hop in one.get("routes", ())),
        )
        for one in document.get("subnets", ())
    )
    values = {key: value for key, value in document.items() if key != "subnets"}
    return Interface(**values, subnets=subnets)
