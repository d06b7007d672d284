"""The inventory as values and as documents: the same for the same, whatever the order."""

import json
import shutil
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from govstack.inventory.documents import listing, variables_of, yaml_text
from govstack.inventory.make import make_inventory
from govstack.inventory.model import Group, Host, Inventory, Known, Login
from govstack.inventory.tables import FOLDER, family_table, role_table
from govstack.plan.login import ways_in
from govstack.plan.make import make_plan
from govstack.site.load import load_site

CHECKOUT = Path(__file__).parents[2]
SITES = CHECKOUT / "tests" / "data" / "sites"
CITY = CHECKOUT / "inventories" / "yunzhou"
OPERATOR = IPv4Address("198.51.100.1")
DATABASE = "yz-dat-dsjj-rdb-db-001"
BASTION = "yz-mgt-dsjj-bas-bastion-001"
EVERY = ["base", "time"]
CLOSING = [
    *("resolver", "log_client", "monitoring_agent", "backup_client", "firewall", "hardening"),
]
APPLICATIONS = ("app-env", "app-hal", "app-ioc", "app-mkt", "app-oa", "app-soc")


def made(
    root: Path, environment: str = "sandbox", subject: str = "", *, logs_in: bool = False
) -> Inventory:
    """Return the inventory of a site that was run, with made-up ids."""
    site = load_site(root, environment)
    plan = make_plan(site)
    known = {
        system.id: Known(
            system=system.id,
            standing="unchanged",
            updated="2026-03-01T02:03:04+00:00",
            inputs="1f" * 32,
            checkpoint="2e" * 32,
            nodes={node.name: f"id of {node.name}" for node in system.nodes},
            floating_ips={node.name: "203.0.113.7" for node in system.nodes if node.floating_ip},
        )
        for system in plan.systems
    }
    login = Login()
    if logs_in:
        ways = ways_in(site, plan, OPERATOR)
        login = Login(ways=ways, configuration="/a folder/config", user="debian")
    return make_inventory(site, plan, known, login, subject)


def host_of(inventory: Inventory, name: str) -> Host:
    return next(host for host in inventory.hosts if host.name == name)


def short(host: Host) -> list[str]:
    """Return what configures a host, besides what configures every host."""
    names = [role.removeprefix("govstack.base.") for role in host.roles]
    assert names[: len(EVERY)] == EVERY
    assert names[-len(CLOSING) :] == CLOSING
    return names[len(EVERY) : -len(CLOSING)]


def test_all_that_is_said_of_a_host() -> None:
    inventory = made(SITES / "yunzhou", logs_in=True)
    host = host_of(inventory, DATABASE)
    assert (host.address, host.way, host.is_reachable) == ("10.40.0.10", (BASTION,), True)
    assert host.groups == (
        "environment_sandbox",
        "layer_data_service",
        "os_debian",
        "role_db",
        "system_dat_rdb",
        "tenant_dsjj",
        "zone_dat",
    )
    assert host.variables == {
        "ansible_host": DATABASE,
        "govstack_address": "10.40.0.10",
        "govstack_data_class": "important",
        "govstack_floating_ip": "",
        "govstack_importance": "critical",
        "govstack_layer": "data-service",
        "govstack_links": [],
        "govstack_mlps": 3,
        "govstack_node_role": "db",
        "govstack_os_distro": "debian",
        "govstack_os_family": "debian",
        "govstack_os_version": "",
        "govstack_owner": "大数据局数据资源处",
        "govstack_provenance": {
            "checkpoint": "2e" * 32,
            "inputs": "1f" * 32,
            "record": "dat-rdb",
            "standing": "unchanged",
            "updated": "2026-03-01T02:03:04+00:00",
        },
        "govstack_resource_id": f"id of {DATABASE}",
        "govstack_roles": [f"govstack.base.{name}" for name in (*EVERY, "database", *CLOSING)],
        "govstack_system": "dat-rdb",
        "govstack_system_name": "关系数据库服务",
        "govstack_tenant": "dsjj",
        "govstack_tenant_name": "大数据局",
        "govstack_volumes": [
            {
                "backup": "",
                "mount": "/var/lib/pgsql",
                "name": "data",
                "size_gb": 10,
                "type": "",
            }
        ],
        "govstack_way": [BASTION],
        "govstack_zone": "DAT",
    }
    assert inventory.variables == {
        "ansible_ssh_common_args": "-F '/a folder/config'",
        "ansible_user": "debian",
        "govstack_environment": "sandbox",
        "govstack_site": "yunzhou",
        "govstack_site_name": "云州市政务云",
    }


def test_every_host_is_in_one_group_of_each_kind() -> None:
    inventory = made(CITY, "medium")
    kinds = ("environment", "layer", "os", "role", "system", "tenant", "zone")
    for host in inventory.hosts:
        assert tuple(name.partition("_")[0] for name in host.groups) == kinds
    members = {group.name: group.hosts for group in inventory.groups}
    assert members == {
        name: tuple(host.name for host in inventory.hosts if name in host.groups)
        for name in sorted({name for host in inventory.hosts for name in host.groups})
    }
    assert [group.variables for group in inventory.groups if group.name == "os_debian"] == [
        {"ansible_python_interpreter": "/usr/bin/python3"}
    ]


