"""A data set goes from its provider to its consumers, and to nobody else."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

NAME, BASE = "exc-001.yunzhou.example", "rdb-001.yunzhou.example"
PASSWORD = "a-password-of-the-exchange"
ACCOUNTS = ("app-mkt", "app-env", "app-oa", "app-soc")


@pytest.fixture(scope="module")
def variables(authority: Any) -> dict[str, Any]:
    return {
        **authority.issue("data_exchange", NAME),
        "data_exchange_database_host": BASE,
        "data_exchange_database_name": "exchange",
        "data_exchange_database_account": "exchange",
        "data_exchange_database_password": PASSWORD,
        "data_exchange_accounts": [{"name": n, "password": f"{PASSWORD}-{n}"} for n in ACCOUNTS],
        "data_exchange_sets": [
            {
                "provider": "app-mkt",
                "id": "enterprises",
                "name": "企业登记信息",
                "share": "unconditional",
                "consumers": ["app-env", "app-oa"],
            },
            {
                "provider": "app-mkt",
                "id": "inspections",
                "name": "双随机检查结果",
                "share": "conditional",
                "condition": "仅限监管用途",
                "consumers": ["app-env"],
            },
            {"provider": "app-soc", "id": "residents", "name": "重点关爱人员", "share": "none"},
        ],
    }


@pytest.fixture(scope="module")
def host(lab: Any, authority: Any, variables: dict[str, Any]) -> Any:
    host = lab.start("exc-001")
    host.sh(f"echo 127.0.0.1 {NAME} {BASE} >>/etc/hosts")
    host.sh(f"printf '%s' '{authority.certificate}' >/root/ca.pem")
    account = {"name": "exchange", "password": PASSWORD, "addresses": ["127.0.0.1"]}
    base = {
        **authority.issue("database", BASE),
        "database_memory_mb": 64,
        "database_accounts": [account],
        "database_databases": [{"name": "exchange", "owner": "exchange"}],
    }
    assert lab.play("database", base).exit_code == 0
    play = lab.converge("data_exchange", {}, hosts={"exc-001": variables})
    assert PASSWORD not in play.output
    return host


def asked(host: Any, path: str, *options: str, account: str = "") -> tuple[int, Any]:
    """Return the status, and what was told."""
    login = [f"-u {account}:{PASSWORD}-{account}"] if account else []
    command = f"curl -sS --cacert /root/ca.pem -w '%{{http_code}}' {' '.join([*login, *options])}"
    told = host.sh(f"{command} 'https://{NAME}:8443{path}'")
    return int(told[-3:]), json.loads(told[:-3])


def hand_over(host: Any, account: str, path: str, records: Any) -> tuple[int, Any]:
    data = f"-X PUT --data-binary '{json.dumps(records, ensure_ascii=False)}'"
    return asked(host, path, data, account=account)


def test_what_a_provider_hands_over_its_consumers_read(host: Any) -> None:
    path = "/sets/app-mkt/enterprises"
    assert asked(host, path, account="app-env")[0] == 404
    records = [{"name": f"企业{number}"} for number in range(5)]
    assert hand_over(host, "app-mkt", path, records) == (200, {"records": 5})
    status, told = asked(host, f"{path}?from=2&size=2", account="app-env")
    assert (status, told["records"], told["next"]) == (200, records[2:4], 4)
    assert hand_over(host, "app-mkt", path, records[:1])[0] == 200
    told = asked(host, path, account="app-oa")[1]
    assert told["records"] == records[:1]
    assert "next" not in told
    # What is no set does not replace one.
    assert hand_over(host, "app-mkt", path, ["no object"])[0] == 400
    assert asked(host, path, account="app-oa")[1]["records"] == records[:1]


def test_nobody_else_does(host: Any) -> None:
    path = "/sets/app-mkt/inspections"
    assert hand_over(host, "app-mkt", path, [{"result": "合格"}])[0] == 200
    status, told = asked(host, path, account="app-oa")
    assert (status, "仅限监管用途" in told["reason"]) == (403, True)
    assert asked(host, path)[0] == 401
    assert asked(host, path, "-u app-env:wrong")[0] == 401
    assert hand_over(host, "app-env", path, [])[0] == 403
    assert asked(host, path, account="app-env")[1]["records"] == [{"result": "合格"}]
    assert hand_over(host, "app-soc", "/sets/app-soc/residents", [{"name": "x"}])[0] == 200
    assert asked(host, "/sets/app-soc/residents", account="app-mkt")[0] == 403


def test_the_catalogue_is_for_all_accounts(host: Any) -> None:
    status, told = asked(host, "/sets", account="app-oa")
    assert status == 200
    assert [(one["name"], one["share"], one["readable"]) for one in told["sets"]] == [
        ("企业登记信息", "unconditional", True),
        ("双随机检查结果", "conditional", False),
        ("重点关爱人员", "none", False),
    ]
    assert asked(host, "/sets")[0] == 401


def test_it_is_written_who_read_what(host: Any) -> None:
    log = host.sh("journalctl --unit govstack-exchange -o cat")
    asked_for = "from=127.0.0.1 GET '/sets/app-mkt/inspections'"
    assert f"access account=app-env {asked_for} 200" in log
    assert f"access account=app-oa {asked_for} 403" in log
    assert PASSWORD not in log
    assert PASSWORD not in host.sh("cat /etc/govstack/exchange/catalogue.json")
    modes = host.sh("cd /etc/govstack/exchange; stat -c '%a %U' catalogue.json database_password")
    assert modes == "600 root\n600 root"
    listening = host.sh("ss -Hltn sport 8010 | awk '{print $4}'")
    assert listening == "127.0.0.1:8010"


def test_what_is_wrong_is_said(lab: Any, host: Any, variables: dict[str, Any]) -> None:
    assert host
    residents = {**variables["data_exchange_sets"][2], "consumers": ["app-oa"]}
    reasons = lab.refuses("data_exchange", {**variables, "data_exchange_sets": [residents]})
    assert "not shared (share: none), yet have consumers: residents" in reasons
    wrong = {name: value for name, value in variables.items() if name != "data_exchange_key"}
    reasons = lab.refuses("data_exchange", {**wrong, "data_exchange_port": "many"})
    assert "cannot be converted to" in reasons
    assert "missing required arguments: data_exchange_key" in reasons
