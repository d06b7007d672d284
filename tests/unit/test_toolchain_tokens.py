"""The token table: which names of the SDK count, and what the provider embeds."""

import json
import subprocess
import sys
from pathlib import Path

from govstack.engine.toolchain.tokens import TokenTable, read_tokens, sdk_folder

RESOURCE = """
import pulumi

@pulumi.type_token("{token}")
class Thing(pulumi.CustomResource):
    def __init__(__self__):
        alias = pulumi.Alias(type_="openstack:old/thing:Thing")
        super().__init__('{token}', "name", None, alias)
"""

FUNCTION = """
import pulumi

def get_thing(opts=None):
    return pulumi.runtime.invoke('{token}', {{}}, opts=opts)

def get_thing_output(opts=None):
    return pulumi.runtime.invoke_output('{token}', {{}}, opts=opts)
"""

DEPRECATED = "import warnings\nwarnings.warn('''a.A has been deprecated in favor of b.B''')\n"


def test_only_what_the_sdk_registers_or_invokes_counts(tmp_path: Path) -> None:
    (tmp_path / "network").mkdir()
    for name, text in {
        "network/thing.py": RESOURCE.format(token="openstack:network/thing:Thing"),
        "network/get_thing.py": FUNCTION.format(token="openstack:network/getThing:getThing"),
        "thing_v2.py": DEPRECATED + RESOURCE.format(token="openstack:index/thingV2:ThingV2"),
        "get_thing_v2.py": DEPRECATED + FUNCTION.format(token="openstack:index/x:getThingV2"),
        "provider.py": RESOURCE.format(token="pulumi:providers:openstack"),
        "_utilities.py": "PREFIX = 'openstack:no/token:Here'\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert read_tokens(tmp_path) == TokenTable(
        resources=("openstack:network/thing:Thing",),
        functions=("openstack:network/getThing:getThing",),
    )


def test_a_table_is_written_as_the_provider_embeds_it() -> None:
    text = TokenTable(resources=("r:a:A", "r:b:B"), functions=()).to_json()

    assert json.loads(text) == {"functions": [], "resources": ["r:a:A", "r:b:B"]}


def test_the_installed_sdk_has_the_tokens_that_we_use() -> None:
    table = read_tokens(sdk_folder())

    assert (len(table.resources), len(table.functions)) == (108, 61)
    assert "openstack:compute/instance:Instance" in table.resources
    assert "openstack:images/getImage:getImage" in table.functions
    assert "openstack:index/lbLoadbalancerV2:LbLoadbalancerV2" not in table.resources


def test_finding_the_sdk_does_not_import_it() -> None:
    program = (
        "import sys; from govstack.engine.toolchain.tokens import sdk_folder; "
        "sdk_folder(); assert 'pulumi_openstack' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
