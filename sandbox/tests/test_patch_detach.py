"""nova detaches volumes from servers on all hosts of its process."""

import unittest

from alone import run_alone

from govstack_sandbox.patches.detach import AnyOfOurs


class Detach(unittest.TestCase):
    def test_the_name_equals_all_our_hosts_and_no_others(self):
        name = AnyOfOurs("sandbox")
        self.assertTrue(name == "compute-1" and name == "compute-3" and name == "sandbox")
        self.assertFalse(name == "compute-9")
        self.assertTrue(name != "compute-9")
        self.assertFalse(name != "compute-2")
        self.assertEqual({name: 1}["sandbox"], 1)

    def test_upstream_compares_the_host_in_one_place(self):
        printed = run_alone(
            """
            import inspect
            from nova.virt import block_device
            source = inspect.getsource(block_device)
            print(source.count("CONF.host"), source.count("if CONF.host == instance.host:"))
            """,
            "nova",
        )
        self.assertEqual(printed, "1 1")

    def test_other_settings_are_nova_s(self):
        printed = run_alone(
            """
            import nova.conf
            nova.conf.CONF(["--config-file", "/dev/null"], project="nova")
            nova.conf.CONF.set_override("host", "sandbox")
            from govstack_sandbox.patches import detach
            detach.apply()
            from nova.virt import block_device
            print(block_device.CONF.host == "compute-2")
            print(block_device.CONF.my_ip == nova.conf.CONF.my_ip)
            print(nova.conf.CONF.host == "compute-2")
            """,
            "nova",
        )
        self.assertEqual(printed, "True\nTrue\nFalse")


if __name__ == "__main__":
    unittest.main()
