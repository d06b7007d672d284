"""Who comes to which host, who only passes it, and who signs in."""

from collections.abc import Iterator
from typing import Final

from govstack.inventory.variables.model import Machine, Values
from govstack.inventory.variables.view import View
from govstack.site.people import Person
from govstack.site.systems import NodeGroup, System
from govstack.values.secret import Secret

PASSING: Final = "none"
"""The duty of who goes on to other hosts from here, and may do nothing here."""


def administrators(view: View, host: Machine) -> Values:
    """Return the people who may log in to a host, each with a duty."""
    return {
        "base_administrators": [
            {
                "name": person.account,
                "full_name": person.name,
                "duty": duty,
                "keys": list(person.ssh_keys),
            }
            for person, duty in _comers(view, host)
        ],
        # The site's checks saw to it; on the day that an account ends, all others stay.
        "base_separated": False,
    }


def seeds(view: View, host: Machine) -> Values:
    """Return what the codes of people are made from."""
    return {
        "bastion_seeds": [
            {"name": person.account, "seed": seed(view.material.own(factor(person.account)))}
            for person, _ in _comers(view, host)
        ]
    }


def signing_in(view: View) -> Values:
    """Return the people who sign in to applications."""
    return {
        "identity_people": [
            {
                "name": person.account,
                "full_name": person.name,
                "mail": person.email,
                "password_hash": view.material.hashed(password(person.account)),
            }
            for person in view.site.people
            if person.duty is None and person.is_in_force(view.material.today)
        ]
    }


def factor(account: str) -> str:
    """Return what a person's second factor is kept as."""
    return f"{account} codes"


def password(account: str) -> str:
    """Return what a person's password is kept as."""
    return f"{account} signs in"


def seed(kept: Secret) -> Secret:
    """Return the seed of codes, as hexadecimal digits."""
    return Secret(kept.reveal().encode().hex())


def _comers(view: View, host: Machine) -> Iterator[tuple[Person, str]]:
    """Yield who may log in to a host, and what for: a duty here, or to go on."""
    for person in view.site.people:
        if person.duty is None or not person.is_in_force(view.material.today):
            continue
        if person.may_come_to(*_group(view, host.system.id, host.node.role)):
            yield person, person.duty.value
        elif any(person.may_come_to(*_group(view, *each)) for each in view.behind(host)):
            yield person, PASSING


def _group(view: View, system: str, role: str) -> tuple[System, NodeGroup]:
    declared = view.systems[system]
    return declared, next(group for group in declared.nodes if group.role == role)
