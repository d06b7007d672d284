"""From what was declared and found valid to the frozen site."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from govstack.site.catalog import Adopted, BackupPolicy, Flavor, Image, VolumeType
from govstack.site.declared.base import AdoptedDeclared
from govstack.site.declared.environment import EnvironmentDeclared
from govstack.site.declared.machines import MachineDeclared
from govstack.site.declared.people import PersonDeclared
from govstack.site.declared.site import (
    FlavorDeclared,
    FlowDeclared,
    ImageDeclared,
    SiteDeclared,
    TenantDeclared,
    VolumeTypeDeclared,
)
from govstack.site.declared.system import DataSetDeclared, GroupDeclared, SystemDeclared
from govstack.site.fields import parse_port
from govstack.site.hardware import Machine
from govstack.site.model import (
    Allowance,
    Contact,
    Environment,
    Flow,
    Limits,
    Packages,
    Policy,
    Site,
    Tenant,
    Zone,
)
from govstack.site.people import Person
from govstack.site.profile import Profile
from govstack.site.systems import (
    Container,
    DataSet,
    FileShare,
    NodeGroup,
    Service,
    System,
    Use,
    Volume,
)

ADOPTS = {"cloud_name", "cloud_id"}
CatalogItem = FlavorDeclared | ImageDeclared | VolumeTypeDeclared
Item = TypeVar("Item")


def in_order(items: Mapping[str, Item]) -> list[tuple[str, Item]]:
    """Return the items of a map by their ids: in what order they are written means nothing."""
    return sorted(items.items(), key=lambda item: item[0])


def freeze_environment(name: str, declared: EnvironmentDeclared, profile: Profile) -> Environment:
    """Return the environment of that name."""
    return Environment(
        name=name,
        profile=profile,
        cloud=declared.cloud,
        external_network=declared.external_network,
        disposable=declared.disposable,
        backend=declared.backend,
        encrypt_state=declared.encrypt_state,
        secrets=declared.secrets,
        limits=Limits(**declared.limits.model_dump()),
    )


def freeze_zone(zone: str, site: SiteDeclared) -> Zone:
    """Return the zone of that id."""
    declared = site.zones[zone]
    return Zone(id=zone, **dict(declared) | {"router": _adopted(declared.router)})


def freeze_flow(declared: FlowDeclared) -> Flow:
    """Return a flow."""
    return Flow(**dict(declared) | {"ports": tuple(parse_port(port) for port in declared.ports)})


def freeze_machine(id_: str, declared: MachineDeclared) -> Machine:
    """Return the machine of that id."""
    return Machine(id=id_, **dict(declared))


def freeze_system(
    declared: SystemDeclared, machines: Mapping[str, MachineDeclared] = MappingProxyType({})
) -> System:
    """Return a system, which may have nodes on machines."""
    plain = declared.model_dump(
        exclude={"renamed_from", "project", "networks", "nodes", "offers", "containers"}
        | {"shares", "uses", "data_sets"}
    )
    return System(
        **plain,
        birth=declared.renamed_from or declared.id,
        project=_adopted(declared.project),
        networks=tuple((zone, _named(item)) for zone, item in in_order(declared.networks)),
        nodes=tuple(_group(role, group, machines) for role, group in in_order(declared.nodes)),
        offers=tuple(
            Service(name=name, **dict(item) | {"port": parse_port(item.port)})
            for name, item in in_order(declared.offers)
        ),
        containers=tuple(
            Container(name=name, **dict(item)) for name, item in in_order(declared.containers)
        ),
        shares=tuple(
            FileShare(name=name, **dict(item)) for name, item in in_order(declared.shares)
        ),
        uses=tuple(parse_use(use) for use in declared.uses),
        data_sets=tuple(_data_set(id_, item) for id_, item in in_order(declared.data_sets)),
    )


def parse_use(text: str) -> Use:
    """Return the use that a checked text means."""
    system, _, service = text.partition(".")
    return Use(system, service)


def freeze_site(
    root: Path,
    address_file: Path,
    environment: Environment,
    site: SiteDeclared,
    systems: tuple[System, ...],
    addresses: Mapping[str, str],
) -> Site:
    """Return the whole site."""
    catalog = site.catalog
    return Site(
        root=root,
        address_file=address_file,
        id=site.id,
        code=site.code,
        name=site.name,
        mlps=site.mlps,
        location=site.location,
        dns_domain=site.dns_domain,
        environment=environment,
        transit=site.transit,
        zones=tuple(freeze_zone(zone, site) for zone in sorted(site.zones)),
        tenants=tuple(_tenant(id_, item) for id_, item in in_order(site.tenants)),
        flavors=tuple(Flavor(id=id_, **_catalog(item)) for id_, item in in_order(catalog.flavors)),
        images=tuple(Image(id=id_, **_catalog(item)) for id_, item in in_order(catalog.images)),
        volume_types=tuple(
            VolumeType(id=id_, **_catalog(item)) for id_, item in in_order(catalog.volume_types)
        ),
        machines=tuple(freeze_machine(id_, item) for id_, item in in_order(site.machines)),
        backup_policies=tuple(
            BackupPolicy(id=id_, **dict(item)) for id_, item in in_order(site.backup_policies)
        ),
        balancers=site.balancers,
        policy=Policy(**dict(site.policy) | {"encrypt": tuple(site.policy.encrypt)}),
        packages=Packages(**dict(site.packages)),
        people=tuple(_person(id_, item) for id_, item in in_order(site.people)),
        systems=systems,
        flows=tuple(freeze_flow(flow) for flow in site.flows),
        addresses=tuple(addresses.items()),
    )


def _named(declared: AdoptedDeclared | CatalogItem) -> Adopted:
    return Adopted(name=declared.cloud_name, id=declared.cloud_id)


def _adopted(declared: AdoptedDeclared | None) -> Adopted | None:
    return _named(declared) if declared else None


def _catalog(declared: CatalogItem) -> dict[str, Any]:
    """Return the fields of something of the catalog, which may be one of the cloud's."""
    adopted = _named(declared) if declared.cloud_name or declared.cloud_id else None
    return declared.model_dump(exclude=ADOPTS) | {"adopted": adopted}


def _tenant(id_: str, declared: TenantDeclared) -> Tenant:
    return Tenant(
        id=id_,
        name=declared.name,
        uscc=declared.uscc,
        contacts=tuple(Contact(**dict(contact)) for contact in declared.contacts),
        quota=Allowance(**dict(declared.quota)),
    )


def _person(account: str, declared: PersonDeclared) -> Person:
    fields = {"ssh_keys": tuple(declared.ssh_keys), "comes_to": tuple(declared.comes_to)}
    return Person(account=account, **dict(declared) | fields)


def _group(
    role: str, declared: GroupDeclared, machines: Mapping[str, MachineDeclared]
) -> NodeGroup:
    volumes = tuple(Volume(name=name, **dict(item)) for name, item in in_order(declared.volumes))
    fields = {
        "links": tuple(declared.links),
        "volumes": volumes,
        "machines": tuple(freeze_machine(id_, machines[id_]) for id_ in declared.machines),
    }
    return NodeGroup(role=role, **dict(declared) | fields)


def _data_set(id_: str, declared: DataSetDeclared) -> DataSet:
    fields = {"through": parse_use(declared.through), "consumers": tuple(declared.consumers)}
    return DataSet(id=id_, **dict(declared) | fields)
