"""Connect `times` times to `port` of `address`; print how often one of `names` answered.

Who answers must show a certificate of the site for one of these names.
"""

import json
import socket
import ssl
import sys
from collections import Counter

PATIENCE_SECONDS = 5

values = json.load(sys.stdin)
trusting = ssl.create_default_context(cadata=values["authority"])
# Any of several names will do, which is looked at below.
trusting.check_hostname = False
answered: "Counter[str]" = Counter()
trouble = ""
for _ in range(values["times"]):
    try:
        one = socket.create_connection((values["address"], values["port"]), PATIENCE_SECONDS)
        with one, trusting.wrap_socket(one) as secured:
            shown = secured.getpeercert() or {}
            secured.sendall(b"GET / HTTP/1.0\r\n\r\n")
            spoke = secured.recv(9)
    except OSError as error:
        trouble = str(error)
        continue
    names = {name for kind, name in shown.get("subjectAltName", ()) if kind == "DNS"}
    known = sorted(names & set(values["names"]))
    if known and spoke.startswith(b"HTTP/"):
        answered[known[0]] += 1
    else:
        trouble = "{} answered".format(" ".join(sorted(names)))
sys.stdout.write("{} of {} answered".format(sum(answered.values()), values["times"]))
sys.stdout.write(", by " + " ".join(sorted(answered)) if answered else "")
sys.stdout.write(": " + trouble if trouble else "")
