"""Ansible's inventory plugin: asks the program `govstack` for the hosts of an environment."""

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable

DOCUMENTATION = r"""
name: govstack
short_description: The hosts of a government cloud that govstack has made
description:
  - Hosts, groups and variables are those of C(govstack inventory --list), made from the site and
    from what was recorded when its systems were last run. No cloud is asked.
  - Records that may not be true any more are refused, with the reason.
  - The name of the configuration file ends in C(govstack.yml) or C(govstack.yaml).
author:
  - govstack
options:
  plugin:
    description: Tells that the file is meant for this plugin.
    required: true
    choices: [govstack.base.govstack]
  site:
    description: The site's folder, as seen from the folder of the configuration file.
    type: path
    default: .
  environment:
    description: Which realisation of the site.
    type: str
    default: sandbox
    env:
      - name: GOVSTACK_ENVIRONMENT
  allow_stale:
    description: Take what is recorded even if it may not be true any more.
    type: bool
    default: false
  program:
    description:
      - The program C(govstack). By default the one of this Python, else the one in C(PATH).
    type: str
    env:
      - name: GOVSTACK
extends_documentation_fragment:
  - constructed
"""

EXAMPLES = r"""
# inventories/yunzhou/govstack.yml
plugin: govstack.base.govstack
environment: sandbox

# besides, a group for each class of data
keyed_groups:
  - prefix: data
    key: govstack_data_class
"""

ENDINGS = ("govstack.yml", "govstack.yaml")


class InventoryModule(BaseInventoryPlugin, Constructable):
    """Reads what `govstack inventory --list` says; texts of the site are never templates."""

    NAME = "govstack.base.govstack"

    def verify_file(self, path: str) -> bool:
        """Tell whether the file may be meant for this plugin."""
        return bool(super().verify_file(path)) and path.endswith(ENDINGS)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:  # noqa: ANN401, FBT001, FBT002 - as Ansible calls it
        """Fill the inventory."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        document = self._document(Path(path).parent)
        hosts = document.pop("_meta")["hostvars"]
        for group, content in document.items():
            self._add_group(group, content)
        for host, variables in hosts.items():
            self.inventory.add_host(host)
            for name, value in variables.items():
                self.inventory.set_variable(host, name, _plain(value))
        for host in hosts:
            self._construct(host)

    def _add_group(self, name: str, content: Mapping[str, Any]) -> None:
        group = self.inventory.add_group(name)
        for host in content.get("hosts", ()):
            self.inventory.add_host(host, group)
        for child in content.get("children", ()):
            self.inventory.add_child(group, self.inventory.add_group(child))
        for variable, value in content.get("vars", {}).items():
            self.inventory.set_variable(group, variable, _plain(value))

    def _construct(self, host: str) -> None:
        variables = self.inventory.get_host(host).get_vars()
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
        self._add_host_to_keyed_groups(
            self.get_option("keyed_groups"), variables, host, strict=strict
        )

    def _document(self, folder: Path) -> dict[str, Any]:
        site = folder / self.get_option("site")
        command = [*self._program(), "--site", str(site)]
        command += ["--environment", self.get_option("environment"), "inventory", "--list"]
        command += ["--allow-stale"] if self.get_option("allow_stale") else []
        try:
            done = subprocess.run(  # noqa: S603 - the program that was named, or our own
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise AnsibleParserError(f"{command[0]} cannot be run: {error}") from error
        if done.returncode:
            raise AnsibleParserError(f"govstack gives no inventory:\n{done.stderr.strip()}")
        for line in done.stderr.splitlines():
            self.display.warning(line.removeprefix("warning: "))
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def _program(self) -> list[str]:
        """Return the command line of govstack.

        Raises:
            AnsibleParserError: it is not installed.
        """
        named = self.get_option("program")
        if named:
            return [named]
        if importlib.util.find_spec("govstack_cli"):
            return [sys.executable, "-m", "govstack_cli"]
        found = shutil.which("govstack")
        if not found:
            raise AnsibleParserError("govstack is not installed; name it by the option program")
        return [found]


def _plain(value: Any) -> Any:  # noqa: ANN401 - what JSON holds
    """Return a value without the marks that Ansible's script protocol needs."""
    if isinstance(value, dict):
        marked = value.get("__ansible_unsafe")
        return marked if marked is not None else {k: _plain(item) for k, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
