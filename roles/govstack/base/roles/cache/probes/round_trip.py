"""Put `word` into a cache over TLS and take it out again; print it, and whether more can be had."""

import json
import socket
import ssl
import sys

PATIENCE_SECONDS = 10
LIFE_SECONDS = "60"


class Link:
    """A connection with a cache that speaks RESP, known by its certificate."""

    def __init__(self, values: dict) -> None:
        trusting = ssl.create_default_context(cadata=values["authority"])
        place = (values["address"], values["port"])
        plain = socket.create_connection(place, PATIENCE_SECONDS)
        secured = trusting.wrap_socket(plain, server_hostname=values["name"])
        self._stream = secured.makefile("rwb")

    def ask(self, *words: str) -> str:
        """Return what is answered; errors begin with a dash."""
        parts = [word.encode() for word in words]
        written = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        self._stream.write(b"*%d\r\n" % len(parts) + written)
        self._stream.flush()
        line = self._stream.readline().decode().strip()
        if line.startswith("$") and line != "$-1":
            return self._stream.read(int(line[1:]) + 2).decode().strip()
        return line

    def need(self, *words: str) -> str:
        """Return what is answered, if it is no error."""
        told = self.ask(*words)
        if told.startswith("-"):
            sys.exit(f"{words[0]}: {told[1:]}")
        return told


values = json.load(sys.stdin)
link = Link(values)
if values["account"]:
    link.need("AUTH", values["account"], values["password"])
key = values["prefix"] + "govstack-verify"
link.need("SET", key, values["word"], "EX", LIFE_SECONDS)
found = link.need("GET", key)
link.need("DEL", key)
other = link.ask("GET", "govstack-verify-of-nobody")
sys.stdout.write("{}, others {}".format(found, "refused" if other[:7] == "-NOPERM" else other))