def test_what_the_hosts_of_the_reference_city_are() -> None:
    found: dict[str, set[str]] = {}
    for host in made(CITY).hosts:
        found.setdefault(host.system, set()).add(" ".join(short(host)))
    assert found == {
        "inf-bas": {"bastion"},
        "inf-base": {"time_server dns_server package_repository"},
        "inf-bkp": {"backup_server"},
        "inf-log": {"log_server"},
        "inf-mon": {"monitoring"},
        "dat-api": {"api_gateway"},
        "dat-exc": {"data_exchange"},
        "dat-msg": {"message_queue cache"},
        "dat-rdb": {"database"},
        "sup-iam": {"identity"},
        "sup-kms": {"key_service"},
        "sup-lbs": {"load_balancer"},
        **{name: {"application"} for name in APPLICATIONS},
    }


def test_roles_go_by_what_a_role_of_a_system_offers() -> None:
    inventory = made(CITY, "medium")
    found = {
        (host.system, host.variables["govstack_node_role"]): short(host) for host in inventory.hosts
    }
    assert found["dat-msg", "broker"] == ["message_queue"]
    assert found["dat-msg", "cache"] == ["cache"]
    assert found["dat-rdb", "dameng"] == []
    assert found["dat-bas", "app"] == ["application"]
    assert found["inf-gap", "front"] == ["log_server", "time_server", "data_exchange"]


def test_a_renamed_system_keeps_its_roles(tmp_path: Path) -> None:
    root = tmp_path / "yunzhou"
    shutil.copytree(CITY, root)
    for path in (*root.glob("*.yaml"), *root.glob("systems/*.yaml")):
        text = path.read_text(encoding="utf-8").replace("sup-iam", "sup-idp")
        path.write_text(text.replace("id: sup-idp", "id: sup-idp\nrenamed_from: sup-iam"), "utf-8")
    (root / "systems/sup-iam.yaml").rename(root / "systems/sup-idp.yaml")
    (host,) = made(root, subject="sup-idp").hosts
    assert short(host) == ["identity"]


def test_where_the_cloud_is_ones_own_hosts_go_by_address_and_distribution() -> None:
    inventory = made(CITY, "production")
    office, database = (
        host_of(inventory, "yz-pub-szfb-oa-app-001"),
        host_of(inventory, "yz-dat-dsjj-rdb-db-001"),
    )
    assert (office.family, database.family) == ("redhat", "redhat")
    assert office.variables["ansible_host"] == office.address
    assert office.variables["ansible_user"] == "openeuler"
    assert "ansible_user" not in database.variables
    assert "ansible_ssh_common_args" not in inventory.variables


def test_hosts_that_no_flow_leads_to_are_in_a_group_of_their_own() -> None:
    inventory = made(SITES / "harbour", logs_in=True)
    lost = {group.name: group.hosts for group in inventory.groups}["without_way"]
    assert lost == tuple(host.name for host in inventory.hosts if not host.is_reachable)
    assert [host.name for host in inventory.hosts if host.is_reachable] == [
        "hb-ops-port-gate-jump-001"
    ]


def test_a_way_names_every_host_on_it() -> None:
    inventory = made(CITY, "medium", logs_in=True)
    hospital = next(host for host in inventory.hosts if host.zone == "PRV")
    assert hospital.way == (
        "yz-mgt-dsjj-bas-bastion-001",
        "yz-exc-dsjj-gap-front-001",
    )


def test_what_was_never_run_has_no_id() -> None:
    site = load_site(SITES / "yunzhou", "sandbox")
    inventory = make_inventory(site, make_plan(site), {}, Login())
    assert {host.variables["govstack_resource_id"] for host in inventory.hosts} == {""}
    assert {str(host.variables["govstack_provenance"]) for host in inventory.hosts} == {
        "{'checkpoint': '', 'inputs': '', 'record': '', 'standing': 'never-run', 'updated': ''}"
    }


def test_an_unknown_operating_system_is_other(tmp_path: Path) -> None:
    root = tmp_path / "yunzhou"
    shutil.copytree(SITES / "yunzhou", root)
    path = root / "environments" / "sandbox.yaml"
    path.write_text(
        path.read_text("utf-8").replace("os_distro: debian", "os_distro: plan9"), "utf-8"
    )
    inventory = made(root)
    assert {host.family for host in inventory.hosts} == {"other"}
    assert [g.variables for g in inventory.groups if g.name == "os_other"] == [{}]


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_files_changes_no_byte(
    tmp_path_factory: pytest.TempPathFactory, random: Random
) -> None:
    parser = YAML(typ="safe", pure=True)
    root = tmp_path_factory.mktemp("order") / "everything"
    shutil.copytree(SITES / "everything", root)
    before = made(root, "nodes")
    for path in sorted((*root.glob("*.yaml"), *root.glob("[se]*/*.yaml"))):
        document = shuffled(parser.load(path), random)
        with path.open("w", encoding="utf-8") as file:
            parser.dump(document, file)
    after = made(root, "nodes")
    assert listing(after) == listing(before)
    assert yaml_text(after) == yaml_text(before)
    assert [*map(variables_of, after.hosts)] == [*map(variables_of, before.hosts)]


