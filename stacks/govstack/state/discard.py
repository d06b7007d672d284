"""Forget an environment whose cloud is gone."""

import shutil

from govstack.state.places import Places


def discard(places: Places) -> None:
    """Remove all that was kept of the environment's stacks; the lock stays with its holder."""
    for folder in (
        places.backend,
        places.engine_home,
        places.workspaces,
        places.records,
        places.vault,
        places.hosts,
        places.runs,
        places.login,
        places.trust,
    ):
        shutil.rmtree(folder, ignore_errors=True)
    for file in (places.clouds, places.passphrase, places.wrapped_key, places.passwords):
        file.unlink(missing_ok=True)
