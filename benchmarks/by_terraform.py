"""The same city by Terraform, in its best form: one module for each system, one provider for all.

What `layers/` declares is written as configuration, from the same plan; names in the zone, kept
credentials and containers are left out, in Terraform's favour.  The provider is built from the
code that govstack's is made of, without its changes; `terraform` or `tofu` must be there.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from govstack.engine.toolchain.go import find_go
from govstack.plan.model import NodePlan, Plan, ProjectPlan, RouterPlan, SystemPlan

SOURCES: Final = Path(__file__).resolve().parent / "terraform"
PACKAGE: Final = "github.com/terraform-provider-openstack/terraform-provider-openstack/v3"
PROVIDER: Final = "terraform-provider-openstack/openstack"
BINARY: Final = "terraform-provider-openstack"
NEEDS: Final = {
    "terraform": {"required_providers": {"openstack": {"source": PROVIDER}}},
}

Resources = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Terraform:
    """The program, and a configuration in a folder of its own."""

    program: str
    folder: Path
    variables: dict[str, str]

    def run(self, *arguments: str) -> str:
        """Run the program in the folder; return what it said."""
        command = [self.program, *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{' '.join(command)}: {done.stderr[-2000:]}")
        return done.stdout

    @property
    def planning(self) -> list[str]:
        """Return the command that plans, in its best form."""
        options = ("-refresh=false", "-input=false", "-lock=false", "-no-color")
        return [self.program, "plan", *options]

    def apply(self, *, at_once: int = 10) -> str:
        """Make it all; as many at once as Terraform does by itself, if not told otherwise."""
        some = f"-parallelism={at_once}"
        return self.run("apply", "-auto-approve", "-input=false", "-no-color", some)

    def destroy(self) -> str:
        return self.run("destroy", "-auto-approve", "-input=false", "-no-color")


def version(program: str) -> str:
    """Return how the program calls itself."""
    command = [program, "version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]


def known_terraform() -> str | None:
    """Return the program, None where there is none."""
    return shutil.which("terraform") or shutil.which("tofu")


def find_terraform() -> str:
    """Return the program; ends with a message where there is none."""
    found = known_terraform()
    if not found:
        sys.exit("this compares with Terraform: put terraform or tofu on PATH")
    return found


def prepare(plan: Plan, folder: Path, *, clouds: Path, cloud: str, cache: Path) -> Terraform:
    """Write the plan's configuration into the folder, ready to be planned and applied."""
    terraform = find_terraform()
    folder.mkdir(parents=True)
    settings = folder / "terraform.rc"
    settings.write_text(
        "provider_installation {\n  dev_overrides {\n"
        f'    "{PROVIDER}" = "{_provider(cache).parent}"\n  }}\n  direct {{}}\n}}\n',
        encoding="utf-8",
    )
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OS_")},
        "TF_CLI_CONFIG_FILE": str(settings),
        "OS_CLIENT_CONFIG_FILE": str(clouds),
        "CHECKPOINT_DISABLE": "1",
    }
    write(plan, folder, cloud)
    made = Terraform(terraform, folder, variables)
    made.run("get")
    return made


def write(plan: Plan, folder: Path, cloud: str) -> None:
    """Write a root module for the platform and a module for each system."""
    for system in plan.systems:
        _module(system, folder / "modules" / system.id)
    root = NEEDS | {
        "provider": {"openstack": {"cloud": cloud, "max_retries": 5}},
        "resource": _platform(plan),
        "data": {
            "openstack_networking_network_v2": {
                "outside": {"name": plan.platform.external_network}
            },
            "openstack_images_image_v2": {
                each.id: {"name": str(each.adopted), "most_recent": True}
                for each in plan.platform.images
            },
            "openstack_identity_role_v3": {each: {"name": each} for each in ("member", "reader")},
        },
        "module": {
            system.id: {
                "source": f"./modules/{system.id}",
                "routers": {
                    each.zone: _id("openstack_networking_router_v2", each.zone)
                    for each in plan.platform.routers
                },
                "flavors": {
                    each.id: _id("openstack_compute_flavor_v2", each.id)
                    for each in plan.platform.flavors
                },
                "images": {
                    each.id: _id("data.openstack_images_image_v2", each.id)
                    for each in plan.platform.images
                },
            }
            for system in plan.systems
        },
    }
    _put(folder / "main.tf.json", root)


def _provider(cache: Path) -> Path:
    """Return the provider, built once."""
    binary = cache / "benchmarks" / BINARY
    if not binary.exists():
        binary.parent.mkdir(parents=True, exist_ok=True)
        go = find_go(os.environ)
        command = [
            str(go.path),
            "build",
            "-trimpath",
            "-ldflags",
            "-s -w",
            "-o",
            str(binary),
            PACKAGE,
        ]
        subprocess.run(command, cwd=SOURCES, env={**go.variables, "GOWORK": "off"}, check=True)
    return binary


