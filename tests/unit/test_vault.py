import json
import subprocess
import sys
from pathlib import Path

from govstack.state.places import Places
from govstack.state.vault import write_vault
from govstack.values.secret import Secret


def test_the_vault_opens_with_the_environments_passphrase(tmp_path: Path) -> None:
    places = Places(tmp_path)
    write_vault(places, "app", {"db.pg": ("app", Secret("hidden"))}, Secret("key"))
    (file,) = places.vault.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "hidden" not in file.read_text()
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("key\n")
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible-vault")),
            "view",
            "--vault-password-file",
            str(passphrase),
            str(file),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == {
        "credentials": {"db.pg": {"account": "app", "password": "hidden"}}
    }
