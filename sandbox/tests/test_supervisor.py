"""The supervisor, with services that only pretend."""

import json
import logging
import os
import signal
import sys
import textwrap
import threading
import time
import unittest
from unittest import mock

from clouds import CloudCase, write_template

from govstack_sandbox import children, supervisor
from govstack_sandbox.layout import write_private
from govstack_sandbox.report import Report
from govstack_sandbox.services import SERVICES
from govstack_sandbox.supervisor import Supervisor

PROGRAM = textwrap.dedent("""
    import json, os, pathlib, signal, socket, sys
    if sys.argv[1] == "extend":
        root = pathlib.Path(sys.argv[2])
        if (root / "refused").exists():
            print("RequestFailed: keystone says no")
            sys.exit(1)
        cloud = json.loads((root / "cloud.json").read_text())
        for name in sys.argv[4:]:
            with socket.create_server(("127.0.0.1", 0)) as probe:
                cloud["ports"][name] = probe.getsockname()[1]
        (root / "cloud.json").write_text(json.dumps(cloud))
        sys.exit()
    root = pathlib.Path(sys.argv[-1 if sys.argv[1] == "settle" else 3])
    if sys.argv[1] == "settle":
        print("NotReady: no compute-2")
        sys.exit((root / "unready").exists())
    broken = root / "broken"
    if broken.exists() and sys.argv[2] == broken.read_text():
        sys.exit(3)
    os.write(int(sys.argv[sys.argv.index("--notify") + 1]), b"ready\\n")
    if (root / "deaf").exists():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (root / "heard").touch()
    signal.pause()
""")


