"""Make `requests` to the demonstration application at `port` as somebody who has signed in.

Who has signed in is told by a mark that only the application can make, with `session_key`.
"""

import base64
import hmac
import json
import sys
import time
import urllib.error
import urllib.request

PATIENCE_SECONDS = 20
SESSION_SECONDS = 60

values = json.load(sys.stdin)
told = f"session {time.time() + SESSION_SECONDS} govstack-verify"
ticket = base64.urlsafe_b64encode(told.encode()).decode()
mark = hmac.new(values["session_key"].encode(), ticket.encode(), "sha256").hexdigest()
headers = {"Content-Type": "application/json", "Cookie": f"session={ticket}.{mark}"}
for method, path, asked in values["requests"]:
    data = None if asked is None else json.dumps(asked).encode()
    url = "http://127.0.0.1:{}{}".format(values["port"], path)
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - as above
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            sys.stdout.write(answer.read().decode())
    except urllib.error.HTTPError as failed:
        sys.exit(f"{method} {path} is answered {failed.code}: {failed.read().decode().strip()}")
    except OSError as failed:
        sys.exit(f"the application does not answer: {failed}")
