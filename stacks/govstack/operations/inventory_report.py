"""What the verb `inventory` reports; the values themselves are made in `inventory`."""

from dataclasses import dataclass

from govstack.inventory.model import Group, Host, Inventory

__all__ = ["Group", "Host", "Inventory", "InventoryFiles"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryFiles:
    """The files of an inventory that were written, for so many hosts."""

    hosts: int
    paths: tuple[str, ...]
