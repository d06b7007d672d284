"""Ports are chosen free, in a row, and kept."""

import socket
import unittest
from unittest import mock

from clouds import CloudCase

from govstack_sandbox import ports
from govstack_sandbox.services import MDNS, OPTIONAL, SERVICES


class Ports(CloudCase):
    def test_chosen_ports_are_free_and_below_outgoing_ones(self):
        chosen = ports.choose_ports(SERVICES)
        self.assertEqual(list(chosen.services), [service.name for service in SERVICES])
        self.assertEqual(chosen.inner, {})
        numbers = list(chosen.services.values())
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(SERVICES))))
        self.assertGreaterEqual(min(numbers), ports.FIRST)
        self.assertLess(max(numbers), 32768)

    def test_a_taken_port_is_passed_over(self):
        free = ports.choose_ports(SERVICES).services["keystone"]
        with ports.listen(free + 1), mock.patch.object(ports, "FIRST", free):
            self.assertNotIn(free + 1, ports.choose_ports(SERVICES).services.values())

    def test_a_port_whose_datagrams_are_taken_is_passed_over(self):
        free = ports.choose_ports(OPTIONAL).inner[MDNS]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((ports.ADDRESS, free))
            with mock.patch.object(ports, "FIRST", free):
                chosen = ports.choose_ports(OPTIONAL)
        self.assertNotIn(free, {**chosen.services, **chosen.inner}.values())

    def test_what_a_service_listens_for_besides_has_a_port_of_its_own(self):
        chosen = ports.choose_ports(OPTIONAL)
        self.assertEqual(list(chosen.services), ["barbican", "designate", "octavia", "swift"])
        self.assertEqual(
            list(chosen.inner),
            ["designate-mdns", "swift-account", "swift-container", "swift-object"],
        )
        self.assertEqual(len({*chosen.services.values(), *chosen.inner.values()}), 8)

    def test_no_free_ports_is_said(self):
        with (
            mock.patch.object(ports, "_is_free", return_value=False),
            self.assertRaisesRegex(OSError, "no 6 free ports in a row between 20000 and 32000"),
        ):
            ports.choose_ports(SERVICES)

    def test_saved_ports_are_loaded_again(self):
        chosen = ports.choose_ports((*SERVICES, *OPTIONAL))
        ports.save_ports(self.layout, chosen)
        self.assertEqual(ports.load_ports(self.layout.cloud), chosen)

    def test_a_cloud_from_before_there_were_optional_services_can_be_read(self):
        self.layout.create()
        self.layout.cloud.write_text('{"format": 1, "ports": {"keystone": 20000}}')
        self.assertEqual(ports.load_ports(self.layout.cloud), ports.Ports({"keystone": 20000}))

    def test_a_newer_format_is_refused(self):
        self.layout.create()
        self.layout.cloud.write_text('{"format": 2, "ports": {}}')
        with self.assertRaisesRegex(ValueError, "has format 2, this govstack knows 1"):
            ports.load_ports(self.layout.cloud)


if __name__ == "__main__":
    unittest.main()
