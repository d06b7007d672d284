"""What roles are given that is kept of an environment: certificates, passwords, keys."""

from collections.abc import Collection, Mapping

from govstack import sandbox
from govstack.inventory.variables.model import Shown
from govstack.operations.certificates import registry
from govstack.operations.session import Session
from govstack.operations.ssh import USER
from govstack.operations.trusting import moment
from govstack.state.authority import authority_line, open_authority, root_text
from govstack.state.crypt import sha512_crypt
from govstack.state.own import OwnSecrets
from govstack.state.secrets import known_passwords, passwords
from govstack.values.secret import Secret


class Kept:
    """The material of an environment that is held, with certificates that are good.

    Attributes: as those of `Material`.

    Args:
        session: the environment.
        hosts: whose certificates are asked for; all if None.

    Raises:
        StateUnreadable: what is kept cannot be read.
        TrustFailed: a certificate is missing or past its day.
    """

    def __init__(self, session: Session, hosts: Collection[str] | None = None) -> None:
        places = session.places
        self.authority = root_text(places)
        self.login_authority = authority_line(places)
        self.operator = sandbox.OPERATOR
        self.user = USER
        self.today = moment().astimezone().date()
        self._places = places
        self._own = OwnSecrets(places)
        self._known = known_passwords(places)
        self._host_keys = sandbox.host_keys(places.sandbox)
        if hosts is None:
            hosts = [node.name for system in session.plan.systems for node in system.nodes]
        self._served = registry(session, moment()).served(open_authority(places), hosts)

    def certificate(self, host: str, service: str) -> Shown:
        """Return what a host shows for a service."""
        served = self._served[host, service]
        return Shown(served.certificate, served.key)

    def password(self, key: str) -> Secret:
        """Return the password that a credential of the plan has."""
        if key not in self._known:
            self._known |= passwords(self._places, (key,))
        return self._known[key]

    def own(self, name: str) -> Secret:
        """Return a password that only configured hosts have."""
        return self._own.password(name)

    def hashed(self, name: str) -> Secret:
        """Return the hash of such a password, as crypt makes it."""
        salt = self._own.password(f"{name} salt").reveal()
        return Secret(sha512_crypt(self._own.password(name).reveal(), salt))

    def login(self, host: str) -> tuple[str, Secret]:
        """Return public and private key that a host logs in to others with."""
        return self._own.login(host)

    def publishing(self, name: str, owner: str) -> tuple[str, Secret]:
        """Return public and private key that packages are signed with, as OpenPGP has them."""
        return self._own.publishing(name, owner)

    def signing(self, name: str) -> Secret:
        """Return a private RSA key as PEM, by what it is for."""
        return self._own.signing(name)

    def host_key(self, host: str) -> str:
        """Return the public key of a host, as the cloud tells it; empty if it does not."""
        return " ".join(self._host_keys.get(host, "").split()[:2])

    def keep(self) -> None:
        """Write down what was made for those who asked."""
        self._own.keep()


def hidden_texts(value: object) -> tuple[str, ...]:
    """Return all secrets that stand in a value, for those who must not tell them."""
    if isinstance(value, Secret):
        return (value.reveal(),)
    if isinstance(value, Mapping):
        return hidden_texts(tuple(value.values()))
    if isinstance(value, list | tuple):
        return tuple(dict.fromkeys(text for item in value for text in hidden_texts(item)))
    return ()
