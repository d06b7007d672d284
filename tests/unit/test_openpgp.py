"""Keys as OpenPGP writes them, judged by GnuPG where it is there."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from govstack.state.openpgp import armored
from govstack.state.own import OwnSecrets
from govstack.state.places import Places

OWNER = "云州市政务云 时间、域名与软件源"


def test_the_same_key_gives_the_same_texts(tmp_path: Path) -> None:
    own = OwnSecrets(Places(tmp_path))
    public, private = own.publishing("inf-base packages", OWNER)
    own.keep()
    assert OwnSecrets(Places(tmp_path)).publishing("inf-base packages", OWNER)[0] == public
    first, *_, last = public.splitlines()
    assert (first, last) == (
        "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        "-----END PGP PUBLIC KEY BLOCK-----",
    )
    assert private.reveal().startswith("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n")


@pytest.mark.skipif(shutil.which("gpg") is None, reason="GnuPG is not there")
@pytest.mark.parametrize("owner", [OWNER, OWNER * 8])
def test_gnupg_signs_with_the_one_and_believes_the_other(owner: str, tmp_path: Path) -> None:
    homes = [tmp_path / name for name in "ab"]

    def gpg(home: Path, *arguments: str, text: str) -> str:
        done = subprocess.run(
            ["gpg", "--batch", "--no-autostart" if home is homes[1] else "--quiet", *arguments],
            env=os.environ | {"GNUPGHOME": str(home), "LC_ALL": "C.UTF-8"},
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout + done.stderr

    for home in homes:
        home.mkdir(mode=0o700)
    public, private = armored(Ed25519PrivateKey.generate(), owner)
    try:
        gpg(homes[0], "--import", text=private.reveal())
        signed = gpg(homes[0], "--clearsign", text="Packages\n")
    finally:
        subprocess.run(
            ["gpgconf", "--kill", "all"], env=os.environ | {"GNUPGHOME": str(homes[0])}, check=False
        )
    gpg(homes[1], "--import", text=public)
    assert f'Good signature from "{owner}"' in gpg(homes[1], "--verify", text=signed)
