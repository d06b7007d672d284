"""People: administrators, who come to hosts, and those who sign in to applications."""

from dataclasses import dataclass
from datetime import date

from govstack.site.ends import AnyEnd, OutsideEnd, SystemEnd, ZoneEnd, parse_end
from govstack.site.kinds import Duty
from govstack.site.systems import NodeGroup, System


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account of their own.

    Attributes:
        duty: which of the three separated administrators it is; None for who signs in to
            applications and comes to no host.
        ssh_keys: public keys, as OpenSSH writes them.
        comes_to: ends, as flows name them; empty for all systems of the own department.
        expires: the last day that the account is granted for.
    """

    account: str
    name: str
    tenant: str
    duty: Duty | None = None
    ssh_keys: tuple[str, ...] = ()
    comes_to: tuple[str, ...] = ()
    email: str = ""
    expires: date | None = None

    def is_in_force(self, today: date) -> bool:
        """Tell whether the account is granted on a day."""
        return self.expires is None or today <= self.expires

    def may_come_to(self, system: System, group: NodeGroup) -> bool:
        """Tell whether the person has a duty on the hosts of a group."""
        if self.duty is None:
            return False
        if not self.comes_to:
            return system.tenant == self.tenant
        return any(_is_at(text, system, group) for text in self.comes_to)


def _is_at(text: str, system: System, group: NodeGroup) -> bool:
    match parse_end(text):
        case AnyEnd():
            return True
        case ZoneEnd(zone):
            return zone in group.zones
        case SystemEnd(name, role):
            return system.id == name and role in {"", group.role}
        case OutsideEnd():
            return False
