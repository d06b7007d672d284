"""What every role keeps to, so that people and tools find the same shape everywhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from jinja2 import Environment, meta
from ruamel.yaml import YAML

from govstack.resources import resource
from govstack.sandbox import base

COLLECTION: Final = resource("roles") / "govstack/base"
ROLES: Final = sorted(path for path in (COLLECTION / "roles").iterdir() if path.is_dir())
NAMES: Final = [path.name for path in ROLES]
# What a role may ask of Ansible itself: how it runs and logs in; all else would be gathered.
FACTS: Final = re.compile(
    r"\bansible_(?!managed\b|check_mode\b|python_interpreter\b|password\b)\w+"
)
OFFERED: Final = frozenset({"inventory_hostname", "omit", "lookup", "namespace", "range", "dict"})
"""What a template may name that nobody declares: who the host is, and what the language gives."""
WRITERS: Final = frozenset(
    f"ansible.builtin.{name}" for name in ("template", "copy", "assemble", "get_url", "unarchive")
)
REMOVED: Final = frozenset({"clear_text"})
"""Packages that roles take away."""
BLOCKS: Final = ("block", "rescue", "always")
# Words of a task; whatever else is in one is the module.
WORDS: Final = frozenset({
    *("name", "when", "loop", "loop_control", "register", "notify", "vars", "become"),
    *("become_user", "changed_when", "failed_when", "check_mode", "no_log", "until", "retries"),
    *("delay", "delegate_to", "run_once", "environment", "tags", "diff", "throttle", "args"),
    *("listen", *BLOCKS),
})  # fmt: skip


@pytest.fixture(params=ROLES, ids=NAMES)
def role(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path) if path.exists() else None


def entries(role: Path) -> dict[str, Any]:
    found: dict[str, Any] = read(role / "meta/argument_specs.yml")["argument_specs"]
    return found


def options(role: Path) -> dict[str, Any]:
    return {name: one for entry in entries(role).values() for name, one in entry["options"].items()}


def tasks(role: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every task with the place that it is at."""
    for folder in ("tasks", "handlers"):
        for path in sorted((role / folder).glob("*.yml")):
            yield from _flat(f"{folder}/{path.name}", read(path) or [])


