from dataclasses import replace
from pathlib import Path

import pytest

from deploy import site, stack
from deploy.site import Site
from hub.config import environment
from sandbox import __main__ as sandbox


def test_settings_of_ones_own_have_the_last_word(tmp_path: Path):
    here = Site(
        home=tmp_path, base_port=21000, secrets=site.keep_secrets(tmp_path), database_port=21000
    )
    (tmp_path / "own.env").write_text(
        "# ours\n\nHUB_ALERT_URLS=json://127.0.0.1:9/\nHUB_CONN_FIRE=http://a:b@fire.example/\n"
    )
    given = site.hub_environment(here)
    assert given["HUB_ALERT_URLS"] == "json://127.0.0.1:9/"
    assert given["HUB_CONN_FIRE"] == "http://a:b@fire.example/"
    assert given["HUB_CONN_GAS"].startswith("http://hub_gas:")


def test_a_connection_of_the_shell_reaches_airflow_and_own_env_has_the_last_word(
    tmp_path: Path, monkeypatch
):
    monkeypatch.setenv("HUB_CONN_DRAINAGE", "file:///shell")
    monkeypatch.setenv("HUB_CONN_FIRE", "http://shell.example/")
    monkeypatch.setenv("HUB_BATCH_RECORDS", "7")
    monkeypatch.setattr(site, "RUN", tmp_path)
    (tmp_path / "own.env").write_text("HUB_CONN_FIRE=http://own.example/\n")
    here = replace(site.open_site(), home=tmp_path)
    site.write_files(here)
    for name, value in stack.airflow_program(here, "scheduler").environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("HUB_CONN_DRAINAGE")
    monkeypatch.delenv("HUB_CONN_FIRE")
    monkeypatch.delenv("HUB_BATCH_RECORDS")
    told = environment.hub_variables()  # as a task of the scheduler has it
    assert told["HUB_CONN_DRAINAGE"] == "file:///shell"
    assert told["HUB_CONN_FIRE"] == "http://own.example/"
    assert "HUB_BATCH_RECORDS" not in told


def test_a_demo_may_show_some_partners_alone(tmp_path: Path):
    core = site.chosen("core")
    here = Site(
        home=tmp_path,
        base_port=21000,
        secrets=site.keep_secrets(tmp_path),
        database_port=21000,
        partners=core,
    )
    assert set(core) < set(site.PARTNERS) == set(site.chosen(",".join(site.PARTNERS)))
    assert here.programs == [name for name in site.SANDBOX_PROGRAMS if name in {*core, "declared"}]
    only = stack.partner_program(here, "declared").command
    assert only[only.index("--only") + 1].split(",") == [
        name for name in site.DECLARED if name in core
    ]
    assert replace(here, partners=("investment",)).programs == ["investment"]
    with pytest.raises(site.NoSuchPartnerError, match=r"没有合作系统 nobody.*core.*no partner"):
        site.chosen("nobody")


def test_each_process_has_only_the_secrets_that_it_needs(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(site, "RUN", tmp_path)
    (tmp_path / "own.env").write_text(
        "AIRFLOW__CORE__PARALLELISM=16\nHUB_ALERT_URLS=json://geheim@a.example/\n"
    )
    here = replace(site.open_site(), home=tmp_path)
    given = {part: stack.airflow_program(here, part).environment for part in stack.AIRFLOW}
    given["api"] = stack.api_program(here).environment
    holders = {
        secret: {
            part
            for part, environment in given.items()
            if here.secrets[secret] in "\n".join(environment.values())
        }
        for secret in (
            "fernet",
            "airflow-session",
            "airflow-jwt",
            "hub",
            "hash-key",
            "digest-key",
            "airflow",
            "fire",
        )
    }
    assert holders == {
        "fernet": {"api-server"},
        "airflow-session": {"api-server"},
        "airflow-jwt": {"api-server", "scheduler"},
        "airflow": set(stack.AIRFLOW),
        "hub": {"api"},
        "hash-key": {"api"},
        "digest-key": {"api"},
        "fire": set(),
    }
    assert all("geheim" not in "".join(given[part].values()) for part in stack.AIRFLOW)
    assert all(given[part]["AIRFLOW__CORE__PARALLELISM"] == "16" for part in stack.AIRFLOW)
    # whoever calls the hub must be proven by it; nobody else's login is anywhere
    callers = {f"HUB_CONN_{name.upper()}" for name in site.callers()}
    assert callers
    assert {name for name in given.pop("api") if name.startswith("HUB_CONN_")} == callers
    assert not any(
        name.startswith("HUB_CONN_") for environment in given.values() for name in environment
    )


def test_a_connection_written_down_while_all_runs_reaches_the_next_task(
    tmp_path: Path, monkeypatch
):
    here = Site(
        home=tmp_path, base_port=21000, secrets=site.keep_secrets(tmp_path), database_port=21000
    )
    site.write_files(here)
    for name, value in stack.airflow_program(here, "scheduler").environment.items():
        monkeypatch.setenv(name, value)
    assert "HUB_CONN_COOLING" not in environment.hub_variables()
    (tmp_path / "own.env").write_text(
        "export HUB_CONN_COOLING=file:///a\nHUB_CONN_FIRE=http://b.example/?a=b\n"
    )
    told = environment.addresses(environment.hub_variables())
    assert (told["cooling"], told["fire"]) == ("file:///a", "http://b.example/?a=b")
    assert told["gas"].startswith("http://hub_gas:")


def test_a_command_takes_the_shells_word_before_the_files(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(environment, "HOME", tmp_path)
    here = Site(
        home=tmp_path / ".run",
        base_port=21000,
        secrets=site.keep_secrets(tmp_path),
        database_port=21000,
    )
    site.write_files(here)
    here.own.write_text("HUB_CONN_GAS=http://file.example/\nHUB_CONN_HEAT=http://file.example/\n")
    monkeypatch.delenv("HUB_DATABASE_URL", raising=False)
    monkeypatch.setenv("HUB_CONN_GAS", "http://shell.example/")
    told = environment.addresses(environment.hub_variables())
    assert (told["gas"], told["heat"]) == ("http://shell.example/", "http://file.example/")


def test_the_sandbox_is_spoken_to_at_the_ports_of_this_checkout(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(sandbox, "STARTED", tmp_path / "hub.env")
    monkeypatch.delenv("HUB_PORT_BASE", raising=False)
    assert sandbox._arguments().parse_args(["tick"]).base_port == sandbox.BASE_PORT
    here = Site(
        home=tmp_path, base_port=21000, secrets=site.keep_secrets(tmp_path), database_port=21000
    )
    site.write_files(here)
    assert sandbox._arguments().parse_args(["tick"]).base_port == 21000
    monkeypatch.setenv("HUB_PORT_BASE", "22000")
    assert sandbox._arguments().parse_args(["tick"]).base_port == 22000


def test_a_proxy_of_the_machine_is_not_asked_for_what_is_on_it(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "partner.example")
    given = stack.own_environment()
    assert given["HTTP_PROXY"] == "http://127.0.0.1:9"
    assert given["NO_PROXY"] == given["no_proxy"] == "partner.example,127.0.0.1,localhost"
