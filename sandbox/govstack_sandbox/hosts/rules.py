"""The ruleset of nftables that is equal to what neutron has decided; pure: values to text.

* Egress is judged before a destination is translated and ingress after a source was: both sides'
  rules see the addresses that they would see in any cloud, and so do the toolkit's connections.
* Only answers ride on a connection.  What goes in the original direction is judged packet by
  packet, so that a rule that is taken away closes what it had opened.
* A port that is not known here is closed.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from govstack_sandbox.hosts.names import OPERATOR, tap
from govstack_sandbox.hosts.neutron import Cloud, Port, Rule
from govstack_sandbox.hosts.reach import gateways, reachable

TABLE: Final = "govstack"
NUMBERS: Final = {
    "ah": 51, "dccp": 33, "egp": 8, "esp": 50, "gre": 47, "icmp": 1, "igmp": 2, "ipip": 4,
    "ospf": 89, "pgm": 113, "rsvp": 46, "sctp": 132, "tcp": 6, "udp": 17, "udplite": 136,
    "vrrp": 112,
}  # fmt: skip
"""The protocols that neutron has names for."""
WITH_PORTS: Final = {"6", "17", "33", "132", "136"}
ICMP: Final = "1"
WAYS: Final = ("ingress", "egress")
REPLIES: Final = (
    "ct state invalid drop",
    "ct state related accept",
    "ct state established ct direction reply accept",
)


def ruleset(cloud: Cloud) -> str:
    """Return the text that replaces the whole table at once."""
    marks = {network: number for number, network in enumerate(sorted(cloud.subnets), 1)}
    known = [port for port in cloud.ports if port.network in marks]
    parts = [
        *_sets(cloud),
        *_group_chains(cloud, known),
        *_port_chains(cloud, known),
        *_hooks(known),
        *_forward(cloud, known, marks),
        *_translation(cloud, marks),
    ]
    return "\n".join(
        [
            f"table inet {TABLE}",
            f"delete table inet {TABLE}",
            f"table inet {TABLE} {{",
            *parts,
            "}",
            "",
        ]
    )


def match(rule: Rule) -> str | None:
    """Return what a packet must be to fit the rule, None for one that is not about IPv4."""
    if rule.ethertype != "IPv4":
        return None
    end = "saddr" if rule.direction == "ingress" else "daddr"
    parts = []
    if rule.prefix and not rule.prefix.endswith("/0"):
        parts.append(f"ip {end} {rule.prefix}")
    parts += [f"ip {end} @m-{group}" for group in (rule.remote_group, rule.address_group) if group]
    if rule.protocol not in {"", "any", "0"}:
        parts.append(_protocol(rule))
    return " ".join(parts) or "meta nfproto ipv4"


def _protocol(rule: Rule) -> str:
    number = str(NUMBERS.get(rule.protocol, rule.protocol))
    if rule.low is None:
        return f"meta l4proto {number}"
    if number == ICMP:
        code = "" if rule.high is None else f" icmp code {rule.high}"
        return f"icmp type {rule.low}{code}"
    if number in WITH_PORTS:
        span = "" if rule.high in {None, rule.low} else f"-{rule.high}"
        return f"meta l4proto {number} th dport {rule.low}{span}"
    return f"meta l4proto {number}"


def _chain(name: str, lines: Iterable[str], hook: str = "") -> list[str]:
    head = [f"    type {hook};"] if hook else []
    return [f"  chain {name} {{", *head, *(f"    {line}" for line in lines), "  }"]


def _sets(cloud: Cloud) -> Iterator[str]:
    """Yield a set for each group that some rule names."""
    named = {one for rule in cloud.rules for one in (rule.remote_group, rule.address_group) if one}
    for group in sorted(named):
        members = ", ".join(cloud.members.get(group, ()))
        elements = f"; elements = {{ {members} }}" if members else ""
        yield f"  set m-{group} {{ type ipv4_addr; flags interval; auto-merge{elements}; }}"


def _group_chains(cloud: Cloud, ports: Iterable[Port]) -> Iterator[str]:
    for group in sorted({group for port in ports for group in port.groups}):
        for way in WAYS:
            matches = (
                match(rule) for rule in cloud.rules if rule.group == group and rule.direction == way
            )
            yield from _chain(f"{way}-{group}", (f"{one} accept" for one in matches if one))


def _port_chains(cloud: Cloud, ports: Iterable[Port]) -> Iterator[str]:
    for port in ports:
        replies = () if cloud.stateless & set(port.groups) else REPLIES
        for way in WAYS:
            yield from _chain(f"{way}-{tap(port.id)}", _judged(port, way, replies))


def _judged(port: Port, way: str, replies: tuple[str, ...]) -> list[str]:
    if not port.up:
        return ["drop"]
    if not port.secured:
        return ["accept"]
    own = []
    if way == "egress":
        sources = ", ".join(sorted({*port.addresses, *port.pairs}))
        own = [
            f"ether saddr != {port.mac} drop",
            "meta nfproto ipv6 drop",
            f"ip saddr != {{ {sources} }} drop" if sources else "drop",
        ]
    return [*own, *replies, *(f"jump {way}-{group}" for group in port.groups), "drop"]


def _hooks(ports: list[Port]) -> Iterator[str]:
    # Who is outside reaches floating addresses, and never a server's own.
    yield from _chain("outsider", ("ct status dnat return", "ct state related return", "drop"))
    for way, hook, priority, end in (
        ("egress", "prerouting", -150, "iifname"),
        ("ingress", "postrouting", 150, "oifname"),
    ):
        jumps = ", ".join(f'"{tap(port.id)}" : jump {way}-{tap(port.id)}' for port in ports)
        lines = [f"{end} vmap {{ {jumps} }}"] if jumps else []
        if way == "ingress":
            lines.insert(0, f"ip saddr {OPERATOR} ct direction original jump outsider")
        hooked = f"filter hook {hook} priority {priority}; policy accept"
        yield from _chain(way, [*lines, f'{end} "tap*" drop'], hooked)
    # What asks the routers themselves is refused and not dropped: who looks up a name where
    # nobody answers would otherwise wait, at each shutdown for one.
    answers = (
        'iifname "lo" accept',
        "ct state established,related accept",
        "icmp type echo-request accept",
        "reject",
    )
    yield from _chain("input", answers, "filter hook input priority 0; policy drop")


def _forward(cloud: Cloud, ports: list[Port], marks: dict[str, int]) -> list[str]:
    lines = []
    if ports:
        numbers = ", ".join(f'"{tap(port.id)}" : {marks[port.network]}' for port in ports)
        reach = reachable(cloud)
        ways = ", ".join(
            f'{marks[network]} . "{tap(port.id)}"'
            for network in sorted(marks)
            for port in ports
            if port.network in reach[network]
        )
        outward = sorted(marks[network] for network in gateways(cloud) if network in marks)
        lines = [
            f"meta mark set iifname map {{ {numbers} }}",
            *REPLIES[1:],
            f"meta mark . oifname {{ {ways} }} accept",
        ]
        if outward:
            among = ", ".join(map(str, outward))
            lines.append(f"ct status dnat meta mark {{ {among} }} accept")
    return _chain("forward", [*lines, "drop"], "filter hook forward priority 0; policy drop")


def _translation(cloud: Cloud, marks: dict[str, int]) -> Iterator[str]:
    """Yield what floating addresses are: for servers, and for the toolkit's own connections."""
    inward = [
        f"ip daddr {one.outside} {one.protocol} dport {one.outer}"
        f" dnat ip to {one.inside}:{one.inner}"
        for one in cloud.forwards
        if one.protocol in {"tcp", "udp"}
    ]
    pairs = ", ".join(f"{outside} : {inside}" for outside, inside in cloud.floating)
    if pairs:
        inward.append(f"dnat ip to ip daddr map {{ {pairs} }}")
    for name, hook in (("nat-in", "prerouting"), ("nat-own", "output")):
        yield from _chain(name, inward, f"nat hook {hook} priority -100; policy accept")
    outward = []
    if cloud.floating:
        back = ", ".join(f"{inside} : {outside}" for outside, inside in cloud.floating)
        outward.append(f"ct status dnat snat ip to ip saddr map {{ {back} }}")
    masks = {
        marks[network]: router.gateway
        for network, router in gateways(cloud).items()
        if network in marks and router.snat
    }
    if masks:
        by_mark = ", ".join(f"{mark} : {address}" for mark, address in sorted(masks.items()))
        outward.append(f"ct status dnat snat ip to meta mark map {{ {by_mark} }}")
    yield from _chain("nat-out", outward, "nat hook postrouting priority 100; policy accept")
