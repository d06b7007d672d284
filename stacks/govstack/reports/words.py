"""The Chinese and English words of drawings and diagrams."""

from collections.abc import Iterable
from typing import Final

from govstack.plan.views.graph import NO_ZONE, OUTSIDE, Bundle, Link, Opening, SystemView
from govstack.site.ends import ANY, INTERNET
from govstack.site.kinds import Exposure, Layer, Mechanism

LAYERS: Final = {
    Layer.INFRASTRUCTURE: ("基础设施层", "Infrastructure"),
    Layer.DATA_SERVICE: ("数据服务层", "Data service"),
    Layer.APPLICATION_SUPPORT: ("应用支撑层", "Application support"),
}
EXPOSURES: Final = {
    Exposure.INTERNET: "面向互联网",
    Exposure.INTERNAL: "内部",
    Exposure.EXCHANGE: "数据交换",
    Exposure.PRIVATE: "部门专网",
    Exposure.OPERATIONS: "面向运维",
}
DATA_ZONE: Final = "存放数据"
MECHANISMS: Final = {
    Mechanism.FIREWALL: "防火墙",
    Mechanism.GAP: "网闸",
    Mechanism.VPN: "VPN",
    Mechanism.API_GATEWAY: "API网关",
}
LEVELS: Final = ("", "一级", "二级", "三级", "四级", "五级")
EVERYBODY: Final = "全网"
INTERNET_NAME: Final = "互联网"
OUTSIDE_NAME: Final = "外部"
NO_ZONE_NAME: Final = "云平台服务"
STORE: Final = "对象存储"


def counted(system: SystemView) -> str:
    """Return how many nodes a system has, and how many of them are on machines."""
    on_machines = f"（物理机 {system.machines:,}）" if system.machines else ""
    return f"{system.nodes:,} 节点{on_machines}"


def outsider_name(who: str) -> str:
    """Return what an outside network is called."""
    return INTERNET_NAME if who == INTERNET else who


def zone_name(zone: str) -> str:
    """Return the name of what stands for a zone; of a zone, its id."""
    return {OUTSIDE: OUTSIDE_NAME, NO_ZONE: NO_ZONE_NAME}.get(zone, zone)


def numbers(ports: Iterable[str]) -> tuple[str, ...]:
    """Return ports without their protocols, each once."""
    return tuple(dict.fromkeys(port.partition("/")[2] for port in ports))


def opening_text(opening: Opening) -> str:
    """Return a path of everybody in few characters: ``全网→ 6514``, ``→全网 22``."""
    who = EVERYBODY if opening.who == ANY else opening.who
    ports = " ".join(numbers(opening.ports))
    return f"→{who} {ports}" if opening.outward else f"{who}→ {ports}"


def mechanisms_text(mechanisms: Iterable[Mechanism]) -> str:
    """Return what paths go through, unless it is what all of them do."""
    return " ".join(MECHANISMS[each] for each in mechanisms if each is not Mechanism.FIREWALL)


def ports_text(bundle: Bundle | Link) -> str:
    """Return all ports; what has none goes by the cloud's object store."""
    return " ".join(bundle.ports) or STORE


def level_text(mlps: int) -> str:
    """Return a level of multi-level protection as people say it."""
    return LEVELS[mlps]
