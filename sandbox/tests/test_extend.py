"""Optional services become part of a cloud, and each cloud's secrets are its own."""

import base64
import configparser
import stat
import unittest
from unittest import mock

import yaml
from clouds import CloudCase, write_template

from govstack_sandbox import extend
from govstack_sandbox.credentials import load_passwords
from govstack_sandbox.layout import Layout
from govstack_sandbox.ports import load_ports
from govstack_sandbox.restore import restore
from govstack_sandbox.services import MDNS, OPTIONAL

ALL = tuple(service.name for service in OPTIONAL)
FAILS = "no answer"


class Keystone:
    """Remembers what it was told, as keystone would."""

    def __init__(self):
        self.things = {
            "users": [],
            "projects": [{"id": "the-project", "name": "service"}],
            "roles": [{"id": "role-1", "name": "admin"}, {"id": "role-2", "name": "service"}],
            "services": [],
            "endpoints": [],
        }
        self.roles = []
        self.breaks = False

    def client(self, _ports, _passwords):
        return self

    def get(self, _service, path):
        kind, _, query = path[1:].partition("?")
        key, _, value = query.partition("=")
        return {kind: [thing for thing in self.things[kind] if thing[key] == value]}

    def post(self, _service, path, body):
        if self.breaks:
            raise OSError(FAILS)
        kind = path[1:]
        thing = {**body[kind[:-1]], "id": f"{kind}-{len(self.things[kind])}"}
        self.things[kind].append(thing)
        return {kind[:-1]: thing}

    def patch(self, _service, path, body):
        _, kind, identifier = path.split("/")
        (thing,) = (one for one in self.things[kind] if one["id"] == identifier)
        thing.update(body[kind[:-1]])

    def put(self, _service, path):
        self.roles.append(path)


class Extend(CloudCase):
    def setUp(self):
        super().setUp()
        self.template = write_template(self.scratch / "template")
        restore(self.layout, self.template)
        self.keystone = Keystone()
        for name, value in (("Client", self.keystone.client), ("die_with_parent", lambda: None)):
            patcher = mock.patch.object(extend, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def extend(self, *names, layout=None):
        extend.extend((layout or self.layout).root, self.template, names)

    def test_what_was_there_stays(self):
        ports, passwords = load_ports(self.layout.cloud), load_passwords(self.layout)
        self.extend("swift", "designate")
        after = load_ports(self.layout.cloud)
        self.assertEqual(list(after.services)[6:], ["swift", "designate"])
        self.assertEqual({**after.services, **ports.services}, after.services)
        self.assertEqual({**load_passwords(self.layout), **passwords}, load_passwords(self.layout))
        self.assertFalse((self.layout.etc / "barbican").exists())
        self.assertFalse(self.layout.database("barbican").exists())
        self.assertTrue(self.layout.database("designate").exists())

    def test_keystone_knows_user_roles_and_addresses(self):
        self.extend("swift")
        password = load_passwords(self.layout)["swift"]
        user = {"name": "swift", "domain_id": "default", "password": password, "id": "users-0"}
        self.assertEqual(self.keystone.things["users"], [user])
        self.assertEqual(
            self.keystone.roles,
            [f"/projects/the-project/users/users-0/roles/role-{number}" for number in (1, 2)],
        )
        entry = {"name": "swift", "type": "object-store", "id": "services-0"}
        self.assertEqual(self.keystone.things["services"], [entry])
        port = load_ports(self.layout.cloud).services["swift"]
        self.assertEqual(
            {(one["interface"], one["url"]) for one in self.keystone.things["endpoints"]},
            {
                (interface, f"http://127.0.0.1:{port}/v1/AUTH_$(project_id)s")
                for interface in ("public", "internal", "admin")
            },
        )

    def test_an_interrupted_attempt_is_begun_anew_without_leftovers(self):
        self.extend("barbican")
        before = load_ports(self.layout.cloud)
        self.keystone.breaks = True
        with self.assertRaisesRegex(OSError, FAILS):
            self.extend("octavia")
        self.assertEqual(load_ports(self.layout.cloud), before)
        self.keystone.breaks = False
        self.extend("octavia")
        self.extend("octavia")
        self.assertEqual(
            [user["name"] for user in self.keystone.things["users"]], ["barbican", "octavia"]
        )
        self.assertEqual(len(self.keystone.things["endpoints"]), 6)
        self.assertEqual(
            self.keystone.things["users"][1]["password"], load_passwords(self.layout)["octavia"]
        )

    def test_two_clouds_share_no_secret(self):
        other = Layout(self.scratch / "other")
        restore(other, self.template)
        self.extend(*ALL)
        self.extend(*ALL, layout=other)
        for name, section, key in (
            ("barbican/barbican.conf", "simple_crypto_plugin", "kek"),
            ("octavia/octavia.conf", "health_manager", "heartbeat_key"),
            ("swift/swift.conf", "swift-hash", "swift_hash_path_suffix"),
        ):
            mine, theirs = (_read(one, name)[section][key] for one in (self.layout, other))
            self.assertEqual(len(base64.b64decode(mine)), 32)
            self.assertNotEqual(mine, theirs, name)
        self.assertFalse(
            set(load_passwords(self.layout).values()) & set(load_passwords(other).values())
        )

    def test_every_configuration_can_be_read_and_only_by_its_owner(self):
        self.extend(*ALL)
        for service in OPTIONAL:
            for name in service.config:
                if name.endswith(".yaml"):
                    continue
                self.assertTrue(_read(self.layout, name).sections(), name)
        for path in (self.layout.root, *self.layout.root.rglob("*")):
            self.assertFalse(stat.S_IMODE(path.stat().st_mode) & 0o077, path)

    def test_designate_asks_its_own_name_server(self):
        self.extend("designate")
        port = load_ports(self.layout.cloud).inner[MDNS]
        (pool,) = yaml.safe_load((self.layout.etc / "designate/pools.yaml").read_text())
        self.assertEqual(pool["nameservers"], [{"host": "127.0.0.1", "port": port}])
        listen = _read(self.layout, "designate/designate.conf")["service:mdns"]["listen"]
        self.assertEqual(listen, f"127.0.0.1:{port}")


def _read(layout, name):
    parser = configparser.RawConfigParser(strict=True)
    parser.read(layout.etc / name)
    return parser


if __name__ == "__main__":
    unittest.main()
