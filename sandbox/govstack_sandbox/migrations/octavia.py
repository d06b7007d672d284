"""Make octavia's database from its models: its migrations alter constraints, which SQLite cannot.

What its migrations insert is inserted here too: the words that its columns may hold, and the
placeholders that deleted flavors and zones leave behind.
"""

import sys

import sqlalchemy


def run(layout):
    """Create the schema, its rows, and the mark that no migration is due."""
    from octavia.db import base_models, models
    from octavia.db.migration import cli

    engine = sqlalchemy.create_engine(f"sqlite:///{layout.database('octavia')}")
    base_models.BASE.metadata.create_all(engine)
    with engine.begin() as connection:
        for model, row in (*_words(models), *_placeholders(models)):
            connection.execute(sqlalchemy.insert(model.__table__).values(row))
    engine.dispose()
    sys.argv += ["stamp", "head"]
    cli.main()


def _words(models):
    """Yield what the columns refer to, by the lists that octavia's code checks against."""
    from octavia.common import constants

    tables = (
        (models.ProvisioningStatus, constants.SUPPORTED_PROVISIONING_STATUSES),
        (models.OperatingStatus, constants.SUPPORTED_OPERATING_STATUSES),
        (models.HealthMonitorType, constants.SUPPORTED_HEALTH_MONITOR_TYPES),
        (models.Algorithm, constants.SUPPORTED_LB_ALGORITHMS),
        (models.Protocol, constants.SUPPORTED_PROTOCOLS),
        (models.SessionPersistenceType, constants.SUPPORTED_SP_TYPES),
        (models.AmphoraRoles, constants.SUPPORTED_AMPHORA_ROLES),
        (models.LBTopology, constants.SUPPORTED_LB_TOPOLOGIES),
        (models.VRRPAuthMethod, constants.SUPPORTED_VRRP_AUTH),
        (models.L7RuleType, constants.SUPPORTED_L7RULE_TYPES),
        (models.L7RuleCompareType, constants.SUPPORTED_L7RULE_COMPARE_TYPES),
        (models.L7PolicyAction, constants.SUPPORTED_L7POLICY_ACTIONS),
        (models.ClientAuthenticationMode, constants.SUPPORTED_CLIENT_AUTH_MODES),
    )
    for model, names in tables:
        for name in sorted(set(names)):
            yield model, {"name": name}


def _placeholders(models):
    from octavia.common import constants

    nothing, name = constants.NIL_UUID, "DELETED-PLACEHOLDER"
    yield (
        models.FlavorProfile,
        {"id": nothing, "name": name, "provider_name": constants.DELETED, "flavor_data": "{}"},
    )
    yield (
        models.Flavor,
        {"id": nothing, "flavor_profile_id": nothing, "name": name, "enabled": False},
    )
    yield (
        models.AvailabilityZoneProfile,
        {
            "id": nothing,
            "name": name,
            "provider_name": constants.DELETED,
            "availability_zone_data": "{}",
        },
    )
    yield (
        models.AvailabilityZone,
        {"availability_zone_profile_id": nothing, "name": nothing, "enabled": False},
    )
