"""Ask the name server at `server` for the whole of `zone`; print what becomes of it."""

import json
import socket
import struct
import sys

PATIENCE_SECONDS = 3
AXFR, REFUSED = 252, 5
NOT_AUTHORISED = 9

values = json.load(sys.stdin)
labels = [label.encode("idna") for label in values["zone"].rstrip(".").split(".")]
name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
message = struct.pack("!6H", 1, 0, 1, 0, 0, 0) + name + struct.pack("!2H", AXFR, 1)
with socket.create_connection((values["server"], 53), PATIENCE_SECONDS) as asked:
    asked.sendall(struct.pack("!H", len(message)) + message)
    told = asked.recv(4096)
code = told[5] & 0x0F if len(told) > 5 else REFUSED  # noqa: PLR2004 - where RFC 1035 has it
sys.stdout.write("refused" if code in {REFUSED, NOT_AUTHORISED} else f"code {code}")
