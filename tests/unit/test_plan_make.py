import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from govstack.plan.make import make_plan
from govstack.plan.model import Plan, Quota, SystemPlan
from govstack.plan.passes import expanded
from govstack.site.load import load_site
from govstack.values.digest import digest, plain

Edit = Callable[[str, str, str], None]


@pytest.fixture
def plan(yunzhou: Path) -> Plan:
    return make_plan(load_site(yunzhou, "sandbox"))


def system(plan: Plan, id_: str) -> SystemPlan:
    return next(item for item in plan.systems if item.id == id_)


def test_systems_come_after_what_they_use(plan: Plan) -> None:
    assert [stack.id for stack in plan.stacks] == [
        "platform",
        "inf-bas",
        "inf-log",
        "dat-rdb",
        "app-oa",
        "app-hal",
    ]
    assert system(plan, "app-oa").upstream == ("platform", "dat-rdb")


def test_the_same_site_gives_the_same_plan(yunzhou: Path, plan: Plan) -> None:
    again = make_plan(load_site(yunzhou, "sandbox"))
    assert again == plan
    assert digest(again) == digest(plan)


def test_the_plan_has_a_plain_form(plan: Plan) -> None:
    networks = json.loads(json.dumps(plain(system(plan, "dat-rdb").networks)))
    assert networks == [
        {
            "zone": "DAT",
            "name": "yz-dat-rdb-dat",
            "cidr": "10.40.0.0/26",
            "gateway": "10.40.0.1",
            "routes": [],
            "provisional": False,
            "adopted": None,
        }
    ]


def test_only_declared_paths_are_open(plan: Plan) -> None:
    rules = {
        f"{stack.id}/{group.role}": [f"{rule.port} from {rule.remote}" for rule in group.rules]
        for stack in plan.systems
        for group in stack.groups
    }
    bastion = "tcp/22 from 10.50.0.10/32"
    assert rules == {
        "inf-bas/bastion": ["tcp/22 from 198.51.100.0/24"],
        "inf-log/collector": [
            bastion,
            "tcp/6514 from 10.10.0.0/16",
            "tcp/6514 from 10.20.0.0/16",
            "tcp/6514 from 10.40.0.0/16",
            "tcp/6514 from 10.50.0.0/16",
        ],
        "dat-rdb/db": [bastion, "tcp/5432 from 10.20.0.0/26", "tcp/5432 from 10.40.0.0/26"],
        "app-oa/app": [bastion, "tcp/443 from 10.10.0.0/26"],
        "app-hal/web": ["tcp/22 from 10.50.0.10/32", "tcp/443 from 0.0.0.0/0"],
    }


def test_two_reasons_for_one_path_are_both_told(yunzhou: Path, edit: Edit) -> None:
    edit(
        "site.yaml",
        "purpose: 主备复制",
        "purpose: 主备复制\n  - {from: dat-rdb, to: dat-rdb, ports: [tcp/5432], purpose: 备份}",
    )
    plan = make_plan(load_site(yunzhou, "sandbox"))
    purposes = [rule.purpose for rule in system(plan, "dat-rdb").groups[0].rules]
    assert purposes == ["运维登录，仅经堡垒机", "app-oa uses postgresql", "主备复制; 备份"]


def test_routes_follow_paths_both_ways_and_none_leads_from_internet_to_data(plan: Plan) -> None:
    routes = {
        router.zone: {(str(r.destination), str(r.next_hop)) for r in router.routes}
        for router in plan.platform.routers
    }
    zones = {
        "INT": ("10.10.0.0/16", "10.255.0.2"),
        "PUB": ("10.20.0.0/16", "10.255.0.4"),
        "DAT": ("10.40.0.0/16", "10.255.0.1"),
        "MGT": ("10.50.0.0/16", "10.255.0.3"),
    }
    assert routes == {
        "INT": {zones["PUB"], zones["MGT"]},
        "PUB": {zones["INT"], zones["DAT"], zones["MGT"]},
        "DAT": {zones["PUB"], zones["MGT"]},
        "MGT": {zones["INT"], zones["PUB"], zones["DAT"]},
    }
    assert {r.zone for r in plan.platform.routers if r.external} == {"INT", "MGT"}


def test_the_quota_is_what_the_plan_needs_and_what_neutron_counts_twice(plan: Plan) -> None:
    assert system(plan, "dat-rdb").project.quota == Quota(
        instances=2,
        cores=4,
        ram_mb=2048,
        volumes=2,
        gigabytes=20,
        networks=1,
        subnets=1,
        ports=3,
        floating_ips=0,
        security_groups=3,
        security_group_rules=21,
    )


def test_every_node_says_whose_it_is(plan: Plan) -> None:
    node = system(plan, "app-hal").nodes[0]
    assert dict(node.metadata) == {
        "gov:managed-by": "govstack",
        "gov:site": "yunzhou",
        "gov:env": "sandbox",
        "gov:system": "app-hal",
        "gov:layer": "application-support",
        "gov:tenant": "zwfw",
        "gov:domain": "service",
        "gov:mlps": "3",
        "gov:data-class": "general",
        "gov:importance": "important",
        "gov:owner": "政务服务管理局信息处",
        "gov:zone": "INT",
        "gov:role": "web",
        "gov:uscc": "1135990000YA00303G",
    }


def test_endpoints_are_known_before_anything_is_made(plan: Plan) -> None:
    (endpoint,) = system(plan, "dat-rdb").endpoints
    assert (endpoint.service, str(endpoint.port)) == ("postgresql", "tcp/5432")
    assert [str(address) for address in endpoint.addresses] == ["10.40.0.10", "10.40.0.11"]


def test_a_change_in_one_system_leaves_the_others_as_they_are(
    yunzhou: Path, edit: Edit, plan: Plan
) -> None:
    edit("systems/app-hal.yaml", "flavor: small", "flavor: medium")
    changed = make_plan(load_site(yunzhou, "sandbox"))
    before = {item.id: digest(item) for item in plan.systems}
    after = {item.id: digest(item) for item in changed.systems}
    assert [name for name in before if before[name] != after[name]] == ["app-hal"]


def test_the_platform_first_grows_to_hold_what_was_and_what_will_be(plan: Plan) -> None:
    office = system(plan, "app-oa").project
    gone = dataclasses.replace(office, system="app-old", birth="app-old", name="yz-app-old")
    larger = dataclasses.replace(office, quota=dataclasses.replace(office.quota, instances=5))
    roomy = {
        project.system: project for project in expanded(plan.platform, (gone, larger)).projects
    }
    assert roomy["app-old"] == gone
    assert roomy["app-oa"].quota == dataclasses.replace(office.quota, instances=5)
    assert sorted(roomy) == list(roomy)
