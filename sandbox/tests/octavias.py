"""A database of octavia, for pieces of tests that run alone."""

OCTAVIA = """
import logging, sys, tempfile, threading
logging.disable()
from pathlib import Path
from govstack_sandbox.layout import Layout
from govstack_sandbox.migrations import octavia
from govstack_sandbox.patches import octavia_sessions, sqlite
sqlite.apply()
scratch = tempfile.TemporaryDirectory()
layout = Layout(Path(scratch.name))
layout.create()
conf = layout.etc / "octavia.conf"
conf.write_text(f"[database]\\nconnection = sqlite:///{layout.database('octavia')}\\n")
sys.argv = ["octavia", "--config-file", str(conf)]
octavia.run(layout)
from octavia.common import config
from oslo_config import cfg
cfg.CONF.set_override("pool_timeout", None, group="database")
from octavia.db import api, models
"""
