"""What the toolkit writes of wanted services is understood."""

import json
import unittest
from pathlib import Path

from clouds import CloudCase

from govstack_sandbox.wanted import Wanted, read_wanted


class ReadWanted(CloudCase):
    def test_nobody_has_asked_for_anything(self):
        self.assertEqual(read_wanted(self.layout), Wanted(0, (), Path()))

    def test_the_last_request_counts(self):
        self.layout.create()
        document = {"format": 1, "request": 3, "services": ["swift"], "template": "/a/template"}
        self.layout.wanted.write_text(json.dumps(document))
        self.assertEqual(read_wanted(self.layout), Wanted(3, ("swift",), Path("/a/template")))


if __name__ == "__main__":
    unittest.main()
