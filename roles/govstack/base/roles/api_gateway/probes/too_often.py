"""Ask `path` of a gateway up to `times` times at once; print whether it makes us wait."""

import http.client
import json
import socket
import ssl
import sys

PATIENCE_SECONDS = 10
TOO_MANY = 429


class Known(http.client.HTTPSConnection):
    """A connection to an address, with the name that is expected there."""

    address = ""

    def connect(self) -> None:
        """Connect, and see that it is who the name says."""
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


values = json.load(sys.stdin)
trusting = ssl.create_default_context(cadata=values["authority"])
asked = Known(values["name"], values["port"], timeout=PATIENCE_SECONDS, context=trusting)
asked.address = values["address"]
told = "let through each time"
for _ in range(values["times"]):
    asked.request("GET", values["path"], headers={"X-API-Key": values["key"]})
    reply = asked.getresponse()
    reply.read()
    if reply.status == TOO_MANY:
        told = "told to wait" if reply.getheader("Retry-After") else "not told for how long to wait"
        break
sys.stdout.write(told)
