"""JSON schemas of a site's files, for editors that complete and check while one types."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel

from govstack.site.declared.environment import EnvironmentDeclared, ProfileDeclared
from govstack.site.declared.site import SiteDeclared
from govstack.site.declared.system import SystemDeclared

MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "site": SiteDeclared,
    "system": SystemDeclared,
    "environment": EnvironmentDeclared,
    "profile": ProfileDeclared,
}
"""The kinds of files that a site consists of; the address book is written by `allocate`."""


def schema_of(name: str) -> Mapping[str, object]:
    """Return the JSON schema of one kind of file.

    Raises:
        KeyError: there is no such kind.
    """
    schema = MODELS[name].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