def _platform(plan: Plan) -> Resources:
    made: Resources = {}
    platform = plan.platform
    tags = list(platform.tags)
    _add(made, "openstack_networking_network_v2", "transit", name=f"{plan.code}-transit", tags=tags)
    _add(
        made,
        "openstack_networking_subnet_v2",
        "transit",
        name=f"{plan.code}-transit",
        network_id=_id("openstack_networking_network_v2", "transit"),
        cidr=str(platform.transit),
        no_gateway=True,
        enable_dhcp=False,
        tags=tags,
    )
    for router in platform.routers:
        _router(made, router, tags)
    for flavor in platform.flavors:
        _add(
            made,
            "openstack_compute_flavor_v2",
            flavor.id,
            name=f"{plan.code}-{flavor.id}",
            vcpus=flavor.vcpus,
            ram=flavor.ram_mb,
            disk=flavor.disk_gb,
            is_public=True,
        )
    for project in platform.projects:
        _project(made, project)
    return made


def _router(made: Resources, router: RouterPlan, tags: list[str]) -> None:
    gateway = {"external_network_id": "${data.openstack_networking_network_v2.outside.id}"}
    _add(
        made,
        "openstack_networking_router_v2",
        router.zone,
        name=router.name,
        description=router.description,
        tags=list(router.tags),
        **(gateway if router.external else {}),
    )
    _add(
        made,
        "openstack_networking_port_v2",
        router.zone,
        name=f"{router.name}-transit",
        network_id=_id("openstack_networking_network_v2", "transit"),
        fixed_ip=[
            {
                "subnet_id": _id("openstack_networking_subnet_v2", "transit"),
                "ip_address": str(router.transit_address),
            }
        ],
        tags=tags,
    )
    _add(
        made,
        "openstack_networking_router_interface_v2",
        router.zone,
        router_id=_id("openstack_networking_router_v2", router.zone),
        port_id=_id("openstack_networking_port_v2", router.zone),
    )
    routes = [
        {"destination_cidr": str(route.destination), "next_hop": str(route.next_hop)}
        for route in router.routes
    ]
    if routes:
        _add(
            made,
            "openstack_networking_router_routes_v2",
            router.zone,
            router_id=_id("openstack_networking_router_v2", router.zone),
            routes=routes,
            depends_on=[f"openstack_networking_router_interface_v2.{router.zone}"],
        )


def _project(made: Resources, project: ProjectPlan) -> None:
    tenant, name, quota = project.tenant, project.system, project.quota
    own = _id("openstack_identity_project_v3", name)
    parent: dict[str, str] = {}
    _add(
        made,
        "openstack_identity_group_v3",
        tenant.id,
        name=tenant.name,
        description=tenant.description,
    )
    if tenant.is_parent:
        key = f"of-{tenant.id}"
        _add(made, "openstack_identity_project_v3", key, name=tenant.name, tags=list(tenant.tags))
        parent = {"parent_id": _id("openstack_identity_project_v3", key)}
    _add(
        made,
        "openstack_identity_project_v3",
        name,
        name=project.name,
        description=project.description,
        tags=list(project.tags),
        **parent,
    )
    _add(
        made,
        "openstack_identity_user_v3",
        name,
        name=project.user,
        default_project_id=own,
        password="benchmark",
    )
    for key, who in (
        ("member", {"user_id": _id("openstack_identity_user_v3", name)}),
        ("reader", {"group_id": _id("openstack_identity_group_v3", tenant.id)}),
    ):
        role = f"${{data.openstack_identity_role_v3.{key}.id}}"
        _add(
            made,
            "openstack_identity_role_assignment_v3",
            f"{name}-{key}",
            project_id=own,
            role_id=role,
            **who,
        )
    _add(
        made,
        "openstack_compute_quotaset_v2",
        name,
        project_id=own,
        instances=quota.instances,
        cores=quota.cores,
        ram=quota.ram_mb,
    )
    _add(
        made,
        "openstack_networking_quota_v2",
        name,
        project_id=own,
        network=quota.networks,
        subnet=quota.subnets,
        port=quota.ports,
        floatingip=quota.floating_ips,
        security_group=quota.security_groups,
        security_group_rule=quota.security_group_rules,
    )
    _add(
        made,
        "openstack_blockstorage_quotaset_v3",
        name,
        project_id=own,
        volumes=quota.volumes,
        gigabytes=quota.gigabytes,
    )


def _module(system: SystemPlan, folder: Path) -> None:
    folder.mkdir(parents=True)
    inputs = {name: {"type": "map(string)"} for name in ("routers", "flavors", "images")}
    _put(folder / "main.tf.json", NEEDS | {"variable": inputs, "resource": _system(system)})


