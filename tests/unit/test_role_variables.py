"""What roles are given: as their argument_specs want it, and what follows from the site."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ruamel.yaml import YAML

from govstack.inventory.make import make_inventory
from govstack.inventory.model import Login
from govstack.inventory.tables import role_table
from govstack.inventory.variables.backup import calendar, dumping
from govstack.inventory.variables.model import HostRoles, Left, Shown, holds_secret, revealed, split
from govstack.inventory.variables.packages import package_repository, repositories
from govstack.inventory.variables.people import administrators
from govstack.inventory.variables.table import MAKERS, host_roles
from govstack.inventory.variables.view import View, tcp
from govstack.plan.login import ways_in
from govstack.plan.make import make_plan
from govstack.resources import resource
from govstack.site.load import load_site
from govstack.values.secret import Secret

SITES = Path(__file__).parent.parent / "data" / "sites"
CITIES = {
    "reference": resource("inventories") / "yunzhou",
    **{name: SITES / name for name in ("yunzhou", "harbour", "everything")},
}
OPERATOR = "198.51.100.1"
BASTION = "yz-mgt-dsjj-bas-bastion-001"
DATABASE = "yz-dat-dsjj-rdb-db-001"
COPY = "yz-dat-dsjj-rdb-db-002"
BASE = "yz-mgt-dsjj-base-server-001"
OFFICE = "yz-pub-szfb-oa-app-001"


class Everything:
    """Material for whoever asks; each secret says what it is."""

    authority = "the authority"
    login_authority = "ssh-ed25519 AAAA"
    operator = OPERATOR
    user = "debian"
    today = date(2026, 6, 1)

    def certificate(self, host: str, service: str) -> Shown:
        return Shown(f"certificate of {host} {service}", Secret(f"key of {host} {service}"))

    def password(self, key: str) -> Secret:
        return Secret(f"password {key}")

    def own(self, name: str) -> Secret:
        return Secret(f"own {name}")

    def hashed(self, name: str) -> Secret:
        return Secret(f"$6$ {name}")

    def login(self, host: str) -> tuple[str, Secret]:
        return f"public {host}", Secret(f"private {host}")

    def publishing(self, name: str, owner: str) -> tuple[str, Secret]:
        return f"public {name} {owner}", Secret(f"private {name} {owner}")

    def signing(self, name: str) -> Secret:
        return Secret(f"signing {name}")

    def host_key(self, host: str) -> str:
        return f"ssh-ed25519 {host}"


@cache
def seen_from(city: str) -> View:
    root = CITIES[city]
    environment = "sandbox" if (root / "environments/sandbox.yaml").exists() else "octavia"
    site = load_site(root, environment)
    plan = make_plan(site)
    ways = ways_in(site, plan, IPv4Address(OPERATOR))
    login = Login(ways=ways, configuration="/folder/config", user="debian")
    inventory = make_inventory(site, plan, {}, login)
    return View(site, plan, inventory, login, Everything())


@cache
def made(city: str) -> dict[str, HostRoles]:
    return {host.host: host for host in host_roles(seen_from(city), "govstack.base")}


def variables(city: str, host: str) -> dict[str, Any]:
    found: Any = revealed(made(city)[host].variables)
    return dict(found)


@cache
def options(role: str) -> dict[str, Any]:
    path = resource("roles") / "govstack/base/roles" / role / "meta/argument_specs.yml"
    specs: dict[str, Any] = YAML(typ="safe").load(path)["argument_specs"]["main"]["options"]
    return specs


@pytest.mark.parametrize("city", CITIES)
def test_every_role_gets_what_its_specs_want(city: str) -> None:
    seen = set()
    for host in made(city).values():
        for name in host.roles:
            role = name.removeprefix("govstack.base.")
            seen.add(role)
            given: Any = revealed(
                {key: value for key, value in host.variables.items() if key in options(role)}
            )
            validated = ArgumentSpecValidator(options(role)).validate(given)
            assert validated.error_messages == [], (host.host, role)
        known = {key for name in host.roles for key in options(name.rsplit(".", 1)[-1])}
        assert host.variables.keys() <= known
    assert {"base", "hardening"} <= seen


def test_every_role_of_the_table_has_variables_and_is_in_the_collection() -> None:
    table = role_table()
    named = {*table.every, *(each.role for each in table.further), *table.closing}
    assert named == MAKERS.keys()
    assert all(options(role) is not None for role in named)


def test_secrets_are_where_the_specs_hide_them() -> None:
    for host in made("reference").values():
        plain, secret = split(host.variables)
        assert not any(map(holds_secret, plain.values()))
        hidden = {
            key
            for name in host.roles
            for key, option in options(name.rsplit(".", 1)[-1]).items()
            if option.get("no_log")
            or any(part.get("no_log") for part in option.get("options", {}).values())
        }
        assert secret.keys() <= hidden


def test_the_same_city_gives_the_same() -> None:
    again = made.__wrapped__("reference")
    assert {name: revealed(host.variables) for name, host in again.items()} == {
        name: revealed(host.variables) for name, host in made("reference").items()
    }


def test_a_host_knows_its_servers() -> None:
    office = variables("reference", OFFICE)
    assert office["time_servers"] == office["resolver_servers"] == ["10.50.0.74"]
    assert office["resolver_search"] == ["yunzhou.example"]
    assert office["log_client_servers"] == ["yz-mgt-dsjj-log-collector-001"]
    assert office["log_client_key"] == f"key of {OFFICE} _node"
    assert {"address": "10.40.0.202", "names": [DATABASE]} in office["base_hosts"]


def test_servers_know_their_clients() -> None:
    base = variables("reference", BASE)
    zone = next(iter(base["dns_server_zones"]))
    assert zone["name"] == "yunzhou.example"
    assert {"name": OFFICE, "type": "A", "value": "10.20.0.202"} in zone["records"]
    assert [r["value"] for r in zone["records"] if r["name"] == "postgresql.dat-rdb"] == [
        "10.40.0.202",
        "10.40.0.203",
    ]
    assert base["resolver_servers"] == ["10.50.0.74"]
    assert base["time_servers"] == []


def test_the_first_database_is_the_primary() -> None:
    primary, copy = variables("reference", DATABASE), variables("reference", COPY)
    assert (primary["database_primary"], copy["database_primary"]) == ("", DATABASE)
    assert primary["database_replicas"] == ["10.40.0.203"]
    assert copy["database_replicas"] == ["10.40.0.202"]
    assert primary["database_replication_password"] == copy["database_replication_password"]
    assert primary["database_accounts"] == copy["database_accounts"]
    office = next(one for one in primary["database_accounts"] if one["name"] == "app_oa")
    assert office["addresses"] == ["10.20.0.202"]
    settings = variables("reference", OFFICE)
    assert settings["application_environment"]["DATABASE_HOST"] == DATABASE
    assert settings["application_secrets"]["database_password"] == office["password"]


def test_a_data_set_is_read_by_who_consumes_it_or_hands_it_on() -> None:
    exchange = variables("reference", "yz-dat-dsjj-exc-exchange-001")
    readers = {
        (each["provider"], each["id"]): each["consumers"] for each in exchange["data_exchange_sets"]
    }
    assert readers["app-mkt", "enterprises"] == ["app-oa", "app-env", "app-soc"]
    assert readers["app-env", "air"] == ["dat-api"]
    assert readers["app-oa", "drafts"] == []
    gateway = variables("reference", "yz-dat-dsjj-api-gateway-001")
    paths = {each["path"]: each["to"] for each in gateway["api_gateway_services"]}
    assert paths["/app-env/air"] == "https://yz-dat-dsjj-exc-exchange-001:8443/sets/app-env/air"
    (asking,) = gateway["api_gateway_consumers"]
    assert (asking["name"], asking["paths"]) == ("app-ioc", list(paths))
    office = variables("reference", "yz-pub-szfb-ioc-app-001")["application_environment"]
    assert office["GATEWAY_URL"] == "https://yz-dat-dsjj-api-gateway-001:443"
    assert office["READS"] in paths


def test_people_are_sent_back_to_where_they_came_from() -> None:
    identity = variables("reference", "yz-pub-dsjj-iam-app-001")
    sent = {each["name"]: each["addresses"] for each in identity["identity_applications"]}
    assert sent["app-oa"] == ["https://https.app-oa.yunzhou.example/callback"]
    settings = variables("reference", OFFICE)["application_environment"]
    assert settings["OIDC_ISSUER"] == f"https://{identity['identity_name']}"
    keys = variables("reference", "yz-pub-dsjj-kms-app-001")
    assert {each["name"] for each in keys["key_service_accounts"]} == {
        "app-hal",
        "app-mkt",
        "app-oa",
    }


def test_the_monitoring_watches_itself_too() -> None:
    name = "yz-mgt-dsjj-mon-server-001"
    server = variables("reference", name)
    targets = {each["name"]: each["address"] for each in server["monitoring_targets"]}
    assert targets.keys() == made("reference").keys()
    assert targets[name] == seen_from("reference").machines[name].address
    assert server["monitoring_agent_certificate"] == f"certificate of {name} _node"


def test_packages_come_from_the_sites_own_repository() -> None:
    key = "inf-base packages 云州市政务云 时间、域名与软件源"
    office, base = variables("reference", OFFICE), variables("reference", BASE)
    assert office["base_repositories"] == [
        {"name": "site", "uri": f"https://{BASE}/stable", "suite": "stable", "key": f"public {key}"}
    ]
    assert office["base_repositories_only"] is True
    assert {"address": "10.50.0.74", "names": [BASE]} in office["base_hosts"]
    prefix = "package_repository_"
    assert {name: value for name, value in base.items() if name.startswith(prefix)} == {
        f"{prefix}site": "yunzhou",
        f"{prefix}suites": ["stable"],
        f"{prefix}port": 443,
        f"{prefix}folder": "/srv/mirror",
        f"{prefix}signing_key": f"private {key}",
        f"{prefix}authority": "the authority",
        f"{prefix}certificate": f"certificate of {BASE} repository",
        f"{prefix}key": f"key of {BASE} repository",
    }
    assert "base_repositories" not in base, "it serves others, and does not need itself"
    assert "base_repositories" not in variables("yunzhou", OFFICE)


def test_packages_of_another_family_come_from_elsewhere() -> None:
    view = seen_from("reference")
    office, base = view.machines[OFFICE], view.machines[BASE]
    assert repositories(view, replace(office, family="redhat")) == {}
    left = package_repository(view, replace(base, family="redhat"))
    assert left == Left("it publishes packages of debian, and is of redhat itself")


def duties(city: str, host: str) -> dict[str, str]:
    return {each["name"]: each["duty"] for each in variables(city, host)["base_administrators"]}


EVERYWHERE = {"linzhou": "security", "sunming": "audit", "zhaojian": "system"}


def test_people_come_to_their_hosts_and_pass_those_on_the_way() -> None:
    assert duties("reference", "yz-pub-scjg-mkt-app-001") == EVERYWHERE
    assert duties("reference", OFFICE) == {**EVERYWHERE, "huangwen": "system"}
    assert duties("reference", DATABASE) == {**EVERYWHERE, "qianhao": "system"}
    passing = {**EVERYWHERE, "huangwen": "none", "qianhao": "none"}
    assert duties("reference", BASTION) == passing
    (jian,) = (
        each
        for each in variables("reference", BASTION)["base_administrators"]
        if each["name"] == "zhaojian"
    )
    assert (jian["full_name"], [key.split()[0] for key in jian["keys"]]) == (
        "赵健",
        ["ssh-ed25519"],
    )
    seeds = {
        each["name"]: each["seed"] for each in variables("reference", BASTION)["bastion_seeds"]
    }
    assert seeds == {name: f"own {name} codes".encode().hex() for name in sorted(passing)}


def test_a_zone_and_a_role_may_be_come_to() -> None:
    hosts = {name for name in made("everything") if "dan" in duties("everything", name)}
    assert hosts == {"ev-exc-north-gap-relay-001", "ev-pub-north-office-app-001"}


def test_who_is_past_their_day_comes_nowhere() -> None:
    view = seen_from("reference")
    qian = next(person for person in view.site.people if person.account == "qianhao")
    assert qian.expires
    assert [qian.is_in_force(qian.expires + timedelta(days=days)) for days in (0, 1)] == [
        True,
        False,
    ]
    late = Everything()
    late.today = date(2031, 1, 1)
    later = View.__new__(View)
    later.__dict__.update(view.__dict__, material=late)
    given = administrators(later, view.machines[BASTION])
    assert [each["name"] for each in given["base_administrators"]] == [  # type: ignore[attr-defined]
        "huangwen",
        *EVERYWHERE,
    ]


def test_who_has_no_duty_signs_in() -> None:
    people = variables("reference", "yz-pub-dsjj-iam-app-001")["identity_people"]
    assert [each["name"] for each in people] == ["liuyang", "wangfang", "zhoujie"]
    assert people[1] == {
        "name": "wangfang",
        "full_name": "王芳",
        "mail": "wangfang@yunzhou.example",
        "password_hash": "$6$ wangfang signs in",
    }


def test_who_has_a_volume_to_back_up_is_backed_up_as_often_as_declared() -> None:
    server = "yz-mgt-dsjj-bkp-server-001"
    clients = variables("reference", server)["backup_server_clients"]
    assert [each["name"] for each in clients] == [
        "yz-dat-dsjj-rdb-db-001",
        "yz-dat-dsjj-rdb-db-002",
        "yz-mgt-dsjj-bas-bastion-001",
        "yz-pub-dsjj-kms-app-001",
        "yz-pub-szfb-oa-app-001",
    ]
    assert variables("reference", server)["hardening_accounts_with_shell"] == ["gov-backup"]
    office = variables("reference", OFFICE)
    assert {"address": "10.50.0.138", "names": [server]} in office["base_hosts"]
    assert backed_up(office) == {
        "server": server,
        "server_key": f"ssh-ed25519 {server}",
        "key": f"private {OFFICE}",
        "passphrase": f"own {OFFICE} backup",
        "name": OFFICE,
        "folder": "/srv/backup",
        "paths": ["/etc", "/var/lib/govstack", "/srv/documents"],
        "at": "*-*-* 01:30:00",
        "spread_minutes": 60,
        "keep_all_days": 30,
        "keep_days": 0,
        "keep_weeks": 0,
        "keep_months": 0,
    }
    left = made("reference")["yz-pub-scjg-mkt-app-001"].left
    assert left["backup_client"] == "no volume of it is to be backed up"


def test_a_database_is_backed_up_by_what_it_says_itself() -> None:
    database = backed_up(variables("reference", DATABASE))
    assert database["paths"] == ["/etc", "/var/lib/govstack", "/var/lib/pgsql/dump"]
    assert database["before"] == dumping("/var/lib/pgsql/dump")
    assert (database["at"], database["spread_minutes"]) == ("*-*-* 0/1:30:00", 15)
    assert database["keep_all_days"] == 7


def test_who_is_to_be_backed_up_without_a_way_is_told() -> None:
    reason = "a volume of it is to be backed up, but no flow leads it to a backup server"
    assert made("everything")["ev-pub-north-office-app-001"].left["backup_client"] == reason


@pytest.mark.parametrize(
    ("hours", "times"),
    [
        (1, "*-*-* 0/1:30:00"),
        (5, "*-*-* 0/5:30:00"),
        (24, "*-*-* 01:30:00"),
        (36, "*-*-* 01:30:00"),
        (168, "*-*-1/7 01:30:00"),
    ],
)
def test_backups_are_never_made_more_seldom_than_declared(hours: int, times: str) -> None:
    assert calendar(hours) == times


def backed_up(given: dict[str, Any]) -> dict[str, Any]:
    prefix = "backup_client_"
    return {
        key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix)
    }


def test_the_firewall_is_the_security_group_and_what_leads_elsewhere() -> None:
    primary = variables("yunzhou", DATABASE)
    assert primary["firewall_automation"] == ["10.50.0.10"]
    assert primary["firewall_inbound"] == [
        {
            "networks": ["10.50.0.10"],
            "protocol": "tcp",
            "ports": ["22"],
            "why": "运维登录，仅经堡垒机",
        },
        {
            "networks": ["10.20.0.0/26"],
            "protocol": "tcp",
            "ports": ["5432"],
            "why": "app-oa uses postgresql",
        },
        {"networks": ["10.40.0.0/26"], "protocol": "tcp", "ports": ["5432"], "why": "主备复制"},
    ]
    reached = {each["why"]: each["networks"] for each in primary["firewall_outbound"]}
    assert reached["主备复制"] == ["10.40.0.11"]
    assert reached["日志集中审计"] == ["10.50.0.74"]
    assert variables("yunzhou", BASTION)["firewall_automation"] == [OPERATOR]


def test_addresses_that_overlap_lead_only_where_there_is_a_route() -> None:
    view = seen_from("harbour")
    berths, cranes, gate = (
        view.machines[name]
        for name in (
            "hb-quay-port-berths-app-001",
            "hb-crane-works-cranes-app-001",
            "hb-edge-port-gate-quay-001",
        )
    )
    assert berths.address == cranes.address
    assert view.reached(berths, gate, tcp(8443)) == gate.addresses[1:]
    assert view.reached(cranes, gate, tcp(8443)) == ()


def test_roles_that_cannot_work_are_left_with_the_reason() -> None:
    left = made("harbour")["hb-ops-port-gate-jump-001"].left
    assert left["log_client"] == "no flow leads it to a log server"
    assert left["resolver"] == "no flow leads it to a name server"
    log = made("yunzhou")["yz-mgt-dsjj-log-collector-001"].left
    assert log["log_client"] == "it keeps its own"


def test_a_level_that_no_checks_are_written_for_gets_the_nearest() -> None:
    assert variables("yunzhou", DATABASE)["hardening_level"] == 3
    assert variables("harbour", "hb-ops-port-gate-jump-001")["hardening_level"] == 2
