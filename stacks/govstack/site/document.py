"""A YAML file as plain data that still knows where each of its values stands.

It reads YAML 1.2, so a MAC address stays a text and `no` stays a word; it composes nodes and
never constructs objects.  Only `rewrite`, which changes such files, knows the YAML library too.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from govstack.errors import Problem

TAG: Final = "tag:yaml.org,2002:"
TEXT_TAGS: Final = frozenset({f"{TAG}str", f"{TAG}timestamp"})
KEY_MARK: Final = "[key]"
"""How pydantic ends the path of a mistake in a key itself."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands: the file, the line, and the dotted path inside that file."""

    file: str
    line: int
    path: str

    def problem(self, text: str, hint: str = "") -> Problem:
        """Return a problem at this position."""
        return Problem(self.file, self.line, self.path, text, hint)

    def key(self, name: str, line: int) -> "Position":
        """Return the position of a key below this one."""
        return Position(self.file, line, f"{self.path}.{name}" if self.path else name)

    def item(self, index: int, line: int) -> "Position":
        """Return the position of a list item below this one."""
        return Position(self.file, line, f"{self.path}[{index}]")


class Map(dict[str, object]):
    """A mapping with its own position and that of each key."""

    def __init__(self, position: Position) -> None:
        super().__init__()
        self.position = position
        self.places: dict[str, Position] = {}


class Seq(list[object]):
    """A list with its own position and that of each item."""

    def __init__(self, position: Position) -> None:
        super().__init__()
        self.position = position
        self.places: list[Position] = []


Path_ = tuple[str | int, ...]
"""The way from a document's root to a value, as pydantic writes it."""


def position_of(root: Map, path: Path_) -> Position:
    """Return the position of a value, or of the nearest parent where it is missing."""
    here: object = root
    found = root.position
    for part in path:
        if isinstance(here, Map) and part in here.places:
            found = here.places[str(part)]
            here = here[str(part)]
        elif isinstance(here, Seq) and isinstance(part, int) and part < len(here):
            found = here.places[part]
            here = here[part]
        else:
            break
    return found


def read_document(path: Path, problems: list[Problem]) -> Map | None:
    """Read a file whose root is a mapping; what is wrong is added to `problems`.

    Returns:
        The document, or None if it has none to give.
    """
    root = Position(str(path), 1, "")
    text = _read(path, root, problems)
    if text is None:
        return None
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        problems.append(_syntax_problem(root, error))
        return None
    except YAMLError as error:
        reason = str(error).splitlines()[0]
        problems.append(root.problem(f"is not valid YAML: {reason}", "save it as plain text"))
        return None
    if node is None:
        problems.append(root.problem("the file is empty", "describe it here or remove the file"))
        return None
    if not isinstance(node, MappingNode):
        problems.append(root.problem("must hold keys and values", "write lines like `name: ...`"))
        return None
    return _Reader(problems).mapping(node, root)


def _read(path: Path, root: Position, problems: list[Problem]) -> str | None:
    nowhere = Position(root.file, 0, "")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.append(nowhere.problem("the file does not exist", "create it"))
    except IsADirectoryError:
        problems.append(nowhere.problem("is a folder", "put a file of this name in its place"))
    except OSError as error:
        problems.append(nowhere.problem(f"cannot be read: {error.strerror}", "check its mode"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        where = Position(root.file, line, "")
        problems.append(where.problem("is not written in UTF-8", "save it in UTF-8"))
    return None


def _syntax_problem(root: Position, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    reason = str(error.problem).replace("<stream end>", "end of file")
    where = Position(root.file, line, "")
    context = f"{error.context}: " if error.context else ""
    text = f"is not valid YAML: {context}{reason}"
    return where.problem(text, "check indentation, colons and quotes on this line and above it")


class _Reader:
    """Turns composed nodes into maps, lists and scalars."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self._open: set[int] = set()

    def mapping(self, node: MappingNode, position: Position) -> Map:
        result = Map(position)
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._problems.append(
                    Position(position.file, line, position.path).problem(
                        "a key must be a text", "write `key: value`"
                    )
                )
                continue
            key = str(key_node.value)
            place = position.key(key, line)
            if key in result.places:
                first = result.places[key].line
                self._problems.append(
                    place.problem(f"is written twice, first on line {first}", "keep one of them")
                )
                continue
            result.places[key] = place
            result[key] = self._value(value_node, place)
        return result

    def _value(self, node: Node, position: Position) -> object:
        if isinstance(node, ScalarNode):
            return self._scalar(node, position)
        if id(node) in self._open:
            self._problems.append(position.problem("contains itself", "remove the alias"))
            return None
        self._open.add(id(node))
        result: object = None
        if isinstance(node, MappingNode):
            result = self.mapping(node, position)
        elif isinstance(node, SequenceNode):
            result = self._sequence(node, position)
        self._open.discard(id(node))
        return result

    def _sequence(self, node: SequenceNode, position: Position) -> Seq:
        result = Seq(position)
        for index, item in enumerate(node.value):
            place = position.item(index, item.start_mark.line + 1)
            result.places.append(place)
            result.append(self._value(item, place))
        return result

    def _scalar(self, node: ScalarNode, position: Position) -> object:
        text = str(node.value)
        if node.tag in TEXT_TAGS:
            return text
        if node.tag == f"{TAG}null":
            return None
        if node.tag == f"{TAG}bool":
            return text.lower() == "true"
        if node.tag == f"{TAG}int":
            return _whole_number(text)
        if node.tag == f"{TAG}float":
            return float(text.replace("_", ""))
        tag = str(node.tag).removeprefix(TAG)
        self._problems.append(position.problem(f"the tag {tag!r} means nothing here", "remove it"))
        return text


def _whole_number(text: str) -> int:
    digits = text.replace("_", "")
    # YAML 1.2 knows 0o17 and 0x1f; a leading zero alone means nothing.
    return int(digits, 0) if digits.lstrip("+-")[:2].lower() in {"0o", "0x"} else int(digits)
