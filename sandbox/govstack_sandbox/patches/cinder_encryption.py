"""Let cinder make encrypted volumes from images and from each other without root.

It would look into a copy of the image by ``qemu-img``, to see whether the volume is large enough,
and give a copied volume another key by ``cryptsetup``.  Here no content is kept, so an image's
size is all that counts, and every volume has the cloud's one key.
"""

import json
from pathlib import Path

from govstack_sandbox.patches.versions import require

EXPECTED = {"cinder": "29.0.0"}


def apply() -> None:
    """Patch the function that asks qemu, and the method that changes keys.

    cinder's objects have to be registered before.
    """
    require(EXPECTED)
    from cinder.image import image_utils
    from cinder.volume.flows.manager import create_volume

    image_utils.qemu_img_info = _describe
    create_volume.CreateVolumeFromSpecTask._rekey_volume = _keep_key


def _describe(path, *_arguments, **_keywords):
    from oslo_utils import imageutils

    size = Path(path).stat().st_size
    found = {"filename": path, "format": "raw", "virtual-size": size, "actual-size": size}
    return imageutils.QemuImgInfo(json.dumps(found), format="json")


def _keep_key(_task, _context, _volume):
    """Return what is new about the volume: nothing."""
    return {}
