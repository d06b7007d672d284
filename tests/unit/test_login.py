"""How operators come to nodes, and what ssh is told of it."""

from ipaddress import IPv4Address
from pathlib import Path

from govstack.operations.ssh import Access, configuration_text
from govstack.plan.login import Way, ways_in
from govstack.plan.make import make_plan
from govstack.site.load import load_site
from govstack.state.login import key_of, public_key
from govstack.state.places import Places

SITES = Path(__file__).parents[1] / "data/sites"
OPERATOR = IPv4Address("198.51.100.1")
BASTION = "yz-mgt-dsjj-bas-bastion-001"
DATABASE = "yz-dat-dsjj-rdb-db-001"


def ways(site: str, operator: IPv4Address = OPERATOR) -> dict[str, Way]:
    loaded = load_site(SITES / site, "sandbox")
    return dict(ways_in(loaded, make_plan(loaded), operator))


def test_operators_come_in_by_the_bastion_and_go_on_from_there() -> None:
    found = ways("yunzhou")
    assert found[BASTION] == Way(BASTION, IPv4Address("10.50.0.10"))
    assert found[DATABASE] == Way(DATABASE, IPv4Address("10.40.0.10"), BASTION)
    assert {way.via for name, way in found.items() if name != BASTION} == {BASTION}


def test_nobody_else_comes_in() -> None:
    assert ways("yunzhou", IPv4Address("192.0.2.1")) == {}


def test_where_no_flow_leads_there_is_no_way() -> None:
    assert list(ways("harbour")) == ["hb-ops-port-gate-jump-001"]


def test_the_configuration_of_ssh(tmp_path: Path) -> None:
    access = Access(
        folder=tmp_path,
        ways={
            "bastion": Way("bastion", IPv4Address("10.0.0.5")),
            "db": Way("db", IPv4Address("10.0.1.5"), "bastion"),
            "down": Way("down", IPv4Address("10.0.0.6")),
        },
        outside={"bastion": "203.0.113.7"},
        proxy="govstack sandbox connect %h %p",
    )
    assert configuration_text(access, "key") == (
        "# Written by `govstack ssh`; plain ssh takes it too: ssh -F THIS_FILE NODE\n"
        "\n"
        "Host bastion\n"
        "    HostName 203.0.113.7\n"
        "    ProxyCommand govstack sandbox connect %h %p\n"
        "    HostKeyAlias bastion\n"
        "\n"
        "Host db\n"
        "    HostName 10.0.1.5\n"
        "    ProxyJump bastion\n"
        "    HostKeyAlias db\n"
        "\n"
        "Host *\n"
        "    User debian\n"
        f'    IdentityFile "{tmp_path}/key"\n'
        "    IdentitiesOnly yes\n"
        f'    CertificateFile "{tmp_path}/id_ed25519-cert.pub"\n'
        f'    UserKnownHostsFile "{tmp_path}/known_hosts"\n'
        "    GlobalKnownHostsFile none\n"
        "    StrictHostKeyChecking yes\n"
        "    UpdateHostKeys no\n"
        "    LogLevel ERROR\n"
    )


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    places = Places(tmp_path / "sandbox")
    key, public = key_of(places), public_key(places)
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o777 == 0o700
    assert public.startswith("ssh-ed25519 ")
    assert (key_of(places), public_key(places)) == (key, public)
