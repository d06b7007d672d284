"""Answers of somebody who makes a site: each checked at once, in the words of `validate`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from govstack.errors import AnswerRefused
from govstack.site.declared.environment import CapabilitiesDeclared, EnvironmentDeclared
from govstack.site.declared.site import SiteDeclared
from govstack.site.declared.system import SystemDeclared
from govstack.site.document import Map, Position
from govstack.site.kinds import Exposure
from govstack.site.mistakes import problems_of
from govstack.site.model import PLATFORM
from govstack.site.naming import short_id
from govstack.site.newsite import PREFIXES, Department, NewSystem, NewZone
from govstack.site.profile import SANDBOX, Profile
from govstack.site.profiles import line_of, profile_names, read_profile
from govstack.values.suggestion import suggestion

PRESETS: Final[Mapping[str, tuple[str, ...]]] = {
    "small": ("PUB", "MGT"),
    "standard": ("INT", "PUB", "DAT", "MGT"),
    "exchange": ("INT", "PUB", "EXC", "DAT", "MGT", "PRV"),
}
"""Choices of zones that have a name."""

KNOWN_ZONES: Final[Mapping[str, NewZone]] = {
    zone.id: zone
    for zone in (
        NewZone("INT", "互联网区", "10.10.0.0/16", Exposure.INTERNET),
        NewZone("PUB", "政务外网公用网络区", "10.20.0.0/16"),
        NewZone("EXC", "数据交换区", "10.30.0.0/16", Exposure.EXCHANGE),
        NewZone("DAT", "数据区", "10.40.0.0/16", holds_data=True),
        NewZone("MGT", "运维管理区", "10.50.0.0/16", Exposure.OPERATIONS),
        NewZone("PRV", "专用网络区", "10.60.0.0/16", Exposure.PRIVATE, routing_domain="private"),
    )
}
"""Zones whose ids mean something already."""

KNOWN_SYSTEMS: Final[Mapping[str, str]] = {
    "inf-bas": "运维堡垒机",
    "dat-rdb": "关系数据库服务",
    "app-oa": "协同办公",
}
"""Names of systems whose ids mean something already."""

FREE_NETWORKS: Final = tuple(f"10.{number}.0.0/16" for number in range(70, 250, 10))
"""Supernets of zones that are not known, in the order in which they are named."""


def site_key(key: str, text: str) -> str:
    """Return the value of a key of site.yaml, if it may stand there."""
    _check(SiteDeclared, {key: text})
    return text


def departments(texts: Sequence[str]) -> tuple[Department, ...]:
    """Return departments, each written ``ID=NAME``."""
    found: dict[str, Department] = {}
    for text in texts:
        id_, equals, name = (part.strip() for part in text.partition("="))
        if not equals:
            raise AnswerRefused(f"{text!r} names no department", hint="write it like dsjj=大数据局")
        _check(SiteDeclared, {"tenants": {id_: {"name": name}}})
        _once(id_, found)
        found[id_] = Department(id_, name)
    _some(found, "department", "dsjj=大数据局")
    return tuple(found.values())


def zones(texts: Sequence[str]) -> tuple[NewZone, ...]:
    """Return zones, by the name of a preset or by their ids."""
    names = PRESETS.get(texts[0], tuple(texts)) if len(texts) == 1 else tuple(texts)
    found: dict[str, NewZone] = {}
    free = iter(FREE_NETWORKS)
    for name in names:
        if name.islower():
            hint = suggestion(name, tuple(PRESETS))
            raise AnswerRefused(f"there is no choice of zones {name!r}", hint=hint)
        zone = KNOWN_ZONES.get(name) or NewZone(name, name, next(free, ""))
        if not zone.supernet:
            raise AnswerRefused(
                f"more than {len(FREE_NETWORKS)} zones of your own",
                hint="write the others into site.yaml afterwards",
            )
        _check(SiteDeclared, {"zones": {name: {"name": zone.name, "supernet": zone.supernet}}})
        _once(name, found)
        found[name] = zone
    _some(found, "zone", "PUB")
    return tuple(found.values())


def systems(texts: Sequence[str]) -> tuple[NewSystem, ...]:
    """Return systems, each written ``ID`` or ``ID=NAME``; the id begins with that of a layer."""
    found: dict[str, NewSystem] = {}
    for text in texts:
        id_, _, name = (part.strip() for part in text.partition("="))
        name = name or KNOWN_SYSTEMS.get(id_, id_)
        _check(SystemDeclared, {"id": id_, "name": name})
        if id_ == PLATFORM:
            raise AnswerRefused(
                f"the id {id_!r} is taken by the platform itself", hint="choose another"
            )
        if not id_.startswith(tuple(PREFIXES)) or short_id(id_) == "":
            raise AnswerRefused(
                f"{id_!r} does not tell its layer",
                hint="begin it with inf-, dat-, sup- or app-, like app-oa",
            )
        _once(id_, found)
        same = next((other for other in found if short_id(other) == short_id(id_)), "")
        if same:
            raise AnswerRefused(
                f"the nodes of {id_} would have the same names as those of {same}",
                hint="choose another id",
            )
        found[id_] = NewSystem(id_, name)
    _some(found, "system", "app-oa")
    return tuple(found.values())


def cloud(text: str) -> str:
    """Return the entry of clouds.yaml; nothing if there is to be no other than the embedded."""
    if text:
        _check(EnvironmentDeclared, {"cloud": text})
    return text


def profile(text: str) -> Profile:
    """Return the profile of the cloud of production, if such a cloud can be used."""
    _check(EnvironmentDeclared, {"profile": text})
    nowhere = Path()
    names = profile_names(nowhere)
    if text not in names:
        raise AnswerRefused(f"there is no profile {text!r}", hint=suggestion(text, names))
    if text == SANDBOX:
        raise AnswerRefused(
            "the embedded cloud has no entry in clouds.yaml",
            hint="give no cloud, or write profile: openstack",
        )
    found = read_profile(nowhere, text, CapabilitiesDeclared(), [])
    if found is None or found.refused:
        raise AnswerRefused(
            f"{found.product} cannot be used: {found.refused}" if found else f"{text} is broken",
            hint=f"see {line_of(nowhere, text, 'refused')}",
        )
    return found


def _check(model: type[BaseModel], document: Mapping[str, object]) -> None:
    """Refuse what `validate` would refuse in the keys of this document; others may be missing."""
    whole = _map(document, Position("", 0, ""))
    try:
        model.model_validate(whole)
    except ValidationError as error:
        found = [problem for problem in problems_of(whole, model, error) if problem.path]
        if found:
            raise AnswerRefused(found[0].text, hint=found[0].hint) from error


def _map(values: Mapping[str, object], position: Position) -> Map:
    result = Map(position)
    for key, value in values.items():
        place = position.key(key, 0)
        result.places[key] = place
        result[key] = _map(value, place) if isinstance(value, Mapping) else value
    return result


def _once(id_: str, found: Mapping[str, object]) -> None:
    if id_ in found:
        raise AnswerRefused(f"{id_} is named twice", hint="keep one of them")


def _some(found: Mapping[str, object], noun: str, example: str) -> None:
    if not found:
        raise AnswerRefused(f"there must be at least one {noun}", hint=f"such as {example}")
