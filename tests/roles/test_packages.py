"""Packages come from the site's own repository, signed, and from nowhere else."""

import os
import subprocess
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

NAME = "packages.yunzhou.example"
DISTS = "/srv/packages/public/stable/dists/stable"


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A private and a public key."""
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)

    def gpg(*arguments: str) -> str:
        command = ["gpg", "--batch", "--quiet", "--homedir", str(home), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout

    gpg("--passphrase", "", "--quick-generate-key", "yunzhou", "ed25519", "sign", "0")
    keys = gpg("--armor", "--export-secret-keys"), gpg("--armor", "--export")
    subprocess.run(
        ["gpgconf", "--kill", "all"], env=os.environ | {"GNUPGHOME": str(home)}, check=False
    )
    return keys


def package(host: Any, version: str) -> None:
    """Put a package where such come in."""
    fields = (
        "Package: greeting",
        f"Version: {version}",
        "Architecture: all",
        "Maintainer: yunzhou",
    )
    control = "".join(f"{field}\\n" for field in (*fields, "Description: hello"))
    target = f"/srv/packages/incoming/stable/greeting_{version}.deb"
    host.sh(
        f"mkdir -p /tmp/p/DEBIAN /tmp/p/opt && printf '{control}' >/tmp/p/DEBIAN/control"
        f" && echo {version} >/tmp/p/opt/greeting"
        f" && dpkg-deb --root-owner-group -b /tmp/p {target}"
    )


@pytest.fixture(scope="module")
def hosts(lab: Any, authority: Any, signing: tuple[str, str]) -> tuple[Any, Any]:
    server, client = lab.start("rep-001"), lab.start("app-001")
    own = authority.issue("package_repository", NAME)
    play = lab.converge(
        "package_repository",
        {**own, "package_repository_signing_key": signing[0]},
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
        "base_packages": ["greeting"],
    }
    bare = lab.play("base", variables, "--check", hosts={"app-001": {}})
    assert bare.exit_code == 0, bare.reasons
    client.sh(f"echo {server.address} {NAME} >>/etc/hosts")
    for _ in range(2):
        play = lab.play("base", variables, hosts={"app-001": {}})
        assert play.exit_code == 0, play.reasons
    assert play.changed == []
    assert client.sh("cat /opt/greeting") == "1.0"
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
