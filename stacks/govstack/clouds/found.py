"""What a cloud has that is ours, by tag, metadata or name, and that no state knows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from govstack.clouds.connect import identity_of
from govstack.clouds.kind import Kind, Look, Scope
from govstack.clouds.kinds import KINDS

if TYPE_CHECKING:
    from openstack.connection import Connection

MANAGED_BY: Final = "gov:managed-by"
OURS: Final = "govstack"
INTERFACE_OWNERS: Final = (
    "network:router_interface",
    "network:ha_router_replicated_interface",
    "network:router_interface_distributed",
)
UNFINISHED_IMAGE: Final = frozenset({"queued", "saving", "uploading", "importing"})

Known = frozenset[tuple[str, str]]
"""What is in the state, as (type, id)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """By what things are ours: the labels that all of them bear, or what their names begin with.

    Attributes:
        code: what the names of all things of systems begin with.
        names: what the platform's things and the rules of groups are called: the operator's own
            things may begin with the code too.
        site, environment: as in the labels.
        zone: the DNS zone of the site, empty if there is none.
        keeps_images: whether images are kept that no state knows any more.
    """

    code: str
    names: frozenset[str]
    site: str
    environment: str
    zone: str = ""
    keeps_images: bool = True

    def owns(self, name: str, labels: Mapping[str, str], scope: Scope) -> bool:
        """Tell whether something is ours; what bears labels goes by them alone.

        Neutron gives a thing its labels only after it is made, so one may be without.
        """
        if MANAGED_BY in labels:
            said = (labels[MANAGED_BY], labels.get("gov:site"), labels.get("gov:env"))
            return said == (OURS, self.site, self.environment)
        if scope is Scope.PLATFORM:
            return name in self.names
        return name.startswith(f"{self.code}-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something in the cloud that is ours and in no state.

    Attributes:
        within: what it is part of, where that is needed to remove it: the server of an
            attachment, the router of an interface, the zone of a record set, a user.
        made: when, as the cloud says it; empty if it does not.
    """

    kind: Kind
    id: str
    name: str
    project: str
    within: str = ""
    made: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A project, and who looks at it.

    Attributes:
        own: a connection that is scoped to the project, or the operator's if there is none.
        platform: the operator's connection.
        project: the project's id.
        name: its name.
        scope: whose things are looked for.
        as_operator: whether `own` is the operator's, who sees other projects too.
        system: the id by which record sets of the system are known.
    """

    own: "Connection"
    platform: "Connection"
    project: str
    name: str
    scope: Scope
    as_operator: bool = False
    system: str = ""


def look(reach: Reach, owner: Owner, known: Known) -> tuple[Found, ...]:
    """Return what of ours is in the project and in no state, in the order of its removal."""
    search = _Search(reach, owner, known)
    return tuple(each for kind in KINDS for each in search.of(kind))


class _Search:
    """One look at one project; things that several kinds depend on are listed once."""

    def __init__(self, reach: Reach, owner: Owner, known: Known) -> None:
        self._reach = reach
        self._owner = owner
        self._known = known
        self._listed: dict[tuple[str, str], tuple[Any, ...]] = {}

    def of(self, kind: Kind) -> Iterator[Found]:
        if kind.scope not in {self._reach.scope, Scope.BOTH}:
            return
        if not self._reach.own.has_service(kind.service.replace("_", "-")):
            return
        looks: dict[Look, Callable[[Kind], Iterable[Found]]] = {
            Look.LISTED: self._things,
            Look.PARTS: self._parts,
            Look.OF_USER: self._of_user,
            Look.OF_NETWORKS: self._interfaces,
            Look.OF_ZONES: self._record_sets,
        }
        for found in looks[kind.look](kind):
            if (kind.type, _state_id(found)) not in self._known:
                yield found

    def _things(self, kind: Kind) -> Iterator[Found]:
        for thing in self._ours(kind):
            if kind.word == "image" and not self._is_to_go(thing):
                continue
            # A router's port goes with its interface, which is a kind of its own.
            if str(getattr(thing, "device_owner", "") or "") not in INTERFACE_OWNERS:
                yield self._found(kind, thing)

    def _parts(self, kind: Kind) -> Iterator[Found]:
        for whole in self._ours(kind):
            if kind.listed == "volumes":
                for part in whole.attachments or ():
                    yield Found(
                        kind=kind,
                        id=str(whole.id),
                        name=str(whole.name),
                        project=self._reach.project,
                        within=str(part["server_id"]),
                    )
            else:
                yield from self._rules(kind, whole)

    def _rules(self, kind: Kind, group: Any) -> Iterator[Found]:  # noqa: ANN401 - as the SDK
        for rule in group.security_group_rules or ():
            name = f"{group.name}:{_ports(rule)}:{rule['remote_ip_prefix']}"
            if rule["direction"] == "ingress" and name in self._owner.names:
                yield Found(kind=kind, id=str(rule["id"]), name=name, project=self._reach.project)

    def _of_user(self, kind: Kind) -> Iterator[Found]:
        if self._reach.as_operator:
            return  # they go with their user
        user = str(self._reach.own.current_user_id)
        for thing in identity_of(self._reach.own).application_credentials(user):
            if self._owner.owns(str(thing.name), {}, Scope.SYSTEM):
                yield self._found(kind, thing, within=user)

    def _interfaces(self, kind: Kind) -> Iterator[Found]:
        (networks,) = [each for each in KINDS if each.listed == "networks"]
        for network in self._ours(networks):
            for port in self._reach.platform.network.ports(network_id=network.id):
                if port.device_owner in INTERFACE_OWNERS:
                    yield Found(
                        kind=kind,
                        id=str(port.id),
                        name=str(port.name or network.name),
                        project=self._reach.project,
                        within=str(port.device_id),
                    )

    def _record_sets(self, kind: Kind) -> Iterator[Found]:
        if not self._owner.zone:
            return
        dns = self._reach.platform.dns
        for zone in dns.zones(name=f"{self._owner.zone}."):
            for record in dns.recordsets(zone):
                mine = f".{self._reach.system}.{zone.name}"
                if record.type == "A" and str(record.name).endswith(mine):
                    yield self._found(kind, record, within=str(zone.id))

    def _ours(self, kind: Kind) -> Iterator[Any]:
        for thing in self._list(kind):
            name = str(getattr(thing, kind.named, "") or "")
            labels = labels_of(getattr(thing, kind.labelled)) if kind.labelled else {}
            if kind.word == "DNS zone":
                if name == f"{self._owner.zone}.":
                    yield thing
            elif self._owner.owns(name, labels, self._reach.scope) and self._is_here(thing):
                yield thing

    def _list(self, kind: Kind) -> tuple[Any, ...]:
        key = (kind.service, kind.listed)
        if key not in self._listed:
            query = dict(kind.everywhere) if self._reach.as_operator else {}
            if kind.filtered:
                query["project_id"] = self._reach.project
            service = getattr(self._reach.own, kind.service)
            self._listed[key] = tuple(getattr(service, kind.listed)(**query))
        return self._listed[key]

    def _is_here(self, thing: Any) -> bool:  # noqa: ANN401 - as the SDK
        """Tell whether a thing is in the project, where it says in which it is."""
        if self._reach.scope is Scope.PLATFORM:
            return True
        project = getattr(thing, "project_id", None)
        return project is None or project == self._reach.project

    def _is_to_go(self, image: Any) -> bool:  # noqa: ANN401 - as the SDK
        return not self._owner.keeps_images or image.status in UNFINISHED_IMAGE

    def _found(self, kind: Kind, thing: Any, within: str = "") -> Found:  # noqa: ANN401 - as the SDK
        return Found(
            kind=kind,
            id=_id(thing),
            name=str(getattr(thing, kind.named, "") or ""),
            project=self._reach.project,
            within=within,
            made=str(getattr(thing, "created_at", "") or ""),
        )


def labels_of(said: Iterable[str] | Mapping[str, str] | None) -> dict[str, str]:
    """Return tags or metadata as labels."""
    if isinstance(said, Mapping):
        return {str(key): str(value) for key, value in said.items()}
    pairs = (tag.partition("=") for tag in said or ())
    return {key: value for key, _, value in pairs}


def _ports(rule: Mapping[str, Any]) -> str:
    """Return the ports of a rule as the site writes them: ``tcp/5432``, ``udp/6000-6010``."""
    first, last = rule["port_range_min"], rule["port_range_max"]
    return f"{rule['protocol']}/{first}" + (f"-{last}" if last != first else "")


def _id(thing: Any) -> str:  # noqa: ANN401 - as the SDK
    """Return a thing's id; Barbican has references that end in it, Swift has names."""
    return str(thing.id or thing.name).rstrip("/").rsplit("/", 1)[-1]


def _state_id(found: Found) -> str:
    """Return the id that the engine would know the thing by."""
    composed = found.within and found.kind.look in {Look.PARTS, Look.OF_ZONES}
    return f"{found.within}/{found.id}" if composed else found.id
