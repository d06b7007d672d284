"""What a system proves itself with: passwords for the services it uses, access to containers."""

from collections.abc import Mapping

import pulumi
import pulumi_openstack as openstack

from govstack.layers.providers import child
from govstack.plan.model import CredentialPlan, SystemPlan
from govstack.plan.services import OBJECT_STORE
from govstack.values.secret import Secret


class Credentials(pulumi.ComponentResource):
    """The credentials of a system, kept in the cloud's key manager where there is one.

    Access to containers is an application credential: it cannot be used for anything else than
    what the service user may do in this project, and is taken back by itself.
    """

    def __init__(
        self, plan: SystemPlan, secrets: Mapping[str, Secret], provider: openstack.Provider
    ) -> None:
        super().__init__("govstack:system:Credentials", plan.birth)
        self._cloud = provider
        self._roles = plan.project.roles
        for credential in plan.credentials:
            value = pulumi.Output.secret(secrets[credential.key].reveal())
            if credential.service == OBJECT_STORE:
                self._application_credential(credential, value)
            if plan.keeps_credentials:
                self._keep(credential, value)
        self.register_outputs({})

    def _application_credential(self, plan: CredentialPlan, value: pulumi.Output[str]) -> None:
        openstack.identity.ApplicationCredential(
            plan.name,
            name=plan.account,
            description="access to containers",
            roles=list(self._roles),
            secret=value,
            opts=child(self, self._cloud),
        )

    def _keep(self, plan: CredentialPlan, value: pulumi.Output[str]) -> None:
        openstack.keymanager.SecretV1(
            plan.name,
            name=plan.name,
            secret_type="passphrase",  # noqa: S106 - a kind of secret, and none itself
            payload=value,
            payload_content_type="text/plain",
            metadata={"service": plan.service, "account": plan.account},
            opts=child(self, self._cloud),
        )
