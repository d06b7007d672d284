"""What templates of a probe may name; a host is never told another one's secrets."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from govstack.inventory.probes.ends import Ends
from govstack.inventory.variables.model import HostRoles, revealed
from govstack.inventory.variables.view import View
from govstack.values.secret import MASK, Secret

Values = dict[str, Any]


class Known:
    """The site's hosts with their variables, as templates see them.

    Args:
        view: the site.
        hosts: what each configured host is configured with.
        token: a text that only this verification knows.
    """

    def __init__(self, view: View, hosts: Iterable[HostRoles], token: str) -> None:
        self._view = view
        self._variables = {host.host: host.variables for host in hosts}
        self._plain: dict[str, Any] = {name: masked(each) for name, each in self._variables.items()}
        self._hosts = {
            name: {"name": name, "address": each.address, "system": each.system.id}
            for name, each in view.machines.items()
        }
        self._token = token

    def values(self, ends: Ends, defaults: Mapping[str, object], at: str = "") -> Values:
        """Return what templates may name.

        Args:
            ends: the host whose role is proven, and the one that the probe is made from.
            defaults: what the role has by default.
            at: the host that takes the step, which is told its own secrets; nobody if empty.
        """
        server, here = ends.server.name, ends.here.name
        return {
            **defaults,
            **self._told(server, at),
            "server": {**self._hosts[server], "address": ends.address},
            "here": self._hosts[here],
            "mine": self._told(at or here, at),
            "login": self._login(ends, at),
            "hosts": self._hosts,
            "of": self._plain,
            "domain": self._view.site.dns_domain,
            "automation": self._view.material.user,
            "authority": self._view.material.authority,
            "token": self._token,
        }

    def hidden(self, hosts: Collection[str], ends: Ends) -> tuple[str, ...]:
        """Return what must not be told of these hosts, the longest first."""
        found = set(_secrets([self._variables.get(name, {}) for name in hosts]))
        if ends.login:
            found.add(self._view.material.password(ends.login.credential.key).reveal())
        return tuple(sorted(found - {""}, key=len, reverse=True))

    def _told(self, host: str, at: str) -> Mapping[str, Any]:
        if host != at:
            plain: Mapping[str, Any] = self._plain.get(host, {})
            return plain
        clear: Any = revealed(self._variables.get(host, {}))
        return dict(clear)

    def _login(self, ends: Ends, at: str) -> Values:
        if ends.login is None:
            return {}
        credential = ends.login.credential
        password = self._view.material.password(credential.key)
        return {
            "account": credential.account,
            "password": password.reveal() if at == ends.here.name else MASK,
            "service": ends.login.service.name,
            "port": ends.login.service.port.first,
        }


def masked(value: object) -> object:
    """Return a value with its secrets made unreadable."""
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, Mapping):
        return {key: masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value


def _secrets(value: object) -> Iterator[str]:
    """Yield all secrets that stand in a value, and the lines of those that have several."""
    if isinstance(value, Secret):
        yield value.reveal()
        lines = value.reveal().splitlines()
        yield from (line for line in lines if len(lines) > 1 and not line.startswith("-----"))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _secrets(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _secrets(each)
