"""Probes as data: what may stand in their files, who is asked, and who is told which secret."""

import importlib.util
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from govstack.inventory.probes.language import Unknown, filled, value_of
from govstack.inventory.probes.load import all_probes, full_names, roles_folder
from govstack.inventory.probes.trials import Trial, Wished, trials_of
from govstack.inventory.tables import role_table

# What roles are given is made there; tests are no package, so it is read as a file.
VARIABLES: Any = importlib.util.spec_from_file_location(
    "role_variables", Path(__file__).parent / "test_role_variables.py"
)
variables = importlib.util.module_from_spec(VARIABLES)
VARIABLES.loader.exec_module(variables)
CITIES, made, seen_from = variables.CITIES, variables.made, variables.seen_from

TOKEN = "token-of-this-run"
OFFICE = "yz-pub-szfb-oa-app-001"
DATABASE = "yz-dat-dsjj-rdb-db-001"
COPY = "yz-dat-dsjj-rdb-db-002"
LOGS = "yz-mgt-dsjj-log-collector-001"
GOOD = """\
format: 1
probes:
  - id: answers
    title: it answers
    hint: look at {{ here.name }}
    steps:
      - shell: {script: "true"}
"""


@cache
def trials(city: str, *names: str, disturbing: bool = True) -> tuple[Trial, ...]:
    hosts = list(made(city).values())
    wished = Wished(frozenset(names), disturbing)
    return tuple(trials_of(seen_from(city), hosts, all_probes(roles_folder()), TOKEN, wished))


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Any]:
    """Read a file of probes as that of the role `cache`; what is said of it names the file."""

    def reading(text: str) -> Any:
        folder = tmp_path / "cache/probes"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "probes.yaml").write_text(text, encoding="utf-8")
        return all_probes(tmp_path)

    yield reading
    all_probes.cache_clear()


def test_every_role_that_is_run_has_probes() -> None:
    table = role_table()
    roles = {*table.every, *(each.role for each in table.further), *table.closing}
    assert all_probes(roles_folder()).keys() == roles


@pytest.mark.parametrize("city", CITIES)
def test_every_probe_can_be_filled_in_wherever_it_applies(city: str) -> None:
    found = trials(city)
    assert [(one.probe, one.host, one.problem) for one in found if one.problem] == []
    assert all(one.steps and step.hint for one in found for step in one.steps)
    json.dumps([step.request for one in found for step in one.steps])


def test_the_reference_city_tries_all_probes() -> None:
    tried = {one.probe for one in trials("reference")}
    assert set(full_names(all_probes(roles_folder()))) == tried


def test_what_disturbs_is_tried_on_request_alone() -> None:
    disturbing = {one.probe for one in trials("reference") if one.disturbs}
    assert disturbing == {
        "api_gateway.quota",
        "database.promotion",
        "load_balancer.survives",
        "monitoring.fires",
    }
    assert not any(one.disturbs for one in trials("reference", disturbing=False))
    for one in trials("reference"):
        # The quota comes back by itself; all else is put back whatever happens.
        restores = one.probe == "api_gateway.quota" or one.steps[-1].always
        assert restores or not one.disturbs, one.probe


def owners() -> dict[str, set[str]]:
    """Who may be told which secret."""
    owned: dict[str, set[str]] = {}
    view = seen_from("reference")
    for name, host in made("reference").items():
        # Passwords of its own system, whether or not a role of the host is given them.
        keys = [each.key for each in view.machines[name].system.credentials]
        own = [view.material.password(key).reveal() for key in keys]
        for secret in (*_secrets(host.variables), *own):
            owned.setdefault(json.dumps(secret, ensure_ascii=False)[1:-1], set()).add(name)
    return owned


def test_no_host_is_told_another_ones_secrets() -> None:
    owned = owners()
    steps = [(one, step) for one in trials("reference") for step in one.steps]
    for one, step in steps:
        text = json.dumps(step.request, ensure_ascii=False)
        for secret in (each for each in owned if each in text):
            assert step.host in owned[secret], (one.probe, step.host, secret)
            assert json.loads(f'"{secret}"') in one.hidden, (one.probe, secret)


