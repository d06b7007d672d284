"""What the use of a service brings, on clouds of different profiles."""

from pathlib import Path

import pytest

from govstack.plan.demand import cloud_services
from govstack.plan.make import make_plan
from govstack.plan.model import Plan, SystemPlan
from govstack.site.load import load_site

SITES = Path(__file__).parent.parent / "data" / "sites"


def plan_of(site: str, environment: str) -> Plan:
    return make_plan(load_site(SITES / site, environment))


def system(plan: Plan, id_: str) -> SystemPlan:
    return next(item for item in plan.systems if item.id == id_)


def test_each_user_of_a_service_has_a_credential_of_its_own() -> None:
    plan = plan_of("everything", "octavia")
    keys = {each.key: each.account for item in plan.systems for each in item.credentials}
    assert keys == {
        "office>database.postgresql": "office",
        "gap>database.postgresql": "gap",
        "portal>object-store": "ev-portal-objects",
        "police>object-store": "ev-police-objects",
        "store>object-store": "ev-store-objects",
    }


def test_to_consume_a_data_set_is_to_use_what_hands_it_over() -> None:
    plan = plan_of("everything", "octavia")
    (group,) = [group for group in system(plan, "office").groups if group.role == "app"]
    assert [f"{rule.port} from {rule.remote}: {rule.purpose}" for rule in group.rules] == [
        "tcp/8080 from 10.10.0.64/26: portal uses api"
    ]


def test_a_balanced_service_is_found_at_its_balancer() -> None:
    by_cloud = system(plan_of("everything", "octavia"), "front")
    by_nodes = system(plan_of("everything", "nodes"), "front")
    found = {
        endpoint.service: [str(address) for address in endpoint.addresses]
        for endpoint in by_cloud.endpoints
    }
    assert found == {"https": ["10.10.0.76"], "plain": ["10.10.0.74", "10.10.0.75"]}
    assert [str(a) for a in by_nodes.endpoints[0].addresses] == ["10.10.0.10", "10.10.0.11"]
    assert by_nodes.balancers == ()
    (balancer,) = by_cloud.balancers
    assert balancer.allowed == ("0.0.0.0/0", "10.20.0.0/26")
    assert balancer.floating_ip, "it is reached from outside"


def test_nodes_that_balance_stand_between_the_public_and_the_service() -> None:
    plan = plan_of("everything", "nodes")
    rules = {
        item.id: [f"{rule.port} from {rule.remote}" for g in item.groups for rule in g.rules]
        for item in (system(plan, "front"), system(plan, "balancers"))
    }
    assert rules == {
        "front": ["tcp/443 from 10.10.0.10/32", "tcp/443 from 10.10.0.11/32"],
        "balancers": ["tcp/443 from 0.0.0.0/0", "tcp/443 from 10.20.0.0/26"],
    }


@pytest.mark.parametrize(
    ("site", "environment", "services"),
    [
        (
            "everything",
            "octavia",
            {"dns", "key-manager", "load-balancer", "object-store", "shared-file-system"},
        ),
        ("everything", "nodes", {"object-store", "shared-file-system"}),
        ("harbour", "production", set()),
        ("yunzhou", "sandbox", set()),
    ],
)
def test_a_plan_asks_for_no_service_that_it_does_not_need(
    site: str, environment: str, services: set[str]
) -> None:
    assert cloud_services(plan_of(site, environment)) == services


def test_departments_own_projects_where_the_cloud_has_parents() -> None:
    parents = {
        environment: {project.tenant.is_parent for project in plan.platform.projects}
        for environment in ("octavia", "nodes")
        for plan in [plan_of("everything", environment)]
    }
    assert parents == {"octavia": {True}, "nodes": {False}}


def test_the_quota_holds_links_and_balancers() -> None:
    plan = plan_of("everything", "octavia")
    assert system(plan, "gap").project.quota.ports == 3, "two, and room for counting twice"
    assert system(plan, "front").project.quota.load_balancers == 1
    assert system(plan, "front").project.quota.floating_ips == 1
    assert system(plan, "office").project.quota.networks == 0, "its network was there before"
