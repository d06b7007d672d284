"""neutron's tables are read as they are."""

import sqlite3
import unittest
from contextlib import closing

from govstack_sandbox.hosts.neutron import Forward, Port, Router, Rule, read_cloud

TABLES = """
CREATE TABLE ports (id, network_id, mac_address, device_owner, admin_state_up);
CREATE TABLE portsecuritybindings (port_id, port_security_enabled);
CREATE TABLE ipallocations (port_id, ip_address);
CREATE TABLE allowedaddresspairs (port_id, ip_address);
CREATE TABLE securitygroupportbindings (port_id, security_group_id);
CREATE TABLE securitygroups (id, stateful);
CREATE TABLE securitygrouprules (id, security_group_id, direction, ethertype, protocol,
  port_range_min, port_range_max, remote_ip_prefix, remote_group_id, remote_address_group_id);
CREATE TABLE address_associations (address_group_id, address);
CREATE TABLE floatingips (id, floating_ip_address, fixed_ip_address, fixed_port_id, router_id);
CREATE TABLE portforwardings (floatingip_id, protocol, external_port_start, external_port_end,
  internal_ip_address, internal_port_start);
CREATE TABLE routerports (router_id, port_id, port_type);
CREATE TABLE routers (id, admin_state_up, enable_snat);
CREATE TABLE routerroutes (router_id, destination, nexthop);
CREATE TABLE externalnetworks (network_id);
CREATE TABLE subnets (network_id, cidr, ip_version);
INSERT INTO ports VALUES ('p1', 'front', 'fa:01', 'compute:nova', 1),
  ('p2', 'front', 'fa:02', 'network:router_interface', 1),
  ('p3', 'outside', 'fa:03', 'network:router_gateway', 1);
INSERT INTO portsecuritybindings VALUES ('p1', 1);
INSERT INTO ipallocations VALUES ('p1', '10.0.1.5'), ('p1', '2001:db8::5'),
  ('p2', '10.0.1.1'), ('p3', '203.0.113.9');
INSERT INTO allowedaddresspairs VALUES ('p1', '10.0.1.99');
INSERT INTO securitygroups VALUES ('g', 1), ('loose', 0);
INSERT INTO securitygroupportbindings VALUES ('p1', 'g');
INSERT INTO securitygrouprules VALUES
  ('1', 'g', 'ingress', 'IPv4', 'tcp', 22, 22, NULL, 'g', NULL);
INSERT INTO address_associations VALUES ('a', '10.9.0.0/24');
INSERT INTO floatingips VALUES ('f1', '203.0.113.20', '10.0.1.5', 'p1', 'r'),
  ('f2', '203.0.113.21', NULL, NULL, NULL);
INSERT INTO portforwardings VALUES ('f2', 'tcp', 2222, 2222, '10.0.1.5', 22);
INSERT INTO routers VALUES ('r', 1, 1), ('down', 0, 1);
INSERT INTO routerports VALUES ('r', 'p2', 'network:router_interface'),
  ('r', 'p3', 'network:router_gateway');
INSERT INTO routerroutes VALUES ('r', '10.2.0.0/16', '10.0.1.7');
INSERT INTO externalnetworks VALUES ('outside');
INSERT INTO subnets VALUES ('front', '10.0.1.0/24', 4), ('front', '2001:db8::/64', 6),
  ('outside', '203.0.113.0/24', 4);
"""


class ReadCloud(unittest.TestCase):
    def setUp(self):
        opened = closing(sqlite3.connect(":memory:", isolation_level=None))
        self.connection = self.enterContext(opened)
        self.connection.executescript(TABLES)

    def test_everything(self):
        cloud = read_cloud(self.connection)
        port = Port("p1", "front", "fa:01", ("10.0.1.5",), ("10.0.1.99",), ("g",))
        self.assertEqual(cloud.ports, (port,))
        rule = Rule("g", "ingress", "IPv4", "tcp", 22, 22, "", "g", "")
        self.assertEqual(cloud.rules, (rule,))
        router = Router(
            "r",
            interfaces=(("front", "10.0.1.1"),),
            gateway="203.0.113.9",
            routes=(("10.2.0.0/16", "10.0.1.7"),),
        )
        self.assertEqual(cloud.routers, (router,))
        self.assertEqual(cloud.floating, (("203.0.113.20", "10.0.1.5"),))
        self.assertEqual(cloud.forwards, (Forward("203.0.113.21", "tcp", 2222, "10.0.1.5", 22),))
        self.assertEqual(cloud.subnets, {"front": ("10.0.1.0/24",)})
        self.assertEqual(cloud.outside, ("203.0.113.0/24",))
        self.assertEqual(cloud.members, {"a": ("10.9.0.0/24",), "g": ("10.0.1.5", "10.0.1.99")})
        self.assertEqual(cloud.stateless, {"loose"})

    def test_other_tables_are_refused(self):
        self.connection.execute("ALTER TABLE ports DROP COLUMN admin_state_up")
        with self.assertRaises(sqlite3.Error):
            read_cloud(self.connection)


if __name__ == "__main__":
    unittest.main()
