"""Have `word` encrypted, decrypted and signed by a key service; print what worked."""

import base64
import http.client
import json
import socket
import ssl
import sys

PATIENCE_SECONDS = 10
OK = 200


class Known(http.client.HTTPSConnection):
    """A connection to an address, with the name that is expected there."""

    address = ""

    def connect(self) -> None:
        """Connect, and see that it is who the name says."""
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


def b64(data: bytes) -> str:
    """Return data as the service takes them."""
    return base64.b64encode(data).decode()


values = json.load(sys.stdin)
trusting = ssl.create_default_context(cadata=values["authority"])
login = b64("{}:{}".format(values["account"], values["password"]).encode())


def ask(key: str, what: str, **told: str) -> dict:
    """Return what the service answers."""
    asked = Known(values["name"], values["port"], timeout=PATIENCE_SECONDS, context=trusting)
    asked.address = values["address"]
    headers = {"Authorization": "Basic " + login, "Content-Type": "application/json"}
    asked.request("POST", f"/keys/{key}/{what}", json.dumps(told), headers)
    reply = asked.getresponse()
    text = reply.read().decode()
    if reply.status != OK:
        sys.exit(f"{what} with {key}: {reply.status} {text}")
    found: dict = json.loads(text)
    return found


data, context = b64(values["word"].encode()), b64(b"govstack verify")
hidden = ask(values["encryption"], "encrypt", data=data, context=context)["data"]
if hidden == data:
    sys.exit("what was encrypted is as it was before")
if ask(values["encryption"], "decrypt", data=hidden, context=context)["data"] != data:
    sys.exit("what was decrypted is something else")
if not ask(values["signature"], "sign", data=data)["signature"]:
    sys.exit("the signature is empty")
sys.stdout.write("encrypted, decrypted, signed")