class Supervise(CloudCase):
    def setUp(self):
        super().setUp()
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)
        for number in (signal.SIGTERM, signal.SIGINT):
            self.addCleanup(signal.signal, number, signal.getsignal(number))
        program = (sys.executable, "-P", "-c", PROGRAM)
        self.patch(children, "PROGRAM", program)
        self.patch(supervisor, "FIRST_PAUSE", 0.01)
        self.layout.create()
        self.seen = []

    def patch(self, module, name, value):
        patcher = mock.patch.object(module, name, value)
        patcher.start()
        self.addCleanup(patcher.stop)

    def supervise(self, act=None):
        """Run a supervisor while `act` acts in a thread; it is told to stop afterwards."""
        made = Supervisor(self.layout, Report(self.layout, os.getpid()))
        thread = threading.Thread(target=self.act, args=(act,))
        try:
            made.prepare(write_template(self.scratch / "template"))
            thread.start()
            made.run()
        finally:
            made.stop()
            thread.join()
        return made.report

    def act(self, act):
        try:
            if act:
                act()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def status(self):
        found = json.loads(self.layout.status.read_text())
        self.seen.append(found["state"])
        return found

    def until(self, condition):
        deadline = time.monotonic() + 20
        while not condition(self.status()):
            if time.monotonic() > deadline:
                raise AssertionError(self.status())
            time.sleep(0.005)

    def want(self, number, *services):
        document = {"request": number, "services": services, "template": "template"}
        write_private(self.layout.wanted, json.dumps(document))
        os.kill(os.getpid(), signal.SIGHUP)

    def until_running(self):
        self.until(lambda found: found["state"] == "running")

    def until_all_run(self):
        self.until(
            lambda found: {one["state"] for one in found["services"].values()} == {"running"}
        )

    def pids(self):
        return {name: one["pid"] for name, one in self.status()["services"].items()}

    def test_all_services_run_and_end_with_the_supervisor(self):
        pids = {}

        def act():
            self.until_running()
            pids.update(self.pids())

        report = self.supervise(act)
        self.assertEqual(report.failure, "")
        self.assertEqual(list(pids), [service.name for service in SERVICES])
        for pid in pids.values():
            self.assertRaises(ProcessLookupError, os.kill, pid, 0)

    def test_a_service_that_dies_is_restarted_and_reported(self):
        def act():
            self.until_running()
            os.kill(self.pids()["glance"], signal.SIGKILL)
            self.until(lambda found: found["services"]["glance"]["restarts"] == 1)
            self.until_running()

        report = self.supervise(act)
        self.assertEqual(report.services["glance"].restarts, 1)
        self.assertEqual(report.services["glance"].detail, "was ended by SIGKILL")
        self.assertEqual(report.services["nova"].restarts, 0)

    def test_a_service_that_keeps_dying_is_restarted_at_growing_pauses(self):
        self.patch(supervisor, "FIRST_PAUSE", 0.1)
        times = []

        def act():
            self.until_running()
            for number in (1, 2, 3):
                os.kill(self.pids()["glance"], signal.SIGKILL)
                started = time.monotonic()
                self.until(lambda found, n=number: found["services"]["glance"]["restarts"] == n)
                self.until_running()
                times.append(time.monotonic() - started)

        self.supervise(act)
        for seconds, least in zip(times, (0.1, 0.2, 0.4), strict=True):
            self.assertGreaterEqual(seconds, least)
        self.assertIn("degraded", self.seen)

    def test_a_start_with_a_service_that_cannot_start_fails(self):
        (self.layout.root / "broken").write_text("nova")
        report = self.supervise(lambda: self.until(lambda found: found["failure"]))
        self.assertEqual(
            report.failure,
            f"nova ended with code 3, 3 times; see {self.layout.output('nova')}",
        )
        self.assertEqual(self.status()["state"], "failed")

    def test_a_cloud_that_does_not_become_ready_fails(self):
        (self.layout.root / "unready").touch()
        report = self.supervise(lambda: self.until(lambda found: found["failure"]))
        self.assertEqual(report.failure, "the cloud did not become ready: NotReady: no compute-2")

    def test_services_that_do_not_listen_are_killed(self):
        self.patch(children, "GRACE", 0.2)
        (self.layout.root / "deaf").touch()
        self.supervise(self.until_running)
        self.assertTrue((self.layout.root / "heard").exists())

    def test_the_cloud_is_made_once(self):
        self.supervise(self.until_running)
        first = self.layout.passwords.read_text()
        made = Supervisor(self.layout, Report(self.layout, os.getpid()))
        made.prepare(self.scratch / "none")
        made.stop()
        self.assertEqual(self.layout.passwords.read_text(), first)

    def test_what_is_wanted_is_added_to_a_cloud_that_runs(self):
        pids = []

        def act():
            self.until_running()
            pids.append(self.pids())
            self.want(1, "swift")
            self.until(lambda found: found["services"].get("swift", {}).get("state") == "running")
            self.want(2, "barbican", "swift")
            self.until(lambda found: found["services"].get("barbican", {}).get("pid"))
            self.until_all_run()
            pids.append(self.pids())

        report = self.supervise(act)
        self.assertEqual(set(self.seen), {"running", "starting"})
        self.assertEqual(list(report.services)[6:], ["swift", "barbican"])
        self.assertEqual((report.request, report.step), (2, ""))
        self.assertEqual(pids[0], {name: pids[1][name] for name in pids[0]})

    def test_what_is_wanted_from_the_start_is_there_when_the_cloud_is(self):
        self.layout.create()
        document = {"request": 1, "services": ["octavia"], "template": "template"}
        write_private(self.layout.wanted, json.dumps(document))
        report = self.supervise(self.until_running)
        self.assertEqual(report.services["octavia"].state, "running")

    def test_what_was_added_is_started_with_the_rest_the_next_time(self):
        def act():
            self.until_running()
            self.want(1, "swift")
            self.until(lambda found: found["services"].get("swift", {}).get("pid"))

        self.supervise(act)
        made = Supervisor(self.layout, Report(self.layout, os.getpid()))
        made.prepare(self.scratch / "none")
        made.stop()
        self.assertEqual(list(made.report.services)[6:], ["swift"])

    def test_a_service_that_cannot_be_added_leaves_the_cloud_running(self):
        (self.layout.root / "refused").touch()

        def act():
            self.until_running()
            self.want(1, "swift")
            self.until(lambda found: found["services"].get("swift", {}).get("state") == "degraded")
            (self.layout.root / "refused").unlink()
            self.want(2, "swift")
            self.until(lambda found: found["services"]["swift"]["state"] == "running")

        report = self.supervise(act)
        self.assertEqual((report.failure, report.state), ("", "running"))

    def test_why_a_service_could_not_be_added_is_said(self):
        (self.layout.root / "refused").touch()

        def act():
            self.until_running()
            self.want(1, "swift")
            self.until(lambda found: found["services"].get("swift", {}).get("state") == "degraded")

        report = self.supervise(act)
        self.assertEqual(
            report.services["swift"].detail, "could not be added: RequestFailed: keystone says no"
        )

    def test_an_added_service_that_keeps_dying_is_told_apart_from_one_that_starts(self):
        def act():
            self.until_running()
            (self.layout.root / "broken").write_text("swift")
            self.want(1, "swift")
            self.until(lambda found: found["services"].get("swift", {}).get("state") == "degraded")
            (self.layout.root / "broken").unlink()
            self.want(2, "swift")
            self.until_running()

        report = self.supervise(act)
        self.assertEqual(report.services["swift"].detail, "ended with code 3")
        self.assertEqual(report.services["swift"].state, "running")
        self.assertEqual(report.failure, "")

    def test_what_happened_is_said_in_words(self):
        self.assertEqual(children.describe_end(-9), "was ended by SIGKILL")
        self.assertEqual(children.describe_end(1), "ended with code 1")


if __name__ == "__main__":
    unittest.main()
