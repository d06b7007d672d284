"""A cinder backend whose volumes are folders below ``data/volumes``; nothing mounts them."""

import io
import shutil
from pathlib import Path

from cinder.volume import driver
from oslo_config import cfg

CAPACITY_GB = 100_000
IMAGE_BYTES = 65_536
"""Size of what a volume becomes when it is made an image; its content is not kept."""


class FolderDriver(driver.VolumeDriver):
    """Keep each volume and snapshot as a folder."""

    VERSION = "1"

    def do_setup(self, context):
        """Find the folder that holds all volumes."""
        self._volumes = Path(cfg.CONF.state_path).parent / "volumes"

    def check_for_setup_error(self):
        """Refuse to start where the volumes cannot be kept."""
        self._volumes.mkdir(mode=0o700, exist_ok=True)

    def get_volume_stats(self, refresh=False):
        """Claim more room than any test needs."""
        return {
            "volume_backend_name": self.configuration.volume_backend_name,
            "vendor_name": "govstack",
            "driver_version": self.VERSION,
            "storage_protocol": "folder",
            "total_capacity_gb": CAPACITY_GB,
            "free_capacity_gb": CAPACITY_GB,
            "reserved_percentage": 0,
            "multiattach": True,
            "thin_provisioning_support": True,
            "max_over_subscription_ratio": 1.0,
            "provisioned_capacity_gb": 0,
        }

    def create_volume(self, volume):
        """Make an empty volume, which everybody in a server may look into as into any disk."""
        self._volume(volume).mkdir(exist_ok=True)
        self._volume(volume).chmod(0o755)

    def delete_volume(self, volume):
        """Remove the volume and what is in it."""
        shutil.rmtree(self._volume(volume), ignore_errors=True)

    def create_snapshot(self, snapshot):
        """Copy the volume as it is."""
        shutil.copytree(self._volumes / snapshot.volume_id, self._snapshot(snapshot), symlinks=True)

    def delete_snapshot(self, snapshot):
        """Remove the copy."""
        shutil.rmtree(self._snapshot(snapshot), ignore_errors=True)

    def create_volume_from_snapshot(self, volume, snapshot):
        """Copy the snapshot."""
        shutil.copytree(self._snapshot(snapshot), self._volume(volume), symlinks=True)

    def create_cloned_volume(self, volume, src_vref):
        """Copy another volume."""
        shutil.copytree(self._volume(src_vref), self._volume(volume), symlinks=True)

    def revert_to_snapshot(self, context, volume, snapshot):
        """Put the snapshot's content in place of the volume's."""
        self.delete_volume(volume)
        self.create_volume_from_snapshot(volume, snapshot)

    def extend_volume(self, volume, new_size):
        """Do nothing: a folder grows by itself."""

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        """Stand in for a backend that clones images itself: nothing is downloaded."""
        self.create_volume(volume)
        return {}, True

    def copy_image_to_volume(self, *_args, **_keywords):
        """Do nothing: the image's content is not kept."""

    def copy_image_to_encrypted_volume(self, *_args, **_keywords):
        """Do nothing, as `copy_image_to_volume`."""

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        """Upload zeros in place of a disk."""
        image_service.update(context, image_meta["id"], {}, io.BytesIO(bytes(IMAGE_BYTES)))

    def initialize_connection(self, volume, connector, **_keywords):
        """Tell nova where the folder is."""
        return {
            "driver_volume_type": "folder",
            "data": {
                "volume_id": volume.id,
                "path": str(self._volume(volume)),
                "mount_path": (volume.metadata or {}).get(
                    "mount_path", f"/volumes/{volume.display_name or volume.id}"
                ),
                "access_mode": "rw",
            },
        }

    def terminate_connection(self, volume, connector, **_keywords):
        """Do nothing: nothing was mounted."""

    def create_export(self, context, volume, connector):
        """Do nothing: a folder needs no export."""

    def ensure_export(self, context, volume):
        """Do nothing, as `create_export`."""

    def remove_export(self, context, volume):
        """Do nothing, as `create_export`."""

    def retype(self, context, volume, new_type, diff, host):
        """Accept every type: they do not differ here."""
        return True, None

    def _volume(self, volume):
        return self._volumes / volume.id

    def _snapshot(self, snapshot):
        return self._volumes / f"snapshot-{snapshot.id}"
