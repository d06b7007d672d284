"""A host as values: what travels over the socket, and what its launcher reads."""

import json
import os
import shutil
import unittest
from dataclasses import replace

from clouds import CloudCase

from govstack_sandbox.hosts.files import HOST_KEY, INIT, Folder
from govstack_sandbox.hosts.guest import Guest, HostFailed, Interface, Subnet, Volume, guest_of
from govstack_sandbox.hosts.layer import BOARD
from govstack_sandbox.hosts.names import Names

PORT = Interface(
    port="0a1b2c3d-4e5f-6789",
    mac="fa:16:3e:00:00:01",
    mtu=1442,
    subnets=(Subnet(("10.0.1.5",), 24, "10.0.1.1", (("10.7.0.0/16", "10.0.1.254"),)),),
)
GUEST = Guest(uuid="8f14e45f-ceea-467f-a8d3", name="db", base="/base", vcpus=2, memory_mb=512)
VOLUME = Volume("v1", "/volumes/v1", "/var/lib/pgsql")


class AsValues(unittest.TestCase):
    def test_json_and_back(self):
        guest = GUEST.with_interface(PORT).with_volume(VOLUME)
        self.assertEqual(guest_of(json.loads(json.dumps(guest.as_document()))), guest)

    def test_interfaces_get_the_first_free_device(self):
        second, third = (replace(PORT, port=name) for name in ("p2", "p3"))
        guest = GUEST.with_interface(PORT).with_interface(second).without_interface(PORT.port)
        self.assertEqual(
            [one.device for one in guest.with_interface(third).interfaces], ["eth1", "eth0"]
        )

    def test_a_volume_is_there_once(self):
        guest = GUEST.with_volume(VOLUME).with_volume(VOLUME)
        self.assertEqual(guest.volumes, (VOLUME,))
        self.assertEqual(guest.without_volume("v1").volumes, ())

    def test_lines_of_an_interface(self):
        port = GUEST.with_interface(PORT).interfaces[0]
        self.assertEqual(
            port.cloud_lines("gs-12345678-8f14e45f-ceea")[0],
            "link add tap0a1b2c3d-4e mtu 1442 type veth peer name eth0 mtu 1442"
            " address fa:16:3e:00:00:01 netns gs-12345678-8f14e45f-ceea",
        )
        self.assertEqual(
            port.guest_lines(0),
            [
                "link set eth0 up",
                "addr add 10.0.1.5/24 dev eth0",
                "route add 10.7.0.0/16 via 10.0.1.254",
                "route add default via 10.0.1.1 dev eth0",
            ],
        )

    def test_a_further_interface_answers_in_its_own_name(self):
        port = GUEST.with_interface(PORT).interfaces[0]
        self.assertEqual(
            port.guest_lines(100)[-3:],
            [
                "route add default via 10.0.1.1 dev eth0 metric 100",
                "route add default via 10.0.1.1 dev eth0 table 100",
                "rule add from 10.0.1.5 lookup 100",
            ],
        )


class ItsFolder(CloudCase):
    def setUp(self):
        super().setUp()
        self.folder = Folder(self.scratch / "hosts" / GUEST.uuid)
        self.base = self.scratch / "base"
        self.names = Names("12345678")

    def test_a_base_without_an_init_is_refused(self):
        guest = replace(GUEST, base=str(self.base))
        with self.assertRaisesRegex(HostFailed, "missing or damaged"):
            self.folder.create(guest, self.names, {})
        self.assertFalse(self.folder.exists())

    def make_base(self):
        (self.base / INIT).parent.mkdir(parents=True)
        (self.base / INIT).touch()
        (self.base / "etc").mkdir()
        users = "root:x:0:0::/root:/bin/bash\ndebian:x:1000:1000::/home/debian:/bin/bash\n"
        (self.base / "etc/passwd").write_text(users)

    def test_a_base_that_lets_nobody_in_is_refused(self):
        self.make_base()
        (self.base / "etc/passwd").write_text("root:x:0:0::/root:/bin/bash\n")
        with self.assertRaisesRegex(HostFailed, "has no user 1000"):
            self.folder.create(replace(GUEST, base=str(self.base)), self.names, {})

    @unittest.skipIf(os.geteuid() or not shutil.which("ssh-keygen"), "needs root and ssh-keygen")
    def test_a_machine_tells_who_it_is(self):
        self.make_base()
        board = {"sys_vendor": "Inspur", "product_serial": "221733901"}
        machine = replace(GUEST, base=str(self.base), board=board)
        self.folder.create(machine, self.names, {})
        told = self.folder.upper / BOARD.lstrip("/")
        self.assertEqual((told / "sys_vendor").read_text(), "Inspur\n")
        self.assertEqual((told / "product_serial").stat().st_mode & 0o777, 0o400)
        self.assertTrue(self.folder.load().is_machine)
        self.assertFalse(GUEST.is_machine)

    def test_a_machine_is_installed_anew_for_another_place_or_system_only(self):
        machine = replace(GUEST, board={"sys_vendor": "Inspur"})
        placed = machine.with_interface(PORT)
        asked = replace(machine, interfaces=(PORT,))
        self.assertTrue(placed.is_installed_as(asked))
        self.assertTrue(placed.is_installed_as(replace(asked, memory_mb=4096)))
        self.assertFalse(placed.is_installed_as(replace(asked, base="/other")))
        self.assertFalse(placed.is_installed_as(machine))

    @unittest.skipIf(os.geteuid() or not shutil.which("ssh-keygen"), "needs root and ssh-keygen")
    def test_what_makes_a_host_of_a_base(self):
        self.make_base()
        (self.base / "home/debian").mkdir(parents=True, mode=0o750)
        os.chown(self.base / "home/debian", 1000, 1000)
        guest = replace(GUEST, base=str(self.base), keys=("ssh-ed25519 AAAA me",))
        guest = guest.with_interface(PORT).with_volume(VOLUME)
        self.folder.create(guest, self.names, {"meta_data.json": b"{}"})
        upper = self.folder.upper
        self.assertEqual((upper / "etc/hostname").read_text(), "db\n")
        self.assertEqual((upper / "home/debian").stat().st_uid, 1000)
        self.assertEqual((upper / "home/debian").stat().st_mode & 0o777, 0o750)
        keys = upper / "home/debian/.ssh/authorized_keys"
        self.assertEqual((keys.read_text(), keys.stat().st_uid), ("ssh-ed25519 AAAA me\n", 1000))
        self.assertEqual((upper / HOST_KEY).stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.folder.load(), guest)
        text = (self.folder.path / "launch.env").read_text()
        self.assertIn("MACHINE=gs-12345678-8f14e45f-ceea\n", text)
        self.assertEqual((self.folder.path / "binds").read_text(), "/volumes/v1 /var/lib/pgsql\n")

    def test_one_that_is_not_there(self):
        with self.assertRaisesRegex(HostFailed, "there is no host"):
            self.folder.load()


class ItsNames(CloudCase):
    def test_no_two_clouds_have_the_same(self):
        first, second = (Names.of(self.scratch / name) for name in ("one", "two"))
        self.assertNotEqual(first.cloud, second.cloud)
        self.assertEqual(Names.of(self.scratch / "one"), first)
        self.assertTrue(first.machine(GUEST.uuid).startswith(first.cloud))


if __name__ == "__main__":
    unittest.main()
