"""The words that a site's files may choose from, and the port."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Layer(StrEnum):
    """The three layers of smart government, upstream first."""

    INFRASTRUCTURE = "infrastructure"
    DATA_SERVICE = "data-service"
    APPLICATION_SUPPORT = "application-support"


class Exposure(StrEnum):
    """What a zone faces.

    Nothing outside (``internal``), the Internet, the operators, one department's own network
    (``private``, 专用网络区), or, as the only one, the private networks (``exchange``, 数据交换区).
    """

    INTERNAL = "internal"
    INTERNET = "internet"
    OPERATIONS = "operations"
    PRIVATE = "private"
    EXCHANGE = "exchange"


OUTWARD: Final = frozenset({Exposure.INTERNET, Exposure.OPERATIONS})
"""What a zone must face to have addresses outside and to be reached from there."""


class Domain(StrEnum):
    """What part of smart government a system serves (领域); the last four are applications."""

    PLATFORM = "platform"
    G2G = "g2g"
    G2X = "g2x"
    SUPPORT = "support"
    OFFICE = "office"
    REGULATION = "regulation"
    SERVICE = "service"
    DECISION = "decision"


class Importance(StrEnum):
    """How much a system matters (重要程度): 一般, 重要, 关键."""

    NORMAL = "normal"
    IMPORTANT = "important"
    CRITICAL = "critical"


class DataClass(StrEnum):
    """The class of data after GB/T 43697: 一般, 重要, 核心."""

    GENERAL = "general"
    IMPORTANT = "important"
    CORE = "core"


class Mechanism(StrEnum):
    """What a path goes through between zones; `gap` is the one-way ferry (网闸)."""

    FIREWALL = "firewall"
    GAP = "gap"
    VPN = "vpn"
    API_GATEWAY = "api_gateway"


class Share(StrEnum):
    """Who may consume a data set: 无条件共享, 有条件共享, 不予共享."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    NONE = "none"


class DataFormat(StrEnum):
    """How a data set is handed over: 库表, 文件, 接口."""

    TABLE = "table"
    FILE = "file"
    API = "api"


class Opening(StrEnum):
    """Whether a data set is open to the public: 无条件开放, 有条件开放, 不予开放."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    NONE = "none"


class Access(StrEnum):
    """What users of a container may do with its objects."""

    READ = "read"
    WRITE = "write"


class Expired(StrEnum):
    """What happens when something that was granted for a time is past it."""

    WARN = "warn"
    REFUSE = "refuse"


class Duty(StrEnum):
    """Which of the three separated administrators a person is: 系统, 安全, 审计管理员."""

    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


class Protocol(StrEnum):
    """The transport protocol of a port."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """A port or range of ports, written ``tcp/5432`` or ``udp/6000-6010``."""

    protocol: Protocol
    first: int
    last: int

    def __str__(self) -> str:
        numbers = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.protocol}/{numbers}"
