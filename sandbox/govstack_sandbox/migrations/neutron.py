"""Make neutron's database from its models: its migrations alter constraints, which SQLite cannot.

What its migrations insert is inserted here too: the rules of each project's default group.
"""

import sys
import uuid

import sqlalchemy

DEFAULT_RULES = (
    {"direction": "egress", "ethertype": "IPv4", "remote_group_id": None, "elsewhere": True},
    {"direction": "egress", "ethertype": "IPv6", "remote_group_id": None, "elsewhere": True},
    {"direction": "ingress", "ethertype": "IPv4", "remote_group_id": "PARENT", "elsewhere": False},
    {"direction": "ingress", "ethertype": "IPv6", "remote_group_id": "PARENT", "elsewhere": False},
)
"""Out to everywhere, in from the same group; `elsewhere`: also in groups that users make."""


def run(layout):
    """Create the schema, its rows, and the mark that no migration is due."""
    from neutron.db.migration import cli
    from neutron.db.migration.models import head

    tables = head.get_metadata()
    engine = sqlalchemy.create_engine(f"sqlite:///{layout.database('neutron')}")
    tables.create_all(engine)
    with engine.begin() as connection:
        for rule in DEFAULT_RULES:
            _insert(connection, tables.tables, rule)
    engine.dispose()
    sys.argv += ["stamp", "heads"]
    cli.main()


def _insert(connection, tables, rule):
    attributes = sqlalchemy.insert(tables["standardattributes"]).values(
        resource_type="securitygroupdefaultrules", description="default rule"
    )
    identifier = connection.execute(attributes).inserted_primary_key[0]
    values = {name: value for name, value in rule.items() if name != "elsewhere"}
    connection.execute(
        sqlalchemy.insert(tables["securitygroupdefaultrules"]).values(
            id=str(uuid.uuid4()),
            standard_attr_id=identifier,
            used_in_default_sg=True,
            used_in_non_default_sg=rule["elsewhere"],
            **values,
        )
    )
