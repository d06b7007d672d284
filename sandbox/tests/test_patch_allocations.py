"""nova no longer reads all allocations of a host at every claim."""

import unittest

from alone import run_alone


class Allocations(unittest.TestCase):
    def test_the_private_name_is_there_and_used_for_reshaping_only(self):
        printed = run_alone(
            """
            import inspect
            from nova.compute import resource_tracker
            from nova.scheduler.client import report
            method = report.SchedulerReportClient.get_allocations_for_provider_tree
            print(*inspect.signature(method).parameters)
            uses = inspect.getsource(resource_tracker).count("get_allocations_for_provider_tree")
            print(uses, "used exclusively in the reshaper" in method.__doc__)
            """,
            "nova",
        )
        self.assertEqual(printed, "self context nodename\n1 True")

    def test_the_patched_client_asks_nobody(self):
        printed = run_alone(
            """
            from govstack_sandbox.patches import allocations
            allocations.apply()
            from nova.scheduler.client import report
            client = object.__new__(report.SchedulerReportClient)
            print(client.get_allocations_for_provider_tree(None, "compute-1"))
            """,
            "nova",
        )
        self.assertEqual(printed, "{}")


if __name__ == "__main__":
    unittest.main()
