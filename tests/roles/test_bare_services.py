"""On a host that has nothing of what the services' roles install, check mode goes through."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

PACKAGES = (
    "gunicorn haproxy keepalived lemonldap-ng-fastcgi-server liblemonldap-ng-portal-perl"
    " nginx-light postgresql postgresql-15 postgresql-common python3-psycopg2 python3-pykcs11"
    " rabbitmq-server redis-server softhsm2"
)


def test_every_role_can_be_checked(lab: Any, authority: Any) -> None:
    host = lab.start("bare-001")
    host.sh(f"dpkg --purge --force-depends {PACKAGES}; rm -f /etc/apt/sources.list.d/*")
    roles = ("database", "load_balancer", "message_queue", "cache", "application", "data_exchange")
    roles += ("api_gateway", "identity", "key_service")
    variables: dict[str, Any] = {
        "load_balancer_shared_address": "10.0.0.9/24",
        "load_balancer_interface": "eth0",
        "load_balancer_peers": ["10.0.0.2"],
        "load_balancer_password": "eight-08",
        "application_name": "app-oa",
        "data_exchange_database_host": "rdb",
        "data_exchange_database_name": "exchange",
        "data_exchange_database_account": "exchange",
        "data_exchange_database_password": "a-password-of-the-site",
        "identity_name": "auth.yunzhou.example",
        "identity_secret": "what-sessions-are-protected-by",
        "identity_signing_key": "key",
        "key_service_pin": "a-pin-of-the-token-1",
    }
    for role in roles:
        variables |= authority.issue(role, "bare-001")
    before = host.sh("find /etc -type f | xargs sha256sum")
    play = lab.play(roles, variables, "--check", "--diff")
    assert play.exit_code == 0, play.reasons
    assert host.sh("find /etc -type f | xargs sha256sum") == before
