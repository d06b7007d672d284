"""Machines: the x86 servers of a site, and how their firmware names itself."""

import functools
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from govstack.errors import Problem
from govstack.site.document import read_document

TABLE: Final = Path(__file__).parent / "hardware.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A physical server; `management` is the address of its own controller (BMC)."""

    id: str
    vendor: str
    model: str
    serial: str
    management: IPv4Address | None = None
    place: str = ""

    @property
    def label(self) -> str:
        """Return what people call it."""
        return f"{hardware().vendors[self.vendor].name} {self.model}"

    @property
    def board(self) -> dict[str, str]:
        """Return what it tells of itself, by the names of ``/sys/class/dmi/id``."""
        vendor = hardware().vendors[self.vendor]
        return {
            "bios_vendor": vendor.sys_vendor,
            "board_vendor": vendor.sys_vendor,
            "chassis_vendor": vendor.sys_vendor,
            "product_name": self.model,
            "product_serial": self.serial,
            "sys_vendor": vendor.sys_vendor,
            **vendor.models.get(self.model, {}),
        }


class Vendor(BaseModel):
    """A maker of machines: what people call it, what its machines say, its models."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    sys_vendor: str
    models: dict[str, dict[str, str]]


class Hardware(BaseModel):
    """The table of makers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: Literal[1]
    vendors: dict[str, Vendor]


@functools.cache
def hardware() -> Hardware:
    """Return the table."""
    problems: list[Problem] = []
    document = read_document(TABLE, problems)
    if problems:
        raise AssertionError(problems)
    return Hardware.model_validate(document)
