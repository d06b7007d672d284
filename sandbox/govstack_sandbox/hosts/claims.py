"""Which host has an address that several may have (a virtual address, by allowed address pairs).

Between routed ports there is no common wire, so that one host's word does not reach the others.
It reaches the cloud: whoever takes an address tells it by ARP, as keepalived does, or answers
when asked.  An announcement is believed at once; an answer only where nobody else answers, so
that two who have the same address do not take turns.  Only an address that neutron lets the port
speak for can be claimed.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from govstack_sandbox.hosts.names import tap
from govstack_sandbox.hosts.neutron import Cloud

ARP: Final = 0x0806
FRAME: Final = struct.Struct("!HHBBH6s4s6s4s")
ETHERNET: Final = (1, 0x0800, 6, 4)
REQUEST: Final = 1
ASKER: Final = bytes.fromhex("020000000001")
BROADCAST: Final = b"\xff" * 6
NOBODY: Final = bytes(4)
ASK_SECONDS: Final = 1.0
SILENT_SECONDS: Final = 3.5
"""A claim lapses when its host has not answered for so long, which is some three questions."""

Claim = tuple[str, str]
"""A network and an address in it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An ARP packet from a host: which address it says it has, and whether unasked."""

    device: str
    address: str
    announced: bool


class Claims:
    """Who has which virtual address; `now` tells the time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._turn = threading.Lock()
        self._allowed: dict[str, tuple[str, str, tuple[str, ...]]] = {}
        self._held: dict[Claim, tuple[str, float]] = {}

    def follow(self, cloud: Cloud) -> None:
        """Take note of what ports may claim; what one may no more is nobody's."""
        with self._turn:
            self._allowed = {
                tap(port.id): (port.id, port.network, port.pairs)
                for port in cloud.ports
                if port.pairs and port.up
            }
            allowed = {
                (port, network, pair)
                for port, network, pairs in self._allowed.values()
                for pair in pairs
            }
            self._held = {
                (network, address): (port, heard)
                for (network, address), (port, heard) in self._held.items()
                if any((port, network) == one[:2] and _covers(one[2], address) for one in allowed)
            }

    def hear(self, heard: Heard) -> None:
        """Take note of what a host says."""
        with self._turn:
            port, network, pairs = self._allowed.get(heard.device, ("", "", ()))
            if not any(_covers(pair, heard.address) for pair in pairs):
                return
            claim = (network, heard.address)
            holder, last = self._held.get(claim, ("", 0.0))
            lapsed = self._now() - last > SILENT_SECONDS
            if heard.announced or not holder or holder == port or lapsed:
                self._held[claim] = (port, self._now())

    def held(self) -> Mapping[Claim, str]:
        """Return the port of each address that somebody has."""
        with self._turn:
            now = self._now()
            return {
                claim: port
                for claim, (port, heard) in self._held.items()
                if now - heard <= SILENT_SECONDS
            }

    def questions(self) -> list[tuple[str, str]]:
        """Return what is to be asked where: pairs of device and address."""
        with self._turn:
            single = {
                (device, pair)
                for device, (_, _, pairs) in self._allowed.items()
                for pair in pairs
                if "/" not in pair or pair.endswith("/32")
            }
            known = {
                (device, address)
                for device, (_, network, pairs) in self._allowed.items()
                for held_in, address in self._held
                if held_in == network and any(_covers(pair, address) for pair in pairs)
            }
        return sorted({(device, address.partition("/")[0]) for device, address in single | known})


class Listener:
    """Hears and asks in the cloud's namespace; made by a thread that is in there."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ARP))

    def start(self) -> None:
        """Begin, in threads of its own."""
        for work in (self._listen, self._ask):
            threading.Thread(target=work, daemon=True).start()

    def _listen(self) -> None:
        while True:
            packet, (device, *_) = self._socket.recvfrom(FRAME.size)
            heard = read(device, packet)
            if heard is not None:
                self._claims.hear(heard)

    def _ask(self) -> None:
        while True:
            for device, address in self._claims.questions():
                try:
                    place = (device, ARP, 0, 0, BROADCAST)
                    self._socket.sendto(question(address), place)
                except OSError:  # the device has gone meanwhile
                    continue
            time.sleep(ASK_SECONDS)


def read(device: str, packet: bytes) -> Heard | None:
    """Return what a packet says, None if it says nothing of an address of its sender."""
    if len(packet) < FRAME.size:
        return None
    *kind, _, _, sender, _, target = FRAME.unpack(packet[: FRAME.size])
    if tuple(kind) != ETHERNET or sender == NOBODY:
        return None
    return Heard(device, str(IPv4Address(sender)), announced=sender == target)


def question(address: str) -> bytes:
    """Return the packet that asks who has an address, as one asks before taking it oneself."""
    target = IPv4Address(address).packed
    return FRAME.pack(*ETHERNET, REQUEST, ASKER, NOBODY, bytes(6), target)


def _covers(pair: str, address: str) -> bool:
    return IPv4Address(address) in IPv4Network(pair)
