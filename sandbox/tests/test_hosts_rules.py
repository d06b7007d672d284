"""What neutron decides becomes rules that the kernel takes."""

import os
import shutil
import subprocess
import unittest
from dataclasses import replace

from harbours import CLOUD, DB, WEB

from govstack_sandbox.hosts.neutron import Cloud, Rule
from govstack_sandbox.hosts.rules import match, ruleset


def chain(text: str, name: str) -> list[str]:
    """Return the lines of a chain."""
    _, _, rest = text.partition(f"  chain {name} {{\n")
    return [line.strip() for line in rest.partition("  }")[0].splitlines()]


class Match(unittest.TestCase):
    def test_rules_in_words_of_nftables(self):
        cases = {
            Rule("g", "ingress"): "meta nfproto ipv4",
            Rule("g", "ingress", prefix="0.0.0.0/0"): "meta nfproto ipv4",
            Rule("g", "ingress", prefix="10.0.0.0/8"): "ip saddr 10.0.0.0/8",
            Rule("g", "egress", prefix="10.0.0.0/8"): "ip daddr 10.0.0.0/8",
            Rule("g", "ingress", remote_group="x"): "ip saddr @m-x",
            Rule("g", "egress", address_group="y"): "ip daddr @m-y",
            Rule("g", "ingress", protocol="tcp"): "meta l4proto 6",
            Rule("g", "ingress", protocol="tcp", low=22, high=22): "meta l4proto 6 th dport 22",
            Rule("g", "ingress", protocol="udp", low=1, high=9): "meta l4proto 17 th dport 1-9",
            Rule("g", "ingress", protocol="icmp", low=8): "icmp type 8",
            Rule("g", "ingress", protocol="icmp", low=3, high=4): "icmp type 3 icmp code 4",
            Rule("g", "ingress", protocol="vrrp"): "meta l4proto 112",
            Rule("g", "ingress", ethertype="IPv6"): None,
        }
        for rule, expected in cases.items():
            with self.subTest(rule=rule):
                self.assertEqual(match(rule), expected)


class Ruleset(unittest.TestCase):
    def test_a_port_lets_in_what_its_groups_say_and_answers(self):
        lines = chain(ruleset(CLOUD), "ingress-tapbbbbbbbb-11")
        self.assertEqual(
            lines,
            [
                "ct state invalid drop",
                "ct state related accept",
                "ct state established ct direction reply accept",
                "jump ingress-g-db",
                "drop",
            ],
        )
        self.assertEqual(
            chain(ruleset(CLOUD), "ingress-g-db"),
            [
                "ip saddr @m-g-web meta l4proto 6 th dport 5432-5440 accept",
                "ip saddr @m-a-ops icmp type 8 icmp code 0 accept",
            ],
        )

    def test_a_group_without_rules_for_a_way_lets_nothing_pass(self):
        self.assertEqual(chain(ruleset(CLOUD), "egress-g-db"), [])

    def test_nobody_speaks_for_others(self):
        lines = chain(ruleset(CLOUD), "egress-tapaaaaaaaa-11")
        self.assertEqual(
            lines[:3],
            [
                "ether saddr != fa:16:3e:00:00:01 drop",
                "meta nfproto ipv6 drop",
                "ip saddr != { 10.0.1.5 } drop",
            ],
        )

    def test_a_port_that_is_down_or_without_security(self):
        cloud = replace(CLOUD, ports=(replace(WEB, up=False), replace(DB, secured=False)))
        self.assertEqual(chain(ruleset(cloud), "ingress-tapaaaaaaaa-11"), ["drop"])
        self.assertEqual(chain(ruleset(cloud), "ingress-tapbbbbbbbb-11"), ["accept"])

    def test_answers_do_not_ride_on_connections_of_stateless_groups(self):
        cloud = replace(CLOUD, stateless=frozenset({"g-db"}))
        self.assertEqual(
            chain(ruleset(cloud), "ingress-tapbbbbbbbb-11"), ["jump ingress-g-db", "drop"]
        )

    def test_networks_without_a_common_router_do_not_meet(self):
        forward = chain(ruleset(CLOUD), "forward")
        # back is 1, front 2, lone 3
        pairs = next(line for line in forward if line.startswith("meta mark . oifname"))
        self.assertIn('1 . "tapaaaaaaaa-11"', pairs)
        self.assertIn('3 . "tapcccccccc-11"', pairs)
        self.assertNotIn('3 . "tapaaaaaaaa-11"', pairs)
        self.assertNotIn('1 . "tapcccccccc-11"', pairs)
        self.assertEqual(forward[-1], "drop")

    def test_only_networks_with_a_way_outside_reach_floating_addresses(self):
        self.assertIn("ct status dnat meta mark { 1, 2 } accept", chain(ruleset(CLOUD), "forward"))

    def test_floating_addresses_are_translated_for_servers_and_for_operators(self):
        text = ruleset(CLOUD)
        for name in ("nat-in", "nat-own"):
            self.assertIn("dnat ip to ip daddr map { 203.0.113.20 : 10.0.1.5 }", chain(text, name))
        self.assertIn(
            "ct status dnat snat ip to meta mark map { 1 : 203.0.113.9, 2 : 203.0.113.9 }",
            chain(text, "nat-out"),
        )

    def test_what_is_not_known_is_closed(self):
        text = ruleset(Cloud())
        self.assertIn('iifname "tap*" drop', chain(text, "egress"))
        self.assertIn('oifname "tap*" drop', chain(text, "ingress"))
        self.assertEqual(
            chain(text, "forward"),
            ["type filter hook forward priority 0; policy drop;", "drop"],
        )

    @unittest.skipIf(
        os.geteuid() or not shutil.which("nft"), "needs root and nft, to ask the kernel"
    )
    def test_the_kernel_takes_it(self):
        for cloud in (Cloud(), CLOUD):
            done = subprocess.run(
                ["unshare", "--net", "nft", "-f", "-"],
                input=ruleset(cloud),
                capture_output=True,
                text=True,
                check=False,
            )
            self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
