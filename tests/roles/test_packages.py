"""Packages come from the site's own repository, signed, and from nowhere else."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from govstack.state.openpgp import armored

pytestmark = pytest.mark.e2e

NAME = "packages.yunzhou.example"
CONTROL = """\
Package: {}
Version: {}
Architecture: all
Maintainer: yunzhou
Description: hello
"""
DISTS = "/srv/packages/public/stable/dists/stable"


@pytest.fixture(scope="module")
def signing() -> tuple[str, str]:
    """A private and a public key, as govstack makes them."""
    public, private = armored(Ed25519PrivateKey.generate(), "云州市政务云")
    return private.reveal(), public


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package."""
    folder = tmp_path_factory.mktemp("packages")
    inside = folder / "made" / "DEBIAN"
    inside.mkdir(parents=True, mode=0o755)
    (inside / "control").write_text(CONTROL.format("carried", "1.0"), encoding="utf-8")
    command = ["dpkg-deb", "--root-owner-group", "-b", str(folder / "made")]
    given = folder / "given"
    given.mkdir()
    done = subprocess.run(
        [*command, str(given / "carried_1.0.deb")], check=True, capture_output=True
    )
    assert done.stderr == b""
    return given


def package(host: Any, version: str) -> None:
    """Put a package where such come in."""
    control = CONTROL.format("greeting", version).replace("\n", "\\n")
    target = f"/srv/packages/incoming/stable/greeting_{version}.deb"
    host.sh(
        f"mkdir -p /tmp/p/DEBIAN /tmp/p/opt && printf '{control}' >/tmp/p/DEBIAN/control"
        f" && echo {version} >/tmp/p/opt/greeting"
        f" && dpkg-deb --root-owner-group -b /tmp/p {target}"
    )


@pytest.fixture(scope="module")
def hosts(lab: Any, authority: Any, signing: tuple[str, str], source: Path) -> tuple[Any, Any]:
    server, client = lab.start("rep-001"), lab.start("app-001")
    own = authority.issue("package_repository", NAME)
    play = lab.converge(
        "package_repository",
        {
            **own,
            "package_repository_signing_key": signing[0],
            "package_repository_site": "yunzhou",
            "package_repository_source": str(source),
        },
        hosts={"rep-001": {}},
    )
    assert signing[0].splitlines()[3] not in play.output
    return server, client


def test_a_package_is_installed_from_the_site(
    lab: Any, hosts: tuple[Any, Any], authority: Any, signing: tuple[str, str]
) -> None:
    server, client = hosts
    package(server, "1.0")
    server.eventually(f"grep -q 'Version: 1.0' {DISTS}/main/*/Packages")
    variables = {
        "base_hosts": [{"address": server.address, "names": [NAME]}],
        "base_certificates": [{"name": "lab", "pem": authority.certificate}],
        "base_repositories": [{"name": "site", "uri": f"https://{NAME}/stable", "key": signing[1]}],
        "base_repositories_only": True,
        "base_packages": ["greeting", "carried", "yunzhou-authority"],
    }
    bare = lab.play("base", variables, "--check", hosts={"app-001": {}})
    assert bare.exit_code == 0, bare.reasons
    server.sh("systemctl stop nginx")
    early = lab.play("base", {**variables, "base_packages": []}, hosts={"app-001": {}})
    assert early.exit_code == 0, early.reasons
    server.sh("systemctl start nginx")
    for _ in range(2):
        play = lab.play("base", variables, hosts={"app-001": {}})
        assert play.exit_code == 0, play.reasons
    assert play.changed == []
    assert client.sh("cat /opt/greeting") == "1.0"
    trusted = client.sh("cat /usr/local/share/ca-certificates/yunzhou-authority.crt")
    assert trusted == authority.certificate.strip()
    assert client.sh("ls /etc/apt/sources.list.d/") == "govstack-site.sources"
    assert client.done("test -e /etc/apt/sources.list").returncode == 1


def test_what_comes_in_is_published_at_once(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    package(server, "1.1")
    server.eventually(f"grep -q 'Version: 1.1' {DISTS}/main/*/Packages")
    upgraded = client.done("apt-get update && apt-get -y install greeting")
    assert upgraded.returncode == 0, upgraded.stdout + upgraded.stderr
    assert client.sh("cat /opt/greeting") == "1.1"


def test_what_was_changed_on_the_way_is_not_installed(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    server.sh(f"sed -i 's/^Components: main/Components: more/' {DISTS}/InRelease")
    told = client.sh("apt-get update")
    assert "BADSIG" in told or "invalid" in told


def test_what_is_wrong_is_said(lab: Any, hosts: tuple[Any, Any]) -> None:
    assert hosts
    assert "missing required arguments" in lab.refuses("package_repository", {})
