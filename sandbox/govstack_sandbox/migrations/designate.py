"""Make designate's database."""


def run(layout):
    """Run the project's own migrations."""
    from designate.manage import database

    database.DatabaseCommands().sync(db_url=f"sqlite:///{layout.database('designate')}")
