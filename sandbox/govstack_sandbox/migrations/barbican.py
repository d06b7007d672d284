"""Make barbican's database."""

from govstack_sandbox.patches import barbican_settings


def run(layout):
    """Run the project's own migrations."""
    barbican_settings.apply(layout)
    from barbican.model.migration import commands

    commands.upgrade(sql_url=f"sqlite:///{layout.database('barbican')}")
