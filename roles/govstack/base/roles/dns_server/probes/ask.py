"""Ask the name server at `server` for `records`, and count those that it tells as they should be.

A record has a name, relative to `zone` unless it ends with a dot, and a value; only addresses are
compared, of other kinds it is enough that there is one.
"""

import json
import random
import socket
import struct
import sys
from collections import defaultdict

PATIENCE_SECONDS = 2
KINDS = {"A": 1, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}
ADDRESS, POINTER = 1, 0xC0


def question(number: int, name: str, kind: int) -> bytes:
    """Return a question as RFC 1035 has it."""
    labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    written = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + written + struct.pack("!2H", kind, 1)


def past_name(message: bytes, place: int) -> int:
    """Return where a name ends."""
    while message[place]:
        if message[place] >= POINTER:
            return place + 2
        place += 1 + message[place]
    return place + 1


def answers(message: bytes) -> "list[tuple[int, bytes]]":
    """Return kinds and data of what was answered."""
    asked, count = struct.unpack("!2H", message[4:8])
    place, found = 12, []
    for _ in range(asked):
        place = past_name(message, place) + 4
    for _ in range(count):
        place = past_name(message, place)
        kind, _, _, length = struct.unpack("!HHIH", message[place : place + 10])
        found.append((kind, message[place + 10 : place + 10 + length]))
        place += 10 + length
    return found


def ask(server: str, name: str, kind: int) -> "list[str]":
    """Return the addresses that a name has, or the data of another kind."""
    number = random.getrandbits(16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.settimeout(PATIENCE_SECONDS)
        asked.connect((server, 53))
        asked.send(question(number, name, kind))
        told = answers(asked.recv(4096))
    right = (data for found, data in told if found == kind)
    return [socket.inet_ntoa(data) if kind == ADDRESS else data.hex() for data in right]


values = json.load(sys.stdin)
wanted: "dict[tuple[str, int], set[str]]" = defaultdict(set)
for record in values["records"]:
    kind = KINDS.get(record.get("type", ""), record.get("kind", ADDRESS))
    name = record["name"]
    if not name.endswith("."):
        name = values["zone"] if name == "@" else name + "." + values["zone"]
    wanted[name, kind].add(record.get("value", ""))
wrong = []
for (name, kind), known in wanted.items():
    try:
        seen = ask(values["server"], name, kind)
    except OSError as error:
        sys.exit("{} does not answer: {}".format(values["server"], error))
    if not seen or (kind == ADDRESS and set(seen) != known):
        wrong.append("{} is {}".format(name, " and ".join(seen) or "not known"))
sys.stdout.write(f"{len(wanted) - len(wrong)} of {len(wanted)} are right")
sys.stdout.write("".join(": " + one for one in wrong[:1]))
