"""The test ``within``: whether an address is in one of some networks."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping

DOCUMENTATION = """
name: within
short_description: whether an address is in one of some networks
description: Networks are written as addresses, or with the length of their prefix.
options:
  _input:
    type: str
    required: true
    description: The address.
  networks:
    type: list
    elements: str
    required: true
    description: The networks.
"""
EXAMPLES = "{{ '10.1.2.3' is govstack.base.within(['10.1.0.0/16']) }}"


def within(address: str, networks: Iterable[str]) -> bool:
    """Tell whether the address is in one of the networks."""
    found = ipaddress.ip_address(address)
    return any(found in ipaddress.ip_network(one, strict=False) for one in networks)


class TestModule:
    """What Ansible looks for."""

    def tests(self) -> Mapping[str, Callable[..., bool]]:
        """Return the tests by name."""
        return {"within": within}
