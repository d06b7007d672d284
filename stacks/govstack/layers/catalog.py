"""What nodes may be made from: flavors of the site, images of the cloud."""

import pulumi
import pulumi_openstack as openstack

from govstack.layers.providers import child
from govstack.plan.model import PlatformPlan
from govstack.site.model import Flavor


class Catalog(pulumi.ComponentResource):
    """The flavors and images of a site, by their ids in the site.

    A flavor that names one of the cloud's is looked up and never changed; the others are made.
    """

    def __init__(self, name: str, plan: PlatformPlan, provider: openstack.Provider) -> None:
        super().__init__("govstack:infrastructure:Catalog", name)
        self._cloud = provider
        self.flavors = {flavor.id: self._flavor(flavor, plan.code) for flavor in plan.flavors}
        self.images = {
            image.id: openstack.images.get_image_output(
                name=image.cloud_name, most_recent=True, opts=self._lookup()
            ).id
            for image in plan.images
        }
        self.register_outputs({"flavors": self.flavors, "images": self.images})

    def _flavor(self, flavor: Flavor, code: str) -> pulumi.Output[str]:
        if flavor.cloud_name:
            return openstack.compute.get_flavor_output(
                name=flavor.cloud_name, opts=self._lookup()
            ).id
        name = f"{code}-{flavor.id}"
        made = openstack.compute.Flavor(
            name,
            name=name,
            vcpus=flavor.vcpus,
            ram=flavor.ram_mb,
            disk=flavor.disk_gb,
            is_public=True,
            opts=child(self, self._cloud),
        )
        return made.id

    def _lookup(self) -> pulumi.InvokeOutputOptions:
        return pulumi.InvokeOutputOptions(parent=self, provider=self._cloud)
