"""Certificates: which are needed, when they are made anew, and what independent readers say."""

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from govstack.plan.make import make_plan
from govstack.site.load import load_site
from govstack.trust import ssh, x509
from govstack.trust.birth import AUTOMATION, login_script
from govstack.trust.renewal import Held, Key, standing_of, to_make
from govstack.trust.terms import TERMS, Algorithm, Span, Standing, span
from govstack.trust.wanted import NODE, Wanted, wanted_certificates

SITES = Path(__file__).parents[1] / "data/sites"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DATABASE = "yz-dat-dsjj-rdb-db-001"
DAYS = st.integers(min_value=0, max_value=4000)


def wanted(host: str = DATABASE, service: str = "postgresql", **more: object) -> Wanted:
    values: dict[str, object] = {
        "system": "dat-rdb",
        "names": (host, "postgresql.dat-rdb.yunzhou.example"),
        "addresses": (IPv4Address("10.40.0.10"),),
    }
    return Wanted(host=host, service=service, **(values | more))  # type: ignore[arg-type]


def held(each: Wanted, good: Span, **more: object) -> Held:
    values: dict[str, object] = {"is_ours": True, "names": each.names, "addresses": each.addresses}
    return Held(
        subject="",
        issuer="",
        serial="1",
        fingerprint="",
        span=good,
        **(values | more),  # type: ignore[arg-type]
    )


def of_site(name: str, environment: str = "sandbox") -> Mapping[Key, Wanted]:
    site = load_site(SITES / name, environment)
    return {each.key: each for each in wanted_certificates(site, make_plan(site))}


class TestWanted:
    def test_every_node_has_one_and_every_service_on_it(self) -> None:
        found = of_site("yunzhou")
        nodes = {key for key in found if key[1] == NODE}
        assert len(nodes) == 6
        assert set(found) - nodes == {
            (DATABASE, "postgresql"),
            ("yz-dat-dsjj-rdb-db-002", "postgresql"),
            ("yz-pub-szfb-oa-app-001", "https"),
        }
        assert found[DATABASE, "postgresql"] == wanted(names=(DATABASE,))

    def test_a_service_is_known_by_its_domain_and_by_its_balancer(self) -> None:
        site = load_site(SITES / "everything", "octavia")
        plan = make_plan(site)
        found = {each.key: each for each in wanted_certificates(site, plan)}
        system, balancer = next((s, b) for s in plan.systems for b in s.balancers)
        endpoint = next(e for e in system.endpoints if e.service == balancer.service)
        for node, address in balancer.members:
            each = found[node, balancer.service]
            assert each.names == (node, endpoint.domain)
            assert {address, balancer.address} <= set(each.addresses)

    def test_what_speaks_no_tls_has_none(self) -> None:
        for name, environment in (("everything", "octavia"), ("harbour", "sandbox")):
            site = load_site(SITES / name, environment)
            plain = {
                service.name
                for system in site.systems
                for service in system.offers
                if str(service.port).startswith("udp") or str(service.port) == "tcp/22"
            }
            found = {service for _, service in of_site(name, environment)}
            assert not plain & found


