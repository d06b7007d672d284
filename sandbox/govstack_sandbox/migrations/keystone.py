"""Make keystone's database: schema, roles, catalog and the services' users, without passwords."""

import secrets

from govstack_sandbox.credentials import ADMIN
from govstack_sandbox.services import REGION, SERVICES

PROJECT = "service"
INTERFACES = ("public", "internal", "admin")
PORT = 0
"""Stands for the port that is not chosen yet."""


def run(_layout):
    """Create the schema and what it starts with."""
    from keystone import server
    from keystone.cmd.bootstrap import Bootstrapper
    from keystone.common.sql import upgrades

    server.configure()
    upgrades.offline_sync_database_to_version()
    bootstrapper = Bootstrapper()
    bootstrapper.admin_username = bootstrapper.project_name = bootstrapper.admin_role_name = ADMIN
    # Keystone wants one; the template is stripped of it, and each cloud gets its own.
    bootstrapper.admin_password = secrets.token_urlsafe(24)
    bootstrapper.region_id = REGION
    bootstrapper.immutable_roles = True
    bootstrapper.bootstrap()
    domain = bootstrapper.default_domain_id
    _create_users(domain, (bootstrapper.admin_role_id, bootstrapper.service_role_id))
    _create_catalog()


def _create_users(domain, roles):
    from keystone.common import provider_api

    managers = provider_api.ProviderAPIs
    project = secrets.token_hex(16)
    managers.resource_api.create_project(
        project, {"id": project, "name": PROJECT, "domain_id": domain, "enabled": True}
    )
    for service in SERVICES:
        user = managers.identity_api.create_user(
            {"name": service.name, "domain_id": domain, "enabled": True}
        )
        for role in roles:
            managers.assignment_api.add_role_to_user_and_project(user["id"], project, role)


def _create_catalog():
    from keystone.common import provider_api

    catalog = provider_api.ProviderAPIs.catalog_api
    for service in SERVICES:
        identifier = secrets.token_hex(16)
        catalog.create_service(
            identifier,
            {"id": identifier, "type": service.type, "name": service.name, "enabled": True},
        )
        for interface in INTERFACES:
            endpoint = secrets.token_hex(16)
            catalog.create_endpoint(
                endpoint,
                {
                    "id": endpoint,
                    "interface": interface,
                    "region_id": REGION,
                    "service_id": identifier,
                    "url": service.endpoint(PORT),
                    "enabled": True,
                },
            )
