"""Which networks reach which, and the routes that follow."""

import unittest
from dataclasses import replace

from harbours import CLOUD

from govstack_sandbox.hosts.neutron import Cloud, Router
from govstack_sandbox.hosts.reach import reachable
from govstack_sandbox.hosts.routes import MAIN, routing, table_of

DEVICES = ("lo", "tapaaaaaaaa-11", "tapbbbbbbbb-11", "tapcccccccc-11")
SUBNETS = {"a": ("10.1.0.0/24",), "b": ("10.2.0.0/24",), "transit": ("10.9.0.0/28",)}
NORTH = Router(
    "north",
    interfaces=(("a", "10.1.0.1"), ("transit", "10.9.0.1")),
    routes=(("10.2.0.0/16", "10.9.0.2"),),
)
SOUTH = Router(
    "south",
    interfaces=(("b", "10.2.0.1"), ("transit", "10.9.0.2")),
    routes=(("10.1.0.0/16", "10.9.0.1"),),
)


class Reachable(unittest.TestCase):
    def test_networks_of_one_router(self):
        reach = reachable(CLOUD)
        self.assertEqual(reach["front"], {"front", "back"})
        self.assertEqual(reach["lone"], {"lone"})

    def test_routes_lead_from_router_to_router(self):
        reach = reachable(Cloud(routers=(NORTH, SOUTH), subnets=SUBNETS))
        self.assertEqual(reach["a"], {"a", "b", "transit"})

    def test_a_common_transit_alone_is_no_way(self):
        cloud = Cloud(routers=(replace(NORTH, routes=()), SOUTH), subnets=SUBNETS)
        self.assertEqual(reachable(cloud)["a"], {"a", "transit"})

    def test_routes_in_a_circle_end(self):
        north = replace(NORTH, routes=(("10.3.0.0/16", "10.9.0.2"),))
        south = replace(SOUTH, routes=(("10.3.0.0/16", "10.9.0.1"),))
        cloud = Cloud(routers=(north, south), subnets={**SUBNETS, "c": ("10.3.0.0/24",)})
        self.assertEqual(reachable(cloud)["c"], {"c"})


class Routing(unittest.TestCase):
    def test_a_table_for_each_network_with_what_it_reaches(self):
        found = routing(CLOUD, DEVICES)
        self.assertEqual(
            {route for route in found.routes if route[0] == table_of("front")},
            {
                (table_of("front"), "10.0.1.5", "tapaaaaaaaa-11"),
                (table_of("front"), "10.0.2.5", "tapbbbbbbbb-11"),
            },
        )
        # The same address in a network that the others never meet.
        self.assertEqual(
            {route for route in found.routes if route[0] == table_of("lone")},
            {(table_of("lone"), "10.0.1.5", "tapcccccccc-11")},
        )

    def test_what_leads_outside_is_in_the_main_table(self):
        found = routing(CLOUD, DEVICES)
        self.assertEqual(
            {route for route in found.routes if route[0] == MAIN},
            {(MAIN, "10.0.1.5", "tapaaaaaaaa-11"), (MAIN, "10.0.2.5", "tapbbbbbbbb-11")},
        )
        self.assertEqual(found.local, {"198.51.100.1", "10.0.1.1", "10.0.2.1", "203.0.113.9"})
        self.assertEqual(found.outside, {"203.0.113.0/24"})

    def test_a_port_without_a_device_has_no_route(self):
        found = routing(CLOUD, ("lo", "tapaaaaaaaa-11"))
        self.assertEqual({device for _, _, device in found.routes}, {"tapaaaaaaaa-11"})
        self.assertEqual(found.rules, {("tapaaaaaaaa-11", table_of("front"))})


if __name__ == "__main__":
    unittest.main()
