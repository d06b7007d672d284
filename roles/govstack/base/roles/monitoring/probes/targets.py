"""Ask the monitoring at `place` which of the hosts `names` answer it; print their number."""

import json
import sys
import urllib.request

PATIENCE_SECONDS = 10

values = json.load(sys.stdin)
url = "http://{}/api/v1/query?query=up".format(values["place"])
with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as told:  # noqa: S310 - our own
    found = json.load(told)["data"]["result"]
up = {one["metric"].get("host") for one in found if one["value"][1] == "1"}
down = [name for name in values["names"] if name not in up]
sys.stdout.write("{} of {} answer".format(len(values["names"]) - len(down), len(values["names"])))
sys.stdout.write("".join(", not " + name for name in down))