class TestRenewal:
    def test_a_third_of_the_life_decides(self) -> None:
        good = Span(NOW, NOW + timedelta(days=90))
        assert good.standing(NOW + timedelta(days=60)) is Standing.VALID
        assert good.standing(NOW + timedelta(days=60, seconds=1)) is Standing.DUE
        assert good.standing(NOW + timedelta(days=90)) is Standing.EXPIRED
        assert good.standing(NOW - timedelta(seconds=1)) is Standing.EXPIRED

    @pytest.mark.parametrize(
        ("more", "standing"),
        [
            ({}, Standing.VALID),
            ({"names": (DATABASE,)}, Standing.CHANGED),
            ({"addresses": ()}, Standing.CHANGED),
            ({"is_ours": False}, Standing.CHANGED),
        ],
    )
    def test_what_says_something_else_is_made_anew(
        self, more: dict[str, object], standing: Standing
    ) -> None:
        good = Span(NOW, NOW + timedelta(days=90))
        assert standing_of(wanted(), held(wanted(), good, **more), NOW) is standing
        assert bool(to_make([wanted()], {wanted().key: held(wanted(), good, **more)}, NOW)) is (
            standing is not Standing.VALID
        )

    @given(st.lists(DAYS, max_size=8), DAYS, st.integers(min_value=1, max_value=400))
    def test_after_a_renewal_all_are_good_and_nothing_is_left_to_do(
        self, ages: list[int], elapsed: int, length: int
    ) -> None:
        now = NOW + timedelta(days=elapsed)
        needed = [wanted(service=f"s{number}") for number in range(len(ages) + 1)]
        there = {
            each.key: held(
                each, span(NOW + timedelta(days=age), timedelta(days=length), skew=TERMS.skew)
            )
            for each, age in zip(needed, ages, strict=False)
        }
        made = to_make(needed, there, now)
        assert made == to_make(needed, dict(reversed(there.items())), now)
        after = there | {
            each.key: held(each, span(now, timedelta(days=length), skew=TERMS.skew))
            for each in made
        }
        assert to_make(needed, after, now) == ()
        assert all(one.span.begins <= now < one.span.ends for one in after.values())
        # Whoever renews at least every third of the life never meets one that has ended.
        later = now + timedelta(days=length) / 3 - TERMS.skew
        assert all(later < one.span.ends for one in after.values())

    @given(DAYS, DAYS)
    def test_nothing_outlives_who_signed_it(self, begin: int, end: int) -> None:
        last = NOW + timedelta(days=end)
        assert span(NOW + timedelta(days=begin), TERMS.server, skew=TERMS.skew, last=last).ends <= (
            last
        )


