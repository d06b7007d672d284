"""`govstack schema` with more output than a pipe holds."""

import sys
from types import ModuleType

from govstack.values.result import Result
from govstack_cli.main import main

module = ModuleType("govstack.operations.schema")
module.schema = lambda _: Result(data={"text": "x" * 1_000_000})  # type: ignore[attr-defined]
sys.modules["govstack.operations.schema"] = module
sys.exit(main(["schema"]))