def shuffled(value: Any, random: Random) -> Any:
    if isinstance(value, dict | list):
        pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        items = [(key, shuffled(item, random)) for key, item in pairs]
        random.shuffle(items)
        return dict(items) if isinstance(value, dict) else [item for _, item in items]
    return value


class Loader(yaml.SafeLoader):
    """Reads what Ansible reads: its own tag is a text."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def test_the_documents_say_the_same() -> None:
    inventory = made(CITY, "medium", logs_in=True)
    script, tree = json.loads(listing(inventory)), yaml.load(yaml_text(inventory, "head"), Loader)
    assert yaml_text(inventory, "head").startswith("# head\n---\nall:\n  children:\n")
    assert tree["all"]["hosts"] == script["_meta"]["hostvars"]
    assert tree["all"]["vars"] == script["all"]["vars"] == inventory.variables
    assert sorted(tree["all"]["children"]) == script["all"]["children"]
    for name, group in tree["all"]["children"].items():
        assert list(group["hosts"]) == script[name]["hosts"]
        assert group.get("vars") == script[name].get("vars")
    for host in inventory.hosts:
        assert json.loads(variables_of(host)) == script["_meta"]["hostvars"][host.name]


def with_text(text: str) -> Inventory:
    host = Host(
        name="one",
        system="s",
        system_name="s",
        layer="infrastructure",
        zone="A",
        address="10.0.0.1",
        way=(),
        is_reachable=True,
        family="debian",
        roles=(),
        groups=("g",),
        variables={"text": text, "list": [text, [text]], "maps": [{"yes": text, "n": []}]},
    )
    groups = (Group(name="g", hosts=("one",), variables={"text": text}),)
    return Inventory(
        site="s", name="s", environment="e", hosts=(host,), groups=groups, variables={"t": text}
    )


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_as_it_was(text: str) -> None:
    inventory = with_text(text)
    tree = yaml.load(yaml_text(inventory), Loader)
    assert tree["all"]["hosts"]["one"] == dict(inventory.hosts[0].variables)
    assert tree["all"]["vars"] == {"t": text}


@pytest.mark.parametrize("text", ["a {{ b }}", "{% if %}", "{# x"])
def test_what_looks_like_a_template_is_marked(text: str) -> None:
    inventory = with_text(text)
    mark = {"__ansible_unsafe": text}
    assert json.loads(listing(inventory)) == {
        "_meta": {
            "hostvars": {
                "one": {
                    "text": mark,
                    "list": [mark, [mark]],
                    "maps": [{"yes": mark, "n": []}],
                }
            }
        },
        "all": {"children": ["g"], "vars": {"t": mark}},
        "g": {"hosts": ["one"], "vars": {"text": mark}},
    }
    assert yaml_text(inventory).count(f'!unsafe "{text}"') == 6


def table(folder: Path, name: str, old: str, new: str) -> Path:
    for path in FOLDER.glob("*.yaml"):
        shutil.copy(path, folder)
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  - time\n", "  - base\n", "stands there twice: base"),
        ("port: [udp/123]", "prot: [udp/123]", "prot"),
        ("port: [udp/123]", "port: [123]", "port"),
        ("port: [udp/123]", "", "names nothing"),
        ("collection: govstack.base", "collection: base", "collection"),
        ("format: 1", "format: 2", "format"),
        ("role: database", "role: Data Base", "role"),
        ("further:", "further: [", "roles.yaml"),
    ],
)
def test_a_mistake_in_the_table_of_roles_is_told(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        role_table(table(tmp_path, "roles.yaml", old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("      anolis:", "      debian:"),
        ("  redhat:", "  other:"),
        ("interpreter: /usr", "interpreter: usr"),
        ("interpreter:", "python:"),
    ],
)
def test_a_mistake_in_the_table_of_systems_is_told(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r"families\.yaml"):
        family_table(table(tmp_path, "families.yaml", old, new))


def test_what_the_tables_name_is_known() -> None:
    every: Mapping[str, Any] = {"every": role_table().every}
    assert list(every["every"]) == EVERY
    assert list(role_table().closing) == CLOSING
    assert [each.role for each in role_table().further] == [
        "bastion",
        "log_server",
        "time_server",
        "dns_server",
        "package_repository",
        "monitoring",
        "backup_server",
        "database",
        "message_queue",
        "cache",
        "data_exchange",
        "api_gateway",
        "identity",
        "key_service",
        "load_balancer",
        "application",
    ]
