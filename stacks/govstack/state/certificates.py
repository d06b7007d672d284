"""The certificates of a site's services: in clear, with their keys in an Ansible Vault file."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from govstack.errors import StateUnreadable, TrustFailed
from govstack.state.authority import Authority, in_force, read_root, readable
from govstack.state.files import write_private
from govstack.state.places import Places
from govstack.state.secrets import passphrase
from govstack.state.vault import read_vault, seal
from govstack.trust import x509
from govstack.trust.renewal import Held, Key, standing_of, to_make
from govstack.trust.terms import Standing, Terms, span
from govstack.trust.wanted import Wanted
from govstack.values.secret import Secret

FORMAT: Final = 1
VAULT: Final = "_certificates.yml"
"""Where the keys lie, as ``govstack_keys: {HOST: {SERVICE: PEM}}`` for Ansible to read."""
INDEX: Final = "certificates.json"
KEYS: Final = "govstack_keys"
CERTIFICATES: Final = "govstack_certificates"

Texts = dict[Key, str]
"""PEM by host and service."""

USABLE: Final = frozenset({Standing.VALID, Standing.DUE})
"""How a certificate must do that is given to a host."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a host shows, and what proves that it may."""

    certificate: str
    key: Secret


@dataclass(frozen=True, slots=True)
class Renewal:
    """What was made anew, and what was forgotten since nothing needs it any more."""

    made: tuple[Wanted, ...]
    dropped: tuple[Key, ...]


def certificate_texts(places: Places) -> Texts:
    """Return all certificates as PEM; none where none was made.

    Raises:
        StateUnreadable: the file is damaged.
    """
    path = places.trust / INDEX
    if not path.exists():
        return {}
    return readable(
        path, lambda: _flat(path, json.loads(path.read_text(encoding="utf-8")), CERTIFICATES)
    )


def held_certificates(places: Places) -> dict[Key, Held]:
    """Return what the certificates say that there are; no key is looked at.

    Raises:
        StateUnreadable: a file is damaged.
    """
    texts = certificate_texts(places)
    if not texts:
        return {}
    root = read_root(places)
    return readable(
        places.trust / INDEX,
        lambda: {key: x509.look(x509.read_certificate(pem), root) for key, pem in texts.items()},
    )


@dataclass(frozen=True, slots=True)
class Registry:
    """The certificates of an environment, at a moment.

    Attributes:
        places: the environment's.
        wanted: all that must be there.
        now: with a time zone.
        terms: for how long those are good that are made.
    """

    places: Places
    wanted: tuple[Wanted, ...]
    now: datetime
    terms: Terms

    def renew(
        self, authority: Authority, site: str, *, hosts: Collection[str] = (), anyway: bool = False
    ) -> Renewal:
        """Make what is missing or changed, or ends soon; each with a new key.

        Args:
            authority: who signs.
            site: the site's name.
            hosts: only theirs; empty for all.
            anyway: whether to make also those anew that are good.

        Raises:
            StateUnreadable: what is there cannot be read.
            TrustFailed: the authority has ended.
        """
        in_force(authority, self.now)
        texts, keys = certificate_texts(self.places), self._keys()
        held = self._proven(texts, keys, authority.root)
        chosen = [each for each in self.wanted if not hosts or each.host in hosts]
        made = tuple(chosen) if anyway else to_make(chosen, held, self.now)
        known = {each.key for each in self.wanted}
        dropped = tuple(sorted({*texts, *keys} - known))
        if not made and not dropped:
            return Renewal((), ())
        # Who has no key any more is seen as missing, so the keys go first.
        for each in made:
            key, certificate = self._make(each, authority, site)
            texts[each.key], keys[each.key] = certificate, key
        self._write(
            {key: text for key, text in texts.items() if key in known},
            {key: text for key, text in keys.items() if key in known},
        )
        return Renewal(made, dropped)

    def served(self, authority: Authority, hosts: Collection[str]) -> dict[Key, Served]:
        """Return what these hosts are to show, by host and service.

        Raises:
            StateUnreadable: what is there cannot be read.
            TrustFailed: something that they need is missing or past its day.
        """
        texts, keys = certificate_texts(self.places), self._keys()
        held = self._proven(texts, keys, authority.root)
        mine = [each for each in self.wanted if each.host in hosts]
        unfit = [
            f"{each.host} {each.service}: {standing}"
            for each in mine
            if (standing := standing_of(each, held.get(each.key), self.now)) not in USABLE
        ]
        if unfit:
            raise TrustFailed(
                f"certificates are not good: {', '.join(unfit)}",
                hint="govstack certificates renew",
            )
        return {each.key: Served(texts[each.key], Secret(keys[each.key])) for each in mine}

    def _keys(self) -> Texts:
        path = self.places.vault / VAULT
        if not path.exists():
            return {}
        content = read_vault(path, passphrase(self.places))
        return readable(path, lambda: _flat(path, content, KEYS))

    def _proven(
        self, texts: Mapping[Key, str], keys: Mapping[Key, str], root: x509.Certificate
    ) -> dict[Key, Held]:
        """Return what those certificates say whose key is there."""
        both = {key: (texts[key], keys[key]) for key in texts if key in keys}
        names = f"{self.places.trust / INDEX} or {self.places.vault / VAULT}"
        return readable(names, lambda: dict(_matching(both, root)))

    def _make(self, wanted: Wanted, authority: Authority, site: str) -> tuple[str, str]:
        key = x509.new_key(self.terms.algorithm)
        last = x509.span_of(authority.root).ends
        good = span(self.now, self.terms.server, skew=self.terms.skew, last=last)
        certificate = x509.make_certificate(
            wanted, key, site, (authority.root, authority.signing), good
        )
        return x509.key_text(key), x509.certificate_text(certificate)

    def _write(self, texts: Texts, keys: Texts) -> None:
        content = {"govstack_format": FORMAT, KEYS: _nested(keys)}
        write_private(self.places.vault / VAULT, seal(content, passphrase(self.places)))
        index = {"govstack_format": FORMAT, CERTIFICATES: _nested(texts)}
        write_private(self.places.trust / INDEX, json.dumps(index, indent=1))


def _matching(
    both: Mapping[Key, tuple[str, str]], root: x509.Certificate
) -> Iterator[tuple[Key, Held]]:
    for key, (text, private) in both.items():
        certificate = x509.read_certificate(text)
        if x509.belong(certificate, x509.read_key(private)):
            yield key, x509.look(certificate, root)


def _flat(path: Path, content: Any, name: str) -> Texts:  # noqa: ANN401 - what JSON has
    if content["govstack_format"] != FORMAT:
        raise StateUnreadable(
            f"{path} is of a format that this govstack does not know",
            hint="use the govstack that wrote it",
        )
    return {
        (str(host), str(service)): str(text)
        for host, services in content[name].items()
        for service, text in services.items()
    }


def _nested(texts: Texts) -> dict[str, dict[str, str]]:
    nested: dict[str, dict[str, str]] = {}
    for (host, service), text in sorted(texts.items()):
        nested.setdefault(host, {})[service] = text
    return nested