class TestX509:
    @pytest.mark.parametrize("algorithm", Algorithm)
    def test_openssl_believes_it(self, algorithm: Algorithm, tmp_path: Path) -> None:
        signing, key = x509.new_key(algorithm), x509.new_key(algorithm)
        now = datetime.now(UTC)
        root = x509.make_root(
            signing, "云州市政务云", "sandbox", span(now, TERMS.authority, skew=TERMS.skew)
        )
        good = span(now, TERMS.server, skew=TERMS.skew)
        made = x509.make_certificate(wanted(), key, "云州市政务云", (root, signing), good)
        (tmp_path / "ca.pem").write_text(x509.certificate_text(root))
        (tmp_path / "one.pem").write_text(x509.certificate_text(made))

        def verify(*arguments: str) -> int:
            command = ["openssl", "verify", "-x509_strict", "-CAfile", "ca.pem", *arguments]
            return subprocess.run(
                [*command, "one.pem"], cwd=tmp_path, capture_output=True, check=False
            ).returncode

        domain = "postgresql.dat-rdb.yunzhou.example"
        for purpose in ("sslserver", "sslclient"):
            assert verify("-purpose", purpose, "-verify_hostname", DATABASE) == 0
        assert verify("-verify_hostname", domain, "-verify_ip", "10.40.0.10") == 0
        assert verify("-verify_hostname", "other.example") != 0
        assert verify("-verify_ip", "10.40.0.11") != 0
        assert verify("-attime", str(int((now + timedelta(days=91)).timestamp()))) != 0
        text = subprocess.run(
            ["openssl", "x509", "-in", "ca.pem", "-noout", "-text"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "CA:TRUE, pathlen:0" in text
        assert "Certificate Sign, CRL Sign" in text

    def test_what_a_service_has_signs_nothing(self, tmp_path: Path) -> None:
        signing, middle, key = (x509.new_key(Algorithm.ECDSA_P256) for _ in range(3))
        good = span(datetime.now(UTC), TERMS.server, skew=TERMS.skew)
        root = x509.make_root(signing, "a", "b", good)
        false = x509.make_certificate(wanted(), middle, "a", (root, signing), good)
        last = x509.make_certificate(wanted("h"), key, "a", (false, middle), good)
        for name, each in (("ca", root), ("middle", false), ("last", last)):
            (tmp_path / f"{name}.pem").write_text(x509.certificate_text(each))
        command = ["openssl", "verify", "-CAfile", "ca.pem", "-untrusted", "middle.pem", "last.pem"]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    def test_a_root_of_the_same_key_keeps_what_the_old_one_signed(self) -> None:
        signing, key = x509.new_key(Algorithm.ECDSA_P256), x509.new_key(Algorithm.ECDSA_P256)
        root = x509.make_root(signing, "a", "b", Span(NOW, NOW + timedelta(days=9)))
        made = x509.make_certificate(
            wanted(), key, "a", (root, signing), Span(NOW, NOW + timedelta(days=9))
        )
        later = x509.remake_root(signing, root, Span(NOW, NOW + timedelta(days=99)))
        other = x509.make_root(key, "a", "b", Span(NOW, NOW + timedelta(days=99)))
        assert x509.look(made, later).is_ours
        assert not x509.look(made, other).is_ours
        assert x509.look(made, root) == Held(
            subject=f"CN={DATABASE},OU=dat-rdb,O=a",
            issuer=root.subject.rfc4514_string(),
            names=wanted().names,
            addresses=wanted().addresses,
            span=Span(NOW, NOW + timedelta(days=9)),
            serial=f"{made.serial_number:x}",
            fingerprint=x509.look(made, root).fingerprint,
            is_ours=True,
        )

    def test_keys_come_back_as_they_were(self) -> None:
        key = x509.new_key(Algorithm.ECDSA_P256)
        assert x509.key_text(x509.read_key(x509.key_text(key))) == x509.key_text(key)
        with pytest.raises(ValueError, match="Ed25519"):
            x509.read_key(_ed25519())


class TestSsh:
    authority = ssh.new_key()
    public = ssh.public_line(ssh.new_key())
    grant = ssh.Grant(
        identity="yunzhou/sandbox by li@ops1",
        principals=(AUTOMATION,),
        sources=("198.51.100.1", "10.50.0.10"),
        good=span(NOW, TERMS.login, skew=TERMS.skew),
        serial=2**63 - 1,
    )

    def read(self, certificate: str, folder: Path) -> list[str]:
        (folder / "one-cert.pub").write_text(certificate)
        done = subprocess.run(
            ["ssh-keygen", "-L", "-f", "one-cert.pub"],
            cwd=folder,
            env={"TZ": "UTC"},
            capture_output=True,
            text=True,
            check=True,
        )
        return [" ".join(line.split()) for line in done.stdout.splitlines()]

    def test_a_login_is_short_and_from_where_it_may_come(self, tmp_path: Path) -> None:
        said = self.read(ssh.sign_login(self.public, self.grant, self.authority), tmp_path)
        assert said[1] == "Type: ssh-ed25519-cert-v01@openssh.com user certificate"
        assert said[4:] == [
            'Key ID: "yunzhou/sandbox by li@ops1"',
            "Serial: 9223372036854775807",
            "Valid: from 2026-03-01T11:55:00 to 2026-03-01T13:00:00",
            "Principals:",
            "govstack-automation",
            "Critical Options:",
            "source-address 198.51.100.1,10.50.0.10",
            "Extensions:",
            "permit-port-forwarding",
            "permit-pty",
        ]

    def test_a_host_is_known_by_name_and_address(self, tmp_path: Path) -> None:
        grant = ssh.Grant(
            identity=f"host {DATABASE}",
            principals=(DATABASE, "10.40.0.10"),
            good=span(NOW, TERMS.host, skew=TERMS.skew),
            serial=7,
        )
        said = self.read(ssh.sign_host(self.public, grant, self.authority), tmp_path)
        assert said[1] == "Type: ssh-ed25519-cert-v01@openssh.com host certificate"
        assert said[4:] == [
            f'Key ID: "host {DATABASE}"',
            "Serial: 7",
            "Valid: from 2026-03-01T11:55:00 to 2026-05-30T12:00:00",
            "Principals:",
            DATABASE,
            "10.40.0.10",
            "Critical Options: (none)",
            "Extensions: (none)",
        ]

    def test_one_with_less_than_half_its_time_is_made_anew(self) -> None:
        good = {
            minutes: self.good(self.grant, now=NOW + timedelta(minutes=minutes))
            for minutes in (-10, 0, 29, 31, 61)
        }
        assert good == {-10: False, 0: True, 29: True, 31: False, 61: False}

    def test_one_that_lets_something_else_is_made_anew(self) -> None:
        other = ssh.Grant(
            identity="", principals=("root",), good=self.grant.good, serial=1, sources=()
        )
        assert not self.good(other)
        assert not self.good(self.grant, authority=ssh.public_line(ssh.new_key()))
        assert not self.good(self.grant, public=ssh.public_line(ssh.new_key()))
        assert not ssh.is_good("rubbish", self.public, self.grant, self.public, NOW)
        assert not ssh.is_good(self.public, self.public, self.grant, self.public, NOW)

    def good(
        self, grant: ssh.Grant, *, now: datetime = NOW, public: str = "", authority: str = ""
    ) -> bool:
        made = ssh.sign_login(self.public, self.grant, self.authority)
        asked = ssh.Grant(
            identity="",
            principals=grant.principals,
            sources=grant.sources,
            good=span(now, TERMS.login, skew=TERMS.skew),
            serial=0,
        )
        line = authority or ssh.public_line(self.authority)
        return ssh.is_good(made, public or self.public, asked, line, now)


class TestBirth:
    script = login_script("ssh-ed25519 AAAA comment", AUTOMATION)

    def run(self, folder: Path, includes: str) -> Path:
        """Run the script as root of a host would, with its files below a folder."""
        etc = folder / "etc/ssh"
        (etc / "sshd_config.d").mkdir(parents=True, exist_ok=True)
        config = etc / "sshd_config"
        if not config.exists():
            config.write_text(f"{includes.format(etc)}UsePAM yes\n")
        programs = folder / "bin"
        programs.mkdir(exist_ok=True)
        for name, text in (("getent", "echo cloud:x:1000:"), ("systemctl", "false")):
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        subprocess.run(
            ["sh"],
            input=self.script.replace("/etc/ssh", str(etc)),
            env={"PATH": f"{programs}:/usr/bin:/bin"},
            text=True,
            check=True,
        )
        return etc

    def test_it_holds_nothing_that_changes(self) -> None:
        assert self.script == login_script("ssh-ed25519 AAAA comment\n", AUTOMATION)
        assert self.script.startswith("#!/bin/sh\n")

    @pytest.mark.parametrize("includes", ["Include {}/sshd_config.d/*.conf\n", ""])
    def test_sshd_trusts_the_authority_for_the_login_user_alone(
        self, includes: str, tmp_path: Path
    ) -> None:
        etc = self.run(tmp_path, includes)
        self.run(tmp_path, includes)
        assert (etc / "govstack_authority.pub").read_text() == "ssh-ed25519 AAAA comment\n"
        assert [path.name for path in (etc / "govstack_principals").iterdir()] == ["cloud"]
        assert (etc / "govstack_principals/cloud").read_text() == f"{AUTOMATION}\n"
        wanted = (
            f"TrustedUserCAKeys {etc}/govstack_authority.pub\n"
            f"AuthorizedPrincipalsFile {etc}/govstack_principals/%u\n"
        )
        config = (etc / "sshd_config").read_text()
        if includes:
            assert (etc / "sshd_config.d/05-govstack-logins.conf").read_text() == wanted
            assert config == f"Include {etc}/sshd_config.d/*.conf\nUsePAM yes\n"
        else:
            assert config == f"{wanted}UsePAM yes\n"


def _ed25519() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
