"""What all sections have in common."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from govstack.site.fields import WRONG

FORMAT: Final = 1
"""The number of this form of the files; a newer one is refused."""

HIGHEST_MLPS: Final = 3
"""What lies above level 3, and all that is classified, does not belong on such a platform."""


class Declared(BaseModel):
    """A section of a file: no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def described(description: str, example: object, default: Any = ...) -> Any:  # noqa: ANN401 - as Field
    """Return a field with what people need to know of it; without a default it is required."""
    return Field(default=default, description=description, examples=[example])


def some(description: str, example: object, default: Any = ...) -> Any:  # noqa: ANN401 - as Field
    """Return a field as `described` does, which must not be empty."""
    return Field(default=default, description=description, examples=[example], min_length=1)


Level = Annotated[int, Field(ge=1, le=HIGHEST_MLPS)]
Count = Annotated[int, Field(ge=1, le=999)]
Size = Annotated[int, Field(ge=1)]
Limit = Annotated[int, Field(ge=0)]
CloudName = Annotated[str, Field(min_length=1, max_length=255)]


class AdoptedDeclared(Declared):
    """Something that the cloud has already; it is looked up and never changed."""

    cloud_name: CloudName = described("its name in the cloud", "city-backbone", "")
    cloud_id: CloudName = described("its id in the cloud", "6f1d2c7e-...", "")

    @model_validator(mode="after")
    def _one_of_both(self) -> "AdoptedDeclared":
        if bool(self.cloud_name) == bool(self.cloud_id):
            raise PydanticCustomError(
                WRONG,
                "{text}",
                {
                    "text": "must be named by cloud_name or by cloud_id, one of the two",
                    "hint": "write its name if that is unique in the cloud, else its id",
                },
            )
        return self
