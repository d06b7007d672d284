"""The authorities of an environment, the certificates that it keeps, and what goes wrong there."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from govstack.errors import GovstackError, StateUnreadable, TrustFailed
from govstack.state.authority import (
    Authority,
    authority_line,
    ensure_authority,
    has_authority,
    open_authority,
    read_root,
    renewed_authority,
    root_text,
)
from govstack.state.certificates import Registry, certificate_texts, held_certificates
from govstack.state.copy import PARTS
from govstack.state.discard import discard
from govstack.state.login import CERTIFICATE, certify_login
from govstack.state.places import Places
from govstack.trust import x509
from govstack.trust.terms import TERMS, Span
from govstack.trust.wanted import NODE, Wanted

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = "云州市政务云"
DAY = timedelta(days=1)
ANSIBLE_VAULT = str(Path(sys.executable).with_name("ansible-vault"))


def wanted(host: str, service: str = NODE) -> Wanted:
    return Wanted(
        host=host,
        service=service,
        system="dat-rdb",
        names=(host,),
        addresses=(IPv4Address("10.0.0.1"),),
    )


NEEDED = (wanted("a"), wanted("a", "https"), wanted("b"))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path / "production")
    ensure_authority(made, SITE, NOW, TERMS)
    return made


@pytest.fixture
def registry(places: Places) -> Callable[..., Registry]:
    """The certificates at a moment, by days from now."""

    def at(days: float = 0, needed: tuple[Wanted, ...] = NEEDED) -> Registry:
        return Registry(places, needed, NOW + days * DAY, TERMS)

    return at


class TestAuthority:
    def test_it_is_made_once_and_lies_in_a_vault(self, places: Places) -> None:
        before = authority_line(places), root_text(places)
        ensure_authority(places, "another name", NOW + DAY, TERMS)
        assert (authority_line(places), root_text(places)) == before
        made = open_authority(places)
        assert made.line == authority_line(places)
        assert x509.certificate_text(made.root) == root_text(places)
        files = [path for path in places.root.rglob("*") if path.is_file()]
        assert {str(path.relative_to(places.root)) for path in files} == {
            "passphrase",
            "trust/ca.pem",
            "trust/ssh_ca.pub",
            "vault/_authority.yml",
        }
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
        assert not [path for path in files if b"PRIVATE KEY" in path.read_bytes()]

    def test_of_two_at_the_same_time_both_have_the_same(self, tmp_path: Path) -> None:
        places = Places(tmp_path / "both")
        (places.root / "passphrase").parent.mkdir()
        (places.root / "passphrase").write_text("key")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: ensure_authority(places, SITE, NOW, TERMS), range(8)))
        assert open_authority(places).line == authority_line(places)
        assert [path.name for path in places.vault.iterdir()] == ["_authority.yml"]

    def test_what_all_may_know_is_written_again_if_it_is_gone(self, places: Places) -> None:
        line = authority_line(places)
        (places.trust / "ssh_ca.pub").unlink()
        ensure_authority(places, SITE, NOW, TERMS)
        assert authority_line(places) == line

    def test_the_state_holds_all_of_it(
        self, places: Places, registry: Callable[..., Registry]
    ) -> None:
        registry().renew(open_authority(places), SITE)
        kept = {
            str(path.relative_to(places.root)) for part in PARTS for path in places.root.glob(part)
        }
        assert kept == {
            "trust/ca.pem",
            "trust/certificates.json",
            "trust/ssh_ca.pub",
            "vault/_authority.yml",
            "vault/_certificates.yml",
        }

    def test_it_goes_with_its_environment(self, places: Places) -> None:
        discard(places)
        assert not has_authority(places)
        assert list(places.root.iterdir()) == []

    def test_the_root_is_made_anew_in_time_and_keeps_what_it_signed(
        self, places: Places, registry: Callable[..., Registry]
    ) -> None:
        registry().renew(open_authority(places), SITE)
        assert renewed_authority(places, NOW + 2000 * DAY, TERMS).root == read_root(places)
        old = read_root(places)
        new = renewed_authority(places, NOW + 2500 * DAY, TERMS)
        assert new.root == read_root(places) == open_authority(places).root
        assert x509.span_of(new.root).ends == NOW + 2500 * DAY + TERMS.authority
        assert (new.root.subject, new.root.public_key()) == (old.subject, old.public_key())
        assert all(each.is_ours for each in held_certificates(places).values())

    def test_one_that_has_ended_signs_nothing(
        self, places: Places, registry: Callable[..., Registry]
    ) -> None:
        with pytest.raises(TrustFailed, match=r"good from 2026-03-01 11:55:00.* to 2036-02-29"):
            registry(4000).renew(open_authority(places), SITE)
        assert certificate_texts(places) == {}


class TestMistakes:
    @staticmethod
    def other_passphrase(places: Places) -> None:
        places.passphrase.write_text("another\n")

    @staticmethod
    def no_vault(places: Places) -> None:
        (places.vault / "_authority.yml").unlink()

    @staticmethod
    def half_a_vault(places: Places) -> None:
        path = places.vault / "_authority.yml"
        path.write_text(path.read_text()[:500])

    @staticmethod
    def rubbish(places: Places) -> None:
        (places.vault / "_authority.yml").write_text("authority: mine\n")

    @staticmethod
    def empty_passphrase(places: Places) -> None:
        places.passphrase.write_text("")

    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            (other_passphrase, "_authority.yml does not open with the passphrase"),
            (no_vault, "the keys of the site's authorities are missing"),
            (half_a_vault, "_authority.yml does not open with the passphrase"),
            (rubbish, "_authority.yml does not open with the passphrase"),
            (empty_passphrase, "the passphrase file is empty"),
        ],
    )
    def test_they_are_told_with_what_to_do(
        self, spoil: Callable[[Places], None], said: str, places: Places
    ) -> None:
        spoil(places)
        with pytest.raises(StateUnreadable, match=said) as caught:
            open_authority(places)
        assert caught.value.hint
        # What is public is enough for servers to be born with; nothing is made in its place.
        ensure_authority(places, SITE, NOW, TERMS)
        with pytest.raises(StateUnreadable):
            open_authority(places)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ({"format": 2}, "a format that this govstack does not know"),
            ({"format": 1}, "is damaged: 'x509'"),
            ({"format": 1, "x509": "x", "root": "y", "ssh": "z"}, "is damaged"),
            (["format"], "holds something else"),
        ],
    )
    def test_content_that_is_none_is_told(
        self, content: object, said: str, places: Places, tmp_path: Path
    ) -> None:
        path = places.vault / "_authority.yml"
        path.write_text(json.dumps(content))
        self.encrypt(path, places.passphrase, tmp_path)
        with pytest.raises(StateUnreadable, match=said):
            open_authority(places)

    def encrypt(self, path: Path, passphrase: Path, home: Path) -> None:
        command = [ANSIBLE_VAULT, "encrypt", "--vault-password-file", str(passphrase), str(path)]
        subprocess.run(
            command, env=dict(os.environ, HOME=str(home)), check=True, capture_output=True
        )

    def test_an_index_that_is_damaged_is_told(
        self, places: Places, registry: Callable[..., Registry]
    ) -> None:
        registry().renew(open_authority(places), SITE)
        index = places.trust / "certificates.json"
        whole = index.read_text()
        for text in ("{", "[]", '{"govstack_format": 2}', whole.replace("MII", "MIX", 1)):
            index.write_text(text)
            with pytest.raises(StateUnreadable, match=r"certificates\.json"):
                held_certificates(places)
            with pytest.raises(GovstackError):
                registry().renew(open_authority(places), SITE)

    def test_before_there_is_one_nothing_is_signed(self, tmp_path: Path) -> None:
        places = Places(tmp_path / "new")
        for call in (authority_line, root_text, open_authority):
            with pytest.raises(StateUnreadable):
                call(places)


class TestCertificates:
    def served(self, registry: Registry, authority: Authority) -> set[str]:
        found = registry.served(authority, {"a", "b"})
        assert set(found) == {each.key for each in registry.wanted}
        for each in found.values():
            key = x509.read_key(each.key.reveal())
            assert x509.belong(x509.read_certificate(each.certificate), key)
        return {each.certificate for each in found.values()}

    def test_only_what_needs_it_is_made_anew(
        self, places: Places, registry: Callable[..., Registry]
    ) -> None:
        authority = open_authority(places)
        assert registry().renew(authority, SITE).made == NEEDED
        before = (places.trust / "certificates.json").read_bytes()
        for days in (0, 30, 59.9):
            assert registry(days).renew(authority, SITE).made == ()
        assert (places.trust / "certificates.json").read_bytes() == before
        assert registry(61).renew(authority, SITE, hosts={"b"}).made == NEEDED[2:]
        assert registry(61).renew(authority, SITE).made == NEEDED[:2]
        assert registry(61).renew(authority, SITE, hosts={"a"}, anyway=True).made == NEEDED[:2]

    def test_an_expired_one_is_never_given_to_a_host(
        self, places: Places, registry: Callable[..., Registry]
    ) -> None:
        authority = open_authority(places)
        with pytest.raises(TrustFailed, match="a _node: missing, a https: missing, b _node"):
            registry().served(authority, {"a", "b"})
        registry().renew(authority, SITE)
        first = self.served(registry(), authority)
        assert self.served(registry(89), authority) == first
        for days in (90, -1, 5000):
            with pytest.raises(TrustFailed, match="a _node: expired"):
                registry(days).served(authority, {"a"})
        registry(95).renew(authority, SITE)
        assert not self.served(registry(95), authority) & first

    def test_what_has_other_names_is_made_anew_and_what_nobody_needs_is_dropped(
        self, places: Places, registry: Callable[..., Registry]
    ) -> None:
        authority = open_authority(places)
        registry().renew(authority, SITE)
        renamed = dataclasses.replace(NEEDED[0], names=("a", "a.example"))
        done = registry(1, (renamed, NEEDED[1])).renew(authority, SITE)
        assert (done.made, done.dropped) == ((renamed,), (("b", NODE),))
        assert set(certificate_texts(places)) == {NEEDED[0].key, NEEDED[1].key}

    def test_an_interrupted_renewal_is_made_up_for(
        self, places: Places, registry: Callable[..., Registry]
    ) -> None:
        authority = open_authority(places)
        registry().renew(authority, SITE)
        index = (places.trust / "certificates.json").read_bytes()
        registry(1).renew(authority, SITE, hosts={"b"}, anyway=True)
        # The keys were written, the certificates were not.
        (places.trust / "certificates.json").write_bytes(index)
        with pytest.raises(TrustFailed, match="b _node: missing"):
            registry(1).served(authority, {"b"})
        assert registry(1).renew(authority, SITE).made == NEEDED[2:]
        self.served(registry(1), authority)

    def test_keys_are_read_by_ansible_and_stand_nowhere_else(
        self, places: Places, registry: Callable[..., Registry], tmp_path: Path
    ) -> None:
        registry().renew(open_authority(places), SITE)
        path = places.vault / "_certificates.yml"
        command = [
            ANSIBLE_VAULT,
            "view",
            "--vault-password-file",
            str(places.passphrase),
            str(path),
        ]
        view = subprocess.run(
            command,
            env=dict(os.environ, HOME=str(tmp_path)),
            capture_output=True,
            text=True,
            check=True,
        )
        keys = json.loads(view.stdout)["govstack_keys"]
        assert {(host, service) for host in keys for service in keys[host]} == {
            each.key for each in NEEDED
        }
        clear = [path for path in places.root.rglob("*") if path.is_file()]
        assert not [path for path in clear if b"PRIVATE KEY" in path.read_bytes()]

    def test_they_end_with_who_signed_them(self, tmp_path: Path) -> None:
        places = Places(tmp_path / "short")
        terms = dataclasses.replace(TERMS, authority=10 * DAY)
        ensure_authority(places, SITE, NOW, terms)
        Registry(places, NEEDED, NOW, terms).renew(open_authority(places), SITE)
        ends = {each.span.ends for each in held_certificates(places).values()}
        assert ends == {NOW + 10 * DAY}


def test_a_login_has_a_certificate_that_is_fresh(places: Places) -> None:
    def certify(minutes: float, *sources: str) -> str:
        now = NOW + timedelta(minutes=minutes)
        path = certify_login(places, "yunzhou/production", sources or ("192.0.2.1",), now, TERMS)
        assert path == places.login / CERTIFICATE
        assert path.stat().st_mode & 0o777 == 0o600
        return path.read_text()

    first = certify(0)
    assert certify(29) == first
    later = certify(31)
    assert later != first
    assert certify(32, "192.0.2.1", "10.0.0.1") != later


def test_a_span_begins_earlier_and_counts_whole_seconds() -> None:
    made = x509.span_of(
        x509.make_root(
            x509.new_key(TERMS.algorithm), SITE, "sandbox", Span(NOW, NOW + timedelta(seconds=5))
        )
    )
    assert made == Span(NOW, NOW + timedelta(seconds=5))
