"""Send `word` through a queue of our own over AMQP 0-9-1 and TLS; print what comes back."""

import json
import socket
import ssl
import struct
import sys

PATIENCE_SECONDS = 10
METHOD, HEADER, BODY, END = 1, 2, 3, 0xCE
CLOSE = (10, 50)
GONE_WITH_US = 0b1100
"""Exclusive, and deleted by itself."""


def short(text: str) -> bytes:
    """Return a short text."""
    written = text.encode()
    return bytes([len(written)]) + written


def long(text: str) -> bytes:
    """Return a long text."""
    written = text.encode()
    return struct.pack("!I", len(written)) + written


class Link:
    """A connection with a broker, known by its certificate."""

    def __init__(self, values: dict) -> None:
        trusting = ssl.create_default_context(cadata=values["authority"])
        place = (values["address"], values["port"])
        plain = socket.create_connection(place, PATIENCE_SECONDS)
        self._stream = trusting.wrap_socket(plain, server_hostname=values["name"])
        self._stream.sendall(b"AMQP\x00\x00\x09\x01")

    def say(self, channel: int, kind: int, payload: bytes) -> None:
        """Send a frame."""
        head = struct.pack("!BHI", kind, channel, len(payload))
        self._stream.sendall(head + payload + bytes([END]))

    def call(self, channel: int, number: "tuple[int, int]", arguments: bytes) -> None:
        """Send a method."""
        self.say(channel, METHOD, struct.pack("!HH", *number) + arguments)

    def told(self) -> "tuple[int, bytes]":
        """Return kind and payload of the next frame."""
        kind, _, size = struct.unpack("!BHI", self._read(7))
        return kind, self._read(size + 1)[:-1]

    def await_(self, number: "tuple[int, int]") -> bytes:
        """Return the arguments of a method that is expected now."""
        _, payload = self.told()
        found = struct.unpack("!HH", payload[:4])
        if found == CLOSE:
            sys.exit("refused: " + payload[7 : 7 + payload[6]].decode())
        if found != number:
            sys.exit(f"the broker answers by method {found}, not {number}")
        return payload[4:]

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._stream.recv(size - len(data))
            if not more:
                sys.exit("refused: the broker ended the connection, as it does after a wrong login")
            data += more
        return data


values = json.load(sys.stdin)
link = Link(values)
link.await_((10, 10))
login = "\0{}\0{}".format(values["account"], values["password"])
link.call(0, (10, 11), long("") + short("PLAIN") + long(login) + short("en_US"))
limits = link.await_((10, 30))
link.call(0, (10, 31), limits[:6] + b"\0\0")
link.call(0, (10, 40), short(values["space"]) + b"\0\0")
link.await_((10, 41))
link.call(1, (20, 10), b"\0")
link.await_((20, 11))
link.call(1, (50, 10), b"\0\0" + short("") + bytes([GONE_WITH_US]) + long(""))
declared = link.await_((50, 11))
queue = declared[1 : 1 + declared[0]].decode()
word = values["word"].encode()
link.call(1, (60, 40), b"\0\0" + short("") + short(queue) + b"\0")
link.say(1, HEADER, struct.pack("!HHQH", 60, 0, len(word), 0))
link.say(1, BODY, word)
link.call(1, (60, 70), b"\0\0" + short(queue) + b"\1")
link.await_((60, 71))
link.told()
came = link.told()[1].decode()
link.call(0, CLOSE, struct.pack("!H", 200) + short("") + b"\0\0\0\0")
sys.stdout.write(came)
