"""Let barbican find its configuration.

Each of its plug-ins reads the file again, when it is imported, from where oslo.config looks of
itself: the user's home and /etc.
"""

from govstack_sandbox.patches.versions import require

EXPECTED = {"barbican": "23.0.0", "oslo.config": "10.7.0"}


def apply(layout) -> None:
    """Patch the search, before barbican is imported."""
    require(EXPECTED)
    from oslo_config import cfg

    path = str(layout.etc / "barbican/barbican.conf")
    cfg.find_config_files = lambda *_arguments, **_keywords: [path]
    cfg.find_config_dirs = lambda *_arguments, **_keywords: []
