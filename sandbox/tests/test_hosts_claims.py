"""A virtual address is where a host says that it is, if neutron lets it."""

import struct
import unittest
from dataclasses import replace

from harbours import CLOUD

from govstack_sandbox.hosts.claims import SILENT_SECONDS, Claims, Heard, question, read
from govstack_sandbox.hosts.names import tap
from govstack_sandbox.hosts.neutron import Port
from govstack_sandbox.hosts.routes import routing, table_of

SHARED = "10.0.1.100"
ONE = Port(id="11111111-1111", network="front", mac="", addresses=("10.0.1.11",), pairs=(SHARED,))
TWO = replace(ONE, id="22222222-2222", addresses=("10.0.1.12",))
OTHER = replace(ONE, id="33333333-3333", addresses=("10.0.1.13",), pairs=())
PAIR = replace(CLOUD, ports=(ONE, TWO, OTHER))


class Clock:
    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time


class WhoHasIt(unittest.TestCase):
    def setUp(self):
        self.clock = Clock()
        self.claims = Claims(self.clock)
        self.claims.follow(PAIR)

    def says(self, port, address=SHARED, *, announced=False):
        self.claims.hear(Heard(tap(port.id), address, announced))

    def holder(self):
        return self.claims.held().get(("front", SHARED))

    def test_nobody_at_first(self):
        self.assertIsNone(self.holder())
        self.assertEqual(self.claims.questions(), [(tap(ONE.id), SHARED), (tap(TWO.id), SHARED)])

    def test_who_announces_it_has_it_at_once(self):
        self.says(ONE, announced=True)
        self.says(TWO, announced=True)
        self.assertEqual(self.holder(), TWO.id)

    def test_of_two_who_answer_the_first_keeps_it(self):
        self.says(ONE)
        self.says(TWO)
        self.assertEqual(self.holder(), ONE.id)

    def test_who_is_silent_loses_it(self):
        self.says(ONE)
        self.clock.time = SILENT_SECONDS + 0.1
        self.assertIsNone(self.holder())
        self.says(TWO)
        self.assertEqual(self.holder(), TWO.id)

    def test_what_neutron_does_not_allow_is_not_believed(self):
        self.says(OTHER, announced=True)
        self.says(ONE, "10.0.1.101", announced=True)
        self.claims.hear(Heard("eth0", SHARED, announced=True))
        self.assertEqual(self.claims.held(), {})

    def test_what_neutron_allows_no_more_is_nobodys(self):
        self.says(ONE)
        self.claims.follow(replace(PAIR, ports=(replace(ONE, pairs=()), TWO)))
        self.assertEqual(self.claims.held(), {})

    def test_a_range_may_be_allowed(self):
        self.claims.follow(replace(PAIR, ports=(replace(ONE, pairs=("10.0.1.96/28",)),)))
        self.assertEqual(self.claims.questions(), [])
        self.says(ONE, announced=True)
        self.assertEqual(self.holder(), ONE.id)
        self.assertEqual(self.claims.questions(), [(tap(ONE.id), SHARED)])

    def test_it_is_routed_there(self):
        self.says(TWO)
        found = routing(PAIR, (tap(ONE.id), tap(TWO.id)), self.claims.held())
        self.assertIn((table_of("front"), SHARED, tap(TWO.id)), found.routes)
        self.assertNotIn((table_of("front"), SHARED, tap(ONE.id)), found.routes)


class Packets(unittest.TestCase):
    def test_an_announcement_names_one_address_twice(self):
        own = bytes([10, 0, 1, 100])
        frame = struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, bytes(6), own, bytes(6), own)
        self.assertEqual(read("tap1", frame), Heard("tap1", SHARED, announced=True))

    def test_a_question_of_ours_says_nothing(self):
        self.assertIsNone(read("tap1", question(SHARED)))
        self.assertIsNone(read("tap1", b"short"))


if __name__ == "__main__":
    unittest.main()
