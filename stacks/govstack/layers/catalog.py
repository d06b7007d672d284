"""What nodes may be made from: flavors, images and volume types of the site or of the cloud."""

from pathlib import Path

import pulumi
import pulumi_openstack as openstack

from govstack.layers.providers import child
from govstack.plan.model import PlatformPlan
from govstack.site.catalog import Flavor, Image, VolumeType


class Catalog(pulumi.ComponentResource):
    """The catalog of a site: ids of flavors and images, names of volume types, by the site's ids.

    What names one of the cloud's is looked up and never changed; everything else is made.
    """

    def __init__(
        self, name: str, plan: PlatformPlan, site_root: Path, provider: openstack.Provider
    ) -> None:
        super().__init__("govstack:infrastructure:Catalog", name)
        self._cloud = provider
        self._plan = plan
        self._root = site_root
        self.flavors = {flavor.id: self._flavor(flavor) for flavor in plan.flavors}
        self.images = {image.id: self._image(image) for image in plan.images}
        self.volume_types = {kind.id: self._volume_type(kind) for kind in plan.volume_types}
        self.register_outputs({"flavors": self.flavors, "images": self.images})

    def _flavor(self, flavor: Flavor) -> pulumi.Output[str]:
        if flavor.adopted:
            found = openstack.compute.get_flavor_output(
                name=flavor.adopted.name or None,
                flavor_id=flavor.adopted.id or None,
                opts=self._lookup(),
            )
            return found.id
        name = f"{self._plan.code}-{flavor.id}"
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

    def _image(self, image: Image) -> pulumi.Output[str]:
        if image.adopted and image.adopted.id:
            # The provider finds images by name alone; that this one is there was asked before.
            return pulumi.Output.from_input(image.adopted.id)
        if image.adopted:
            found = openstack.images.get_image_output(
                name=image.adopted.name, most_recent=True, opts=self._lookup()
            )
            return found.id
        return self._uploaded(image)

    def _uploaded(self, image: Image) -> pulumi.Output[str]:
        """Upload a file once, under a name with its digest: other content is another image."""
        name = f"{self._plan.code}-{image.id}-{image.sha256[:12]}"
        options = child(self, self._cloud)
        # Where the file lies differs between machines, and says nothing of what is in it.
        options.ignore_changes = ["localFilePath", "verifyChecksum"]
        # Servers were born from it, and may have to be born from it again.
        options.retain_on_delete = self._plan.keeps_images
        made = openstack.images.Image(
            name,
            name=name,
            local_file_path=str(self._root / image.file),
            disk_format=image.disk_format,
            container_format="bare",
            visibility="public",
            properties={
                "os_distro": image.os_distro,
                "os_version": image.os_version,
                "govstack_sha256": image.sha256,
            },
            tags=list(self._plan.tags),
            opts=options,
        )
        return made.id

    def _volume_type(self, kind: VolumeType) -> pulumi.Output[str]:
        """Return the name that volumes choose the type by, or its id: Cinder takes both."""
        if kind.adopted:
            return pulumi.Output.from_input(str(kind.adopted))
        name = f"{self._plan.code}-{kind.id}"
        made = openstack.blockstorage.VolumeTypeV3(
            name,
            name=name,
            description=kind.description,
            is_public=True,
            opts=child(self, self._cloud),
        )
        return made.name

    def _lookup(self) -> pulumi.InvokeOutputOptions:
        return pulumi.InvokeOutputOptions(parent=self, provider=self._cloud)