def _system(system: SystemPlan) -> Resources:
    made: Resources = {}
    tags = list(system.tags)
    for network in system.networks:
        zone = network.zone
        _add(made, "openstack_networking_network_v2", zone, name=network.name, tags=tags)
        _add(
            made,
            "openstack_networking_subnet_v2",
            zone,
            name=network.name,
            network_id=_id("openstack_networking_network_v2", zone),
            cidr=str(network.cidr),
            gateway_ip=str(network.gateway),
            enable_dhcp=False,
            tags=tags,
        )
        _add(
            made,
            "openstack_networking_router_interface_v2",
            zone,
            router_id=f'${{var.routers["{zone}"]}}',
            subnet_id=_id("openstack_networking_subnet_v2", zone),
        )
    _groups(made, system)
    for node in system.nodes:
        _node(made, system, node)
    return made


def _groups(made: Resources, system: SystemPlan) -> None:
    for group in system.groups:
        _add(
            made,
            "openstack_networking_secgroup_v2",
            group.role,
            name=group.name,
            description="what may reach this role; all else is denied",
            tags=list(system.tags),
        )
        for number, rule in enumerate(group.rules):
            _add(
                made,
                "openstack_networking_secgroup_rule_v2",
                f"{group.role}-{number}",
                security_group_id=_id("openstack_networking_secgroup_v2", group.role),
                direction="ingress",
                ethertype="IPv4",
                protocol=rule.port.protocol.value,
                port_range_min=rule.port.first,
                port_range_max=rule.port.last,
                remote_ip_prefix=rule.remote,
                description=rule.purpose,
            )
    for role in sorted({node.role for node in system.nodes if node.anti_affinity}):
        name = f"{system.project.name}-{role}-apart"
        _add(made, "openstack_compute_servergroup_v2", role, name=name, policies=["anti-affinity"])


def _node(made: Resources, system: SystemPlan, node: NodePlan) -> None:
    places = [(node.name, node.zone, node.address)]
    places += [(f"{node.name}-{each.zone.lower()}", each.zone, each.address) for each in node.links]
    for name, zone, address in places:
        _add(
            made,
            "openstack_networking_port_v2",
            name,
            name=name,
            network_id=_id("openstack_networking_network_v2", zone),
            fixed_ip=[
                {
                    "subnet_id": _id("openstack_networking_subnet_v2", zone),
                    "ip_address": str(address),
                }
            ],
            security_group_ids=[_id("openstack_networking_secgroup_v2", node.role)],
            tags=list(system.tags),
        )
    group = _id("openstack_compute_servergroup_v2", node.role)
    _add(
        made,
        "openstack_compute_instance_v2",
        node.name,
        name=node.name,
        flavor_id=f'${{var.flavors["{node.flavor}"]}}',
        image_id=f'${{var.images["{node.image}"]}}',
        network=[{"port": _id("openstack_networking_port_v2", name)} for name, _, _ in places],
        metadata=dict(node.metadata),
        **({"scheduler_hints": [{"group": group}]} if node.anti_affinity else {}),
    )
    for volume in node.volumes:
        name = f"{node.name}-{volume.name}"
        metadata = dict(node.metadata) | {"mount_path": volume.mount}
        _add(
            made,
            "openstack_blockstorage_volume_v3",
            name,
            name=name,
            size=volume.size_gb,
            metadata=metadata,
        )
        _add(
            made,
            "openstack_compute_volume_attach_v2",
            name,
            instance_id=_id("openstack_compute_instance_v2", node.name),
            volume_id=_id("openstack_blockstorage_volume_v3", name),
        )
    if node.floating_ip:
        joined = [f"openstack_networking_router_interface_v2.{node.zone}"]
        _add(
            made,
            "openstack_networking_floatingip_v2",
            node.name,
            pool="public",
            port_id=_id("openstack_networking_port_v2", node.name),
            description=node.name,
            tags=list(system.tags),
            depends_on=joined,
        )


def resources_of(folder: Path) -> int:
    """Return how many resources the configuration has."""
    return sum(1 for _ in _declared(folder))


def _declared(folder: Path) -> Iterator[str]:
    for path in folder.rglob("main.tf.json"):
        for kind in json.loads(path.read_text(encoding="utf-8"))["resource"].values():
            yield from kind


def _id(kind: str, name: str) -> str:
    return f"${{{kind}.{name}.id}}"


def _add(made: Resources, kind: str, name: str, /, **values: Any) -> None:  # noqa: ANN401
    made.setdefault(kind, {})[name] = values


def _put(path: Path, body: dict[str, Any]) -> None:
    path.write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
