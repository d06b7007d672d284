"""Speak TLS with `address` and `port` without a certificate; print what becomes of it."""

import json
import socket
import ssl
import sys

PATIENCE_SECONDS = 5

values = json.load(sys.stdin)
# Who is there does not matter here: another probe looks at that.
anybody = ssl._create_unverified_context()  # noqa: S323, SLF001
told = "let in"
try:
    plain = socket.create_connection((values["address"], values["port"]), PATIENCE_SECONDS)
    with plain, anybody.wrap_socket(plain) as secured:
        # By TLS 1.3 a client hears only after the handshake that it is not welcome.
        secured.sendall(b"6 <13>1 -")
        if secured.recv(1) == b"":
            told = "turned away"
except TimeoutError:
    pass
except (ssl.SSLError, ConnectionError):
    told = "turned away"
sys.stdout.write(told)
