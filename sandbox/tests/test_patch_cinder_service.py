"""Several services of cinder report each their own state."""

import unittest

from alone import run_alone


class CinderService(unittest.TestCase):
    def test_upstream_keeps_the_identity_in_the_class(self):
        printed = run_alone(
            """
            import inspect
            from cinder import service
            source = inspect.getsource(service.Service.report_state)
            print(service.Service.service_id, source.count("Service.service_id"))
            print("origin_service_id" in inspect.getsource(service.Service.__init__))
            """,
            "cinder",
        )
        self.assertEqual(printed, "None 2\nTrue")

    def test_each_service_reports_itself(self):
        printed = run_alone(
            """
            from unittest import mock
            from govstack_sandbox.patches import cinder_service
            from cinder import service
            cinder_service.apply()
            seen = []
            def report(self):
                seen.append(service.Service.service_id)
            with mock.patch.object(service.Service, "report_state", report):
                made = [object.__new__(cinder_service.OwnService) for _ in range(2)]
                for number, one in enumerate(made, 1):
                    one.origin_service_id = number
                for one in (*made, *made):
                    one.report_state()
            print(seen)
            """,
            "cinder",
        )
        self.assertEqual(printed, "[1, 2, 1, 2]")


if __name__ == "__main__":
    unittest.main()
