"""A small cloud as neutron would tell of it: two networks at a router, a third at another."""

from govstack_sandbox.hosts.neutron import Cloud, Port, Router, Rule

WEB = Port(
    id="aaaaaaaa-1111-2222",
    network="front",
    mac="fa:16:3e:00:00:01",
    addresses=("10.0.1.5",),
    groups=("g-web",),
)
DB = Port(
    id="bbbbbbbb-1111-2222",
    network="back",
    mac="fa:16:3e:00:00:02",
    addresses=("10.0.2.5",),
    groups=("g-db",),
)
LONE = Port(
    id="cccccccc-1111-2222",
    network="lone",
    mac="fa:16:3e:00:00:03",
    addresses=("10.0.1.5",),
    groups=("g-db",),
)
RULES = (
    Rule("g-web", "ingress", protocol="tcp", low=443, high=443, prefix="0.0.0.0/0"),
    Rule("g-web", "egress"),
    Rule("g-db", "ingress", protocol="tcp", low=5432, high=5440, remote_group="g-web"),
    Rule("g-db", "ingress", protocol="icmp", low=8, high=0, address_group="a-ops"),
    Rule("g-db", "egress", ethertype="IPv6"),
)
CLOUD = Cloud(
    ports=(WEB, DB, LONE),
    rules=RULES,
    routers=(
        Router(
            "r1",
            interfaces=(("front", "10.0.1.1"), ("back", "10.0.2.1")),
            gateway="203.0.113.9",
        ),
        Router("r2", interfaces=(("lone", "10.0.1.1"),)),
    ),
    floating=(("203.0.113.20", "10.0.1.5"),),
    subnets={"front": ("10.0.1.0/24",), "back": ("10.0.2.0/24",), "lone": ("10.0.1.0/24",)},
    outside=("203.0.113.0/24",),
    members={"g-web": ("10.0.1.5",), "a-ops": ("10.9.0.0/24",)},
)
