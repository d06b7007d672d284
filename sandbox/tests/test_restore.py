"""Each cloud has secrets, ports and addresses of its own."""

import configparser
import json
import stat
import unittest

import bcrypt
from clouds import CloudCase, rows, write_template
from cryptography.fernet import Fernet

from govstack_sandbox.credentials import load_passwords
from govstack_sandbox.layout import Layout
from govstack_sandbox.ports import load_ports
from govstack_sandbox.restore import restore
from govstack_sandbox.services import OPTIONAL, SERVICES


class Restore(CloudCase):
    def setUp(self):
        super().setUp()
        self.template = write_template(self.scratch / "template")

    def test_passwords_are_new_and_known_to_keystone_only_as_hashes(self):
        restore(self.layout, self.template)
        passwords = load_passwords(self.layout)
        found = rows(
            self.layout.database("keystone"),
            "SELECT name, password_hash FROM password JOIN local_user ON local_user_id = id",
        )
        self.assertEqual({name for name, _ in found}, set(passwords))
        for name, hashed in found:
            self.assertTrue(bcrypt.checkpw(passwords[name].encode(), hashed.encode()), name)

    def test_two_clouds_share_no_secret_and_no_port(self):
        other = Layout(self.scratch / "other")
        restore(self.layout, self.template)
        restore(other, self.template)
        mine, theirs = load_passwords(self.layout), load_passwords(other)
        self.assertFalse(set(mine.values()) & set(theirs.values()))
        keys = [
            path.read_text()
            for layout in (self.layout, other)
            for path in (layout.etc / "keystone").glob("*/[01]")
        ]
        self.assertEqual(len(set(keys)), 8)
        for key in keys:
            Fernet(key)
        self.assertNotEqual(load_ports(self.layout.cloud), load_ports(other.cloud))

    def test_endpoints_and_cells_lead_to_this_cloud(self):
        restore(self.layout, self.template)
        ports = load_ports(self.layout.cloud).services
        endpoints = dict(
            rows(self.layout.database("keystone"), "SELECT service_id, url FROM endpoint")
        )
        self.assertEqual(
            endpoints,
            {service.name: service.endpoint(ports[service.name]) for service in SERVICES},
        )
        cells = dict(rows(self.layout.database("nova_api"), "SELECT * FROM cell_mappings"))
        self.assertEqual(
            cells,
            {
                "cell0": f"sqlite:///{self.layout.root}/db/nova_cell0.sqlite",
                "cell1": f"sqlite:///{self.layout.root}/db/nova_cell1.sqlite",
            },
        )

    def test_only_the_owner_may_enter_or_read(self):
        restore(self.layout, self.template)
        for path in (self.layout.root, *self.layout.root.rglob("*")):
            self.assertFalse(stat.S_IMODE(path.stat().st_mode) & 0o077, path)

    def test_an_interrupted_restore_is_begun_anew(self):
        self.layout.create()
        (self.layout.db / "keystone.sqlite").write_text("half a data")
        (self.layout.data / "seeded").touch()
        restore(self.layout, self.template)
        self.assertFalse(self.layout.seeded.exists())
        self.assertEqual(len(rows(self.layout.database("keystone"), "SELECT 1 FROM password")), 7)

    def test_the_clouds_file_leads_to_the_administrator(self):
        restore(self.layout, self.template)
        entry = json.loads(self.layout.clouds.read_text())["clouds"]["govstack-sandbox"]
        port = load_ports(self.layout.cloud).services["keystone"]
        self.assertEqual(
            entry,
            {
                "auth_type": "password",
                "auth": {
                    "auth_url": f"http://127.0.0.1:{port}/v3",
                    "username": "admin",
                    "password": load_passwords(self.layout)["admin"],
                    "project_name": "admin",
                    "user_domain_name": "Default",
                    "project_domain_name": "Default",
                },
                "region_name": "RegionOne",
                "interface": "public",
                "identity_api_version": "3",
            },
        )

    def test_every_configuration_can_be_read_and_names_its_user(self):
        restore(self.layout, self.template)
        passwords = load_passwords(self.layout)
        for service in SERVICES:
            parser = configparser.RawConfigParser(strict=True)
            parser.read(self.layout.etc / name for name in service.config)
            if service.name == "keystone":
                continue
            self.assertEqual(parser["keystone_authtoken"]["username"], service.name)
            self.assertEqual(parser["keystone_authtoken"]["password"], passwords[service.name])

    def test_the_key_of_volumes_is_this_cloud_s_and_shared_by_those_who_need_it(self):
        other = Layout(self.scratch / "other")
        restore(self.layout, self.template)
        restore(other, self.template)
        keys = [
            _volume_key(one, name) for one in (self.layout, other) for name in ("cinder", "nova")
        ]
        self.assertEqual({len(key) for key in keys}, {64})
        self.assertEqual(keys[0], keys[1])
        self.assertNotEqual(keys[1], keys[2])

    def test_a_new_cloud_has_nothing_of_optional_services(self):
        restore(self.layout, self.template)
        for service in OPTIONAL:
            self.assertFalse(list(self.layout.root.rglob(f"*{service.name}*")), service.name)


def _volume_key(layout, service):
    parser = configparser.RawConfigParser(strict=True)
    parser.read(layout.etc / service / f"{service}.conf")
    return parser["key_manager"]["fixed_key"]


if __name__ == "__main__":
    unittest.main()
