"""What servers are born with so that they trust the site's SSH authority; pure.

It is a birth property, so it holds the authority's public key and nothing that is ever renewed.
Software of cloud servers runs it once, as root.
"""

from typing import Final

AUTOMATION: Final = "govstack-automation"
"""Whom a login certificate is for; hosts say which of their users that may become."""

SCRIPT: Final = """\
#!/bin/sh
# Lets in whoever has a certificate of the site, and nobody with a key alone.
set -e
umask 022
login=$(getent passwd 1000 | cut -d: -f1)
login=${{login:-root}}
mkdir -p /etc/ssh/govstack_principals
echo '{authority}' >/etc/ssh/govstack_authority.pub
echo '{principal}' >"/etc/ssh/govstack_principals/$login"
settings='TrustedUserCAKeys /etc/ssh/govstack_authority.pub
AuthorizedPrincipalsFile /etc/ssh/govstack_principals/%u'
if grep -qs '^Include /etc/ssh/sshd_config.d/' /etc/ssh/sshd_config; then
    echo "$settings" >/etc/ssh/sshd_config.d/05-govstack-logins.conf
elif ! grep -qs '^TrustedUserCAKeys' /etc/ssh/sshd_config; then
    # What stands first counts, and nothing before it narrows it to some users.
    {{ echo "$settings"; cat /etc/ssh/sshd_config; }} >/etc/ssh/sshd_config.new
    chmod 600 /etc/ssh/sshd_config.new
    mv /etc/ssh/sshd_config.new /etc/ssh/sshd_config
fi
# One that has not started yet reads this when it does.
systemctl try-restart ssh sshd 2>/dev/null || :
"""


def login_script(authority: str, principal: str) -> str:
    """Return the user data of a server.

    Args:
        authority: the public key of the site's SSH authority, one line.
        principal: whom certificates of the automation are for.
    """
    return SCRIPT.format(authority=authority.strip(), principal=principal)