def test_secrets_are_values_and_never_in_commands_titles_or_hints() -> None:
    for one in trials("reference"):
        for step in one.steps:
            shown = [one.title, one.subject, step.hint, step.request["ask"].get("script", "")]
            shown.append(repr(step))
            for secret in one.hidden:
                assert not any(secret in text for text in shown), (one.probe, secret)


def test_probes_are_made_from_those_who_use_a_service() -> None:
    users = {one.host for one in trials("reference", "database.accounts")}
    assert (DATABASE in users, OFFICE in users, len(users)) == (False, True, 7)
    (copied,) = trials("reference", "database.copy")
    assert (copied.host, copied.server) == (COPY, DATABASE)
    assert [step.host for step in copied.steps] == [DATABASE, DATABASE, COPY, DATABASE]
    assert [step.always for step in copied.steps] == [False, False, False, True]
    logged = {one.host: one for one in trials("reference", "log_client.arrives")}
    assert [step.host for step in logged[OFFICE].steps] == [OFFICE, LOGS]
    assert LOGS not in logged


def test_a_data_set_is_for_its_consumers() -> None:
    found = {
        (one.host, one.subject): one.steps[0].request["expect"]["status"]["one_of"]
        for one in trials("reference", "data_exchange.sets")
    }
    market = "yz-pub-scjg-mkt-app-001"
    assert found[OFFICE, "企业登记信息"] == [200, 404]  # a consumer
    assert found[market, "企业登记信息"] == [200, 404]  # its provider
    assert found[OFFICE, "双随机检查结果"] == [403]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("id: answers", "id: Answers", 3, "probes[0].id: String should match pattern"),
        ("hint: look at {{ here.name }}", "why: x", 5, "unknown key 'why'"),
        ('{script: "true"}', '{script: "true", run: x}', 7, "unknown key 'run'"),
        ('- shell: {script: "true"}', "- expect: {}", 7, "does one of tls, http, sql, shell, "),
        ("look at {{ here.name }}", '"{{ here.name"', 5, "cannot be read: unexpected end of templ"),
        (
            "title: it answers",
            "title: it answers\n    from: everybody",
            5,
            "'everybody' is not one",
        ),
        (
            "title: it answers",
            "title: it answers\n    from: client",
            3,
            "names a port if it is tri",
        ),
        ('"true"}', '"true"}\n        expect: {code: {is: 0}}', 8, "code takes a value, or one of"),
        ("format: 1", "format: 2", 1, "2 is not one of 1"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    read: Callable[[str], Any], tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in GOOD
    with pytest.raises(ValueError, match=r"probes\.yaml") as raised:
        read(GOOD.replace(old, new))
    file = tmp_path / "cache/probes/probes.yaml"
    places = [text for text in str(raised.value).splitlines() if said in text]
    assert [text.partition(": ")[0] for text in places] == [f"{file}:{line}"], raised.value


def test_a_program_that_is_not_there_is_told(read: Callable[[str], Any]) -> None:
    assert full_names(read(GOOD)) == ["cache.answers"]
    all_probes.cache_clear()
    with pytest.raises(ValueError, match=r"gone.py cannot be read: No such file"):
        read(GOOD.replace('shell: {script: "true"}', "python: {file: gone.py}"))


def test_templates_give_values_and_never_run_anything() -> None:
    values = {"port": 5432, "names": ["a"], "text": "{{ port }}"}
    assert filled({"port": "{{ port }}", "all": ["{{ names }}", "{{ port }}/tcp"]}, values) == {
        "port": 5432,
        "all": [["a"], "5432/tcp"],
    }
    assert filled("{{ text }}", values) == "{{ port }}"
    for wrong in ("{{ nothing }}", "at {{ nothing.here }}", "{{ ''.__class__.__mro__ }}"):
        with pytest.raises(Unknown):
            filled(wrong, values)
    with pytest.raises(Unknown, match="'nothing' is undefined"):
        value_of("nothing", values)


def _secrets(value: Any) -> list[str]:
    if hasattr(value, "reveal"):
        return [value.reveal()]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _secrets(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _secrets(item)]
    return []
