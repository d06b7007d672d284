"""Ask the time server at `address`; print by how many seconds our clock is off its own."""

import json
import socket
import struct
import sys
import time

SINCE_1900 = 2208988800
PATIENCE_SECONDS = 3
CLIENT = 0x23
"""Version 4, as a client: RFC 5905."""


def seconds(whole: int, fraction: int) -> float:
    """Return a time of the protocol as one of this system."""
    return whole - SINCE_1900 + fraction / 2**32


address = json.load(sys.stdin)["address"]
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
    asked.settimeout(PATIENCE_SECONDS)
    left = time.time()
    try:
        asked.sendto(bytes([CLIENT]) + bytes(47), (address, 123))
        told = asked.recv(48)
    except OSError as error:
        sys.exit(f"{address} does not answer: {error}")
    back = time.time()
stratum, numbers = told[1], struct.unpack("!4I", told[32:48])
if not stratum:
    sys.exit(f"{address} does not know the time itself")
came, went = seconds(*numbers[:2]), seconds(*numbers[2:])
sys.stdout.write(f"{abs((came - left + went - back) / 2):.6f}")
