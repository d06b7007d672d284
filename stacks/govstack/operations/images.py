"""Are the files of images what the site says that they are?"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from govstack.errors import CatalogMissing
from govstack.site.catalog import Image


def check_images(root: Path, images: Iterable[Image]) -> None:
    """Compare the digest of each file that would be uploaded.

    Raises:
        CatalogMissing: a file is missing, or holds something else.
    """
    for image in images:
        if image.file:
            _check(root / image.file, image)


def _check(path: Path, image: Image) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CatalogMissing(
            f"the file of the image {image.id!r} cannot be read: {path}: {error.strerror}",
            hint="put it there, or name an image of the cloud with cloud_name",
        ) from error
    if found != image.sha256:
        raise CatalogMissing(
            f"the file of the image {image.id!r} is not what the site says: {path} has the "
            f"digest {found}",
            hint="get the right file, or write its digest under catalog.images if it is right",
        )