def _flat(place: str, listed: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for task in listed:
        yield f"{place}: {task.get('name')}", task
        for word in BLOCKS:
            yield from _flat(place, task.get(word, []))


def module(task: dict[str, Any]) -> str:
    return next((key for key in task if key not in WORDS), "")


def test_the_collection_is_one() -> None:
    assert (read(COLLECTION / "galaxy.yml")["namespace"], COLLECTION.name) == ("govstack", "base")
    assert read(COLLECTION / "meta/runtime.yml")["requires_ansible"] == ">=2.19.0"


def test_the_shape_is_the_same(role: Path) -> None:
    for file in ("defaults/main.yml", "meta/argument_specs.yml", "meta/main.yml"):
        assert (role / file).exists(), file
    for file in ("tasks/main.yml", "README.md"):
        assert (role / file).exists(), file
    needs = [one["role"] for one in read(role / "meta/main.yml")["dependencies"]]
    assert needs == ([] if role.name == "os" else ["govstack.base.os"])


def test_what_a_role_takes_is_specified(role: Path) -> None:
    defaults, specified = read(role / "defaults/main.yml") or {}, options(role)
    required = {name for name, one in specified.items() if one.get("required")}
    assert set(defaults) == set(specified) - required
    told = {name: one["default"] for name, one in specified.items() if "default" in one}
    assert told == {name: defaults[name] for name in told}


def test_every_option_says_what_it_is(role: Path) -> None:
    def check(found: dict[str, Any]) -> None:
        for name, one in found.items():
            assert one.get("type"), name
            assert one.get("description"), name
            check(one.get("options", {}))

    for entry in entries(role).values():
        assert entry["short_description"]
        check(entry["options"])


def test_variables_begin_with_the_name_of_their_role(role: Path) -> None:
    prefix = f"{role.name}_"
    named = {*(read(role / "defaults/main.yml") or {}), *(read(role / "vars/main.yml") or {})}
    given = set(options(role))
    for _, task in tasks(role):
        named |= {task["register"]} if "register" in task else set()
        named |= (
            {task["loop_control"]["loop_var"]}
            if "loop_var" in task.get("loop_control", {})
            else set()
        )
        named |= set(task.get("ansible.builtin.set_fact") or {})
        include = task.get("ansible.builtin.include_role", {})
        named |= {name for name in task.get("vars", {}) if not include}
        for name in task.get("vars", {}) if include else ():
            assert name.startswith((prefix, f"{include['name'].rpartition('.')[2]}_"))
        taken = {task.get("register"), *(task.get("ansible.builtin.set_fact") or {})}
        assert taken & given == set(), "what is declared is not written over"
    named -= {"ansible_python_interpreter"}
    assert sorted(name for name in named | given if not name.startswith(prefix)) == []


def test_every_loop_names_what_it_goes_over(role: Path) -> None:
    for place, task in tasks(role):
        if "loop" in task:
            assert "loop_var" in task.get("loop_control", {}), place


def test_templates_read_declared_variables_only(role: Path) -> None:
    declared = {*options(role), *(read(role / "vars/main.yml") or {}), *OFFERED}
    for path in sorted((role / "templates").rglob("*.j2")):
        text = path.read_text(encoding="utf-8")
        assert FACTS.findall(text) == [], path.name
        # A loop's own variables, and those of the task that writes the file, are the role's too.
        used = meta.find_undeclared_variables(_environment().parse(text))
        loops = {
            task["loop_control"]["loop_var"]
            for _, task in tasks(role)
            if module(task) == "ansible.builtin.template" and "loop" in task
        }
        given = {
            name
            for _, task in tasks(role)
            if module(task) == "ansible.builtin.template"
            for name in task.get("vars", {})
        }
        assert used - declared - loops - given == set(), path.name


def _environment() -> Environment:
    """Jinja with names for the filters and tests that Ansible adds: they are only looked up."""
    made = Environment(autoescape=False)
    for kind in (made.filters, made.tests):
        for path in sorted((COLLECTION / "roles").rglob("*.j2")):
            for name in re.findall(
                r"(?:\||\bis(?: not)?)\s*([a-z_][\w.]*)", path.read_text("utf-8")
            ):
                kind.setdefault(name, lambda *_: None)  # type: ignore[arg-type]
    return made


def test_no_role_asks_gathered_facts(role: Path) -> None:
    for path in sorted(role.rglob("*.yml")):
        found = set(FACTS.findall(path.read_text(encoding="utf-8")))
        assert found == set(), path.name


def test_modules_have_their_whole_name_and_tasks_one(role: Path) -> None:
    for place, task in tasks(role):
        assert task.get("name"), place
        assert module(task).startswith("ansible.builtin.") or "block" in task, place


def test_files_have_owner_and_mode(role: Path) -> None:
    for place, task in tasks(role):
        if module(task) in WRITERS:
            assert {"owner", "group", "mode"} <= set(task[module(task)]), place
        if (
            module(task) == "ansible.builtin.file"
            and task["ansible.builtin.file"]["state"] == "directory"
        ):
            assert {"owner", "group", "mode"} <= set(task["ansible.builtin.file"]), place


def test_commands_say_whether_they_change_something(role: Path) -> None:
    for place, task in tasks(role):
        name = module(task).removeprefix("ansible.builtin.")
        assert name != "shell", f"{place}: say it as a command without a shell"
        if name in {"command", "raw"}:
            said = "changed_when" in task or {"creates", "removes"} & set(task.get("args", {}))
            assert said, place
        assert "ignore_errors" not in task, place


def test_secrets_are_not_told(role: Path) -> None:
    secret = {name for name, one in options(role).items() if one.get("no_log")}
    for place, task in tasks(role):
        text = str({key: value for key, value in task.items() if key != "when"})
        if any(name in text for name in secret) and module(task) in WRITERS:
            assert task.get("no_log"), place


def test_hosts_of_the_embedded_cloud_have_what_roles_install() -> None:
    table = read(COLLECTION / "roles/os/vars/main.yml")["os_families"]
    packages = table["debian"]["packages"]
    wanted = {name for use in packages if use not in REMOVED for name in packages[use]}
    assert sorted(wanted - set(base.PACKAGES)) == []
    assert set(table["debian"]["packages"]) == set(table["redhat"]["packages"])
    assert set(table["debian"]["services"]) == set(table["redhat"]["services"])
    assert set(table["debian"]["paths"]) == set(table["redhat"]["paths"])


def test_handlers_of_different_roles_have_different_names() -> None:
    named = [task["name"] for role in ROLES for task in read(role / "handlers/main.yml") or []]
    assert sorted(name for name in set(named) if named.count(name) > 1) == []
