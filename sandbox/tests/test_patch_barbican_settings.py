"""barbican and each of its plug-ins read the cloud's configuration."""

import tempfile
import unittest
from pathlib import Path

from alone import run_alone

from govstack_sandbox.layout import Layout, write_private


class BarbicanSettings(unittest.TestCase):
    def test_upstream_looks_by_these_names(self):
        printed = run_alone(
            """
            import inspect
            from oslo_config import cfg
            source = inspect.getsource(cfg.ConfigOpts._pre_setup)
            print("= find_config_files(project, prog)" in source)
            print("= find_config_dirs(project, prog)" in source)
            """
        )
        self.assertEqual(printed, "True\nTrue")

    def test_a_plugin_finds_its_key(self):
        with tempfile.TemporaryDirectory() as scratch:
            layout = Layout(Path(scratch))
            write_private(
                layout.etc / "barbican/barbican.conf",
                "[simple_crypto_plugin]\nkek = a-key\n[queue]\nenable = False\n",
            )
            printed = run_alone(
                f"""
                from pathlib import Path
                from govstack_sandbox.layout import Layout
                from govstack_sandbox.patches import barbican_settings
                barbican_settings.apply(Layout(Path({scratch!r})))
                from barbican.plugin.crypto import simple_crypto
                print(simple_crypto.CONF.simple_crypto_plugin.kek)
                """
            )
        self.assertEqual(printed, "['a-key']")


if __name__ == "__main__":
    unittest.main()
