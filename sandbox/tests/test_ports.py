"""Ports are chosen free, in a row, and kept."""

import unittest
from unittest import mock

from clouds import CloudCase

from govstack_sandbox import ports
from govstack_sandbox.services import SERVICES


class Ports(CloudCase):
    def test_chosen_ports_are_free_and_below_outgoing_ones(self):
        chosen = ports.choose_ports()
        self.assertEqual(list(chosen), [service.name for service in SERVICES])
        numbers = list(chosen.values())
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(SERVICES))))
        self.assertGreaterEqual(min(numbers), ports.FIRST)
        self.assertLess(max(numbers), 32768)

    def test_a_taken_port_is_passed_over(self):
        free = ports.choose_ports()["keystone"]
        with ports.listen(free + 1), mock.patch.object(ports, "FIRST", free):
            self.assertNotIn(free + 1, ports.choose_ports().values())

    def test_no_free_ports_is_said(self):
        with (
            mock.patch.object(ports, "_is_free", return_value=False),
            self.assertRaisesRegex(OSError, "no 6 free ports in a row between 20000 and 32000"),
        ):
            ports.choose_ports()

    def test_saved_ports_are_loaded_again(self):
        chosen = ports.choose_ports()
        ports.save_ports(self.layout, chosen)
        self.assertEqual(ports.load_ports(self.layout.cloud), chosen)

    def test_a_newer_format_is_refused(self):
        self.layout.create()
        self.layout.cloud.write_text('{"format": 2, "ports": {}}')
        with self.assertRaisesRegex(ValueError, "has format 2, this govstack knows 1"):
            ports.load_ports(self.layout.cloud)


if __name__ == "__main__":
    unittest.main()
