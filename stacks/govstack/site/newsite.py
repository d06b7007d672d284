"""A site that does not exist yet: what has to be known of it, and the files that follow, purely."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from govstack.resources import resource
from govstack.site.kinds import DataClass, Domain, Exposure, Importance, Layer
from govstack.site.schema import MODELS, schema_of
from govstack.site.sources import SITE_FILE

PREFIXES: Final[Mapping[str, Layer]] = {
    "inf-": Layer.INFRASTRUCTURE,
    "dat-": Layer.DATA_SERVICE,
    "sup-": Layer.APPLICATION_SUPPORT,
    "app-": Layer.APPLICATION_SUPPORT,
}
"""How the id of a system tells its layer."""

BASTION: Final = "inf-bas"

PLAIN: Final = re.compile(r"[^\W\d_](?:[\w（）《》·、 -]*[\w（）《》])?")
"""Texts that YAML takes for what they are, without quotes."""


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the new site."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class NewZone:
    """A zone of the new site."""

    id: str
    name: str
    supernet: str
    exposure: Exposure = Exposure.INTERNAL
    holds_data: bool = False
    routing_domain: str = "core"


@dataclass(frozen=True, slots=True)
class NewSystem:
    """A first system of the new site."""

    id: str
    name: str

    @property
    def layer(self) -> Layer:
        """Return the layer that its id tells."""
        return next(layer for prefix, layer in PREFIXES.items() if self.id.startswith(prefix))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite:
    """Everything that has to be known; without a `cloud` there is the embedded one alone."""

    id: str
    code: str
    name: str
    departments: tuple[Department, ...]
    zones: tuple[NewZone, ...]
    systems: tuple[NewSystem, ...]
    cloud: str = ""
    profile: str = "openstack"
    makes_flavors: bool = True

    @property
    def environments(self) -> tuple[str, ...]:
        """Return the names of its environments."""
        return ("sandbox", "production") if self.cloud else ("sandbox",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Starter:
    """A system as its file says it; empty texts are left out."""

    id: str
    name: str
    layer: Layer
    tenant: str
    owner: str
    domain: Domain
    importance: Importance
    data_class: DataClass
    role: str
    zone: str
    flavor: str
    outside: bool = False
    offers: str = ""
    port: str = ""
    mount: str = ""
    uses: str = ""


def files_of(site: NewSite) -> Mapping[str, str]:
    """Return the text of each file by its path below the site's folder; no address book yet."""
    starters = tuple(_starters(site))
    facts = {
        "site": site,
        "zones": site.zones,
        "bastion": next((item for item in starters if item.id == BASTION), None),
        "makes_flavors": site.makes_flavors,
    }
    templates = _templates()
    files = {
        name: templates.get_template(f"{name}.j2").render(facts)
        for name in ("README.md", SITE_FILE)
    }
    for name in site.environments:
        files[f"environments/{name}.yaml"] = templates.get_template(f"{name}.yaml.j2").render(facts)
    for starter in starters:
        text = templates.get_template("system.yaml.j2").render(system=starter)
        files[f"systems/{starter.id}.yaml"] = text
    for kind in MODELS:
        schema = json.dumps(schema_of(kind), ensure_ascii=False, indent=2)
        files[f".schema/{kind}.json"] = f"{schema}\n"
    return files


def yaml_text(text: str) -> str:
    """Return a text as YAML writes it, in quotes where it needs them."""
    if PLAIN.fullmatch(text) and text.lower() not in {"true", "false", "null"}:
        return text
    return json.dumps(text, ensure_ascii=False)


def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(resource("templates") / "site"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - YAML and Markdown, no HTML
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["yaml"] = yaml_text
    # In comments and prose a line end would begin something else.
    templates.filters["plain"] = lambda text: " ".join(text.split())
    return templates


def _starters(site: NewSite) -> Iterator[_Starter]:
    first, *others = site.departments
    data = next((s for s in site.systems if s.layer is Layer.DATA_SERVICE), None)
    applications = 0
    for system in site.systems:
        if system.layer is Layer.INFRASTRUCTURE:
            yield _infrastructure(site, system, first)
        elif system.layer is Layer.DATA_SERVICE:
            yield _data_service(site, system, first)
        else:
            owners = others or [first]
            owner = owners[applications % len(owners)]
            applications += 1
            yield _application(site, system, owner, data)


def _infrastructure(site: NewSite, system: NewSystem, owner: Department) -> _Starter:
    zone = _zone(site, lambda zone: zone.exposure is Exposure.OPERATIONS)
    return _Starter(
        id=system.id,
        name=system.name,
        layer=system.layer,
        tenant=owner.id,
        owner=owner.name,
        domain=Domain.PLATFORM,
        importance=Importance.CRITICAL,
        data_class=DataClass.IMPORTANT,
        role="bastion" if system.id == BASTION else "server",
        zone=zone.id,
        flavor="small",
        outside=system.id == BASTION and zone.exposure is Exposure.OPERATIONS,
    )


def _data_service(site: NewSite, system: NewSystem, owner: Department) -> _Starter:
    return _Starter(
        id=system.id,
        name=system.name,
        layer=system.layer,
        tenant=owner.id,
        owner=owner.name,
        domain=Domain.G2G,
        importance=Importance.CRITICAL,
        data_class=DataClass.IMPORTANT,
        role="db",
        zone=_zone(site, lambda zone: zone.holds_data).id,
        flavor="medium",
        offers="postgresql",
        port="tcp/5432",
        mount="/var/lib/pgsql",
    )


def _application(
    site: NewSite, system: NewSystem, owner: Department, data: NewSystem | None
) -> _Starter:
    return _Starter(
        id=system.id,
        name=system.name,
        layer=system.layer,
        tenant=owner.id,
        owner=owner.name,
        domain=Domain.OFFICE,
        importance=Importance.IMPORTANT,
        data_class=DataClass.GENERAL,
        role="app",
        zone=_zone(site, lambda _: False).id,
        flavor="small",
        uses=f"{data.id}.postgresql" if data else "",
    )


def _zone(site: NewSite, is_wanted: Callable[[NewZone], bool]) -> NewZone:
    """Return the zone that is wanted, or the one where most can be without being in the way."""
    return min(site.zones, key=lambda zone: (not is_wanted(zone), _rank(zone)))


def _rank(zone: NewZone) -> int:
    order = (
        Exposure.INTERNAL,
        Exposure.OPERATIONS,
        Exposure.EXCHANGE,
        Exposure.INTERNET,
        Exposure.PRIVATE,
    )
    return 2 * order.index(zone.exposure) + zone.holds_data
