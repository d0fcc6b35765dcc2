"""Settings from variables and files, and one clear message when they are wrong."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from agent_runtime.settings import Settings
from agent_runtime.settings_faults import SettingsError, load_settings, unknown_variables
from tests.certificates import Certificates


@pytest.fixture
def variables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, certificates: Certificates
) -> pytest.MonkeyPatch:
    """The least that is needed, set."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "database__password").write_text("first\n")
    (secrets / "redis__password").write_text("second\n")
    for name, value in {
        "AGENT_SECRETS_DIR": str(secrets),
        "AGENT_NAME": "feature-extractor",
        "AGENT_TENANT": "research",
        "AGENT_DATABASE__HOST": "postgres.stores.svc",
        "AGENT_DATABASE__CA_FILE": str(certificates.ca),
        "AGENT_REDIS__HOST": "redis.stores.svc",
        "AGENT_REDIS__CA_FILE": str(certificates.ca),
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def fault() -> str:
    """The message that wrong settings end with."""
    with pytest.raises(SettingsError) as raised:
        load_settings()
    return str(raised.value)


def test_the_least_is_enough_and_the_rest_has_defaults(variables: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.port == 8000
    assert settings.monitoring.metrics_port == 9090
    assert (settings.database.pool_size, settings.database.max_overflow) == (10, 20)
    assert settings.redis.max_connections == 100
    assert (settings.model.max_tokens, settings.model.temperature) == (2000, 0.3)
    assert settings.model.offline is True
    assert settings.database.password.get_secret_value() == "first"


def test_variables_reach_nested_settings_and_lists_are_written_with_commas(
    variables: pytest.MonkeyPatch,
) -> None:
    variables.setenv("AGENT_DATABASE__POOL_SIZE", "3")
    variables.setenv("AGENT_SECURITY__ALLOWED_HOSTS", "a.example.com, b.example.com")
    variables.setenv("POD_NAME", "pod-1")
    settings = load_settings()
    assert settings.database.pool_size == 3
    assert settings.security.allowed_hosts == ("a.example.com", "b.example.com")
    assert settings.pod == "pod-1"


def test_settings_cannot_be_changed(variables: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # pyright: ignore[reportAttributeAccessIssue] (what is tested)


def test_secrets_do_not_show_when_settings_are_printed(variables: pytest.MonkeyPatch) -> None:
    assert "first" not in repr(load_settings())


def test_every_fault_is_named_in_one_message(variables: pytest.MonkeyPatch) -> None:
    variables.delenv("AGENT_NAME")
    variables.setenv("AGENT_DATABASE__PORT", "abc")
    variables.setenv("AGENT_LOG_LEVEL", "LOUD")
    variables.setenv("AGENT_REDIS__TTL", "0")
    said = fault()
    assert said.startswith("the settings are wrong, nothing was started:")
    assert "AGENT_NAME is missing; set it" in said
    assert "AGENT_DATABASE__PORT: got 'abc', wanted: a valid integer" in said
    assert "AGENT_LOG_LEVEL: got 'LOUD', wanted: 'DEBUG', 'INFO', 'WARNING' or 'ERROR'" in said
    assert "AGENT_REDIS__TTL: got '0', wanted: greater than or equal to 1" in said
    assert len(said.splitlines()) == 5


def test_a_missing_secret_names_its_file(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "redis__password"
    path.unlink()
    assert f"the secret file {path} is missing; put the secret there" in fault()


def test_a_missing_group_names_what_is_needed(
    variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variables.delenv("AGENT_REDIS__HOST")
    variables.delenv("AGENT_REDIS__CA_FILE")
    (tmp_path / "secrets" / "redis__password").unlink()
    said = fault()
    assert "AGENT_REDIS is missing; wanted at least: AGENT_REDIS__HOST, the secret file" in said


def test_a_misspelt_nested_name_is_a_fault_with_a_suggestion(
    variables: pytest.MonkeyPatch,
) -> None:
    variables.setenv("AGENT_DATABASE__POOLSIZE", "3")
    said = fault()
    assert "AGENT_DATABASE__POOLSIZE is read by no setting" in said
    assert "did you mean AGENT_DATABASE__POOL_SIZE?" in said


def test_a_ca_file_that_is_none_is_named(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variables.setenv("AGENT_DATABASE__CA_FILE", "/nowhere/ca.crt")
    nonsense = tmp_path / "ca.crt"
    nonsense.write_text("not a certificate")
    variables.setenv("AGENT_REDIS__CA_FILE", str(nonsense))
    said = fault()
    assert "AGENT_DATABASE__CA_FILE: got '/nowhere/ca.crt', wanted: a readable file of PEM" in said
    assert f"AGENT_REDIS__CA_FILE: got '{nonsense}', wanted: a readable file of PEM" in said


def test_a_secret_is_never_part_of_a_message(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secrets" / "model__api_key").write_bytes(b"swordfish")
    variables.setenv("AGENT_MODEL__PRIMARY", "nobody:model")
    said = fault()
    assert "AGENT_MODEL__PRIMARY: got 'nobody:model', wanted: a model as openai:<name>" in said
    assert "swordfish" not in said


def test_nobody_left_to_answer_is_a_fault(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variables.setenv("AGENT_MODEL__OFFLINE", "false")
    assert "no model can answer: model__api_key is missing" in fault()
    (tmp_path / "secrets" / "model__api_key").write_text("key")
    assert load_settings().model.offline is False


def test_unknown_variables_are_told_of_but_are_no_fault() -> None:
    environment = {"AGENT_PORTT": "1", "AGENT_PORT": "1", "AGENT_DATABASE__HOST": "x", "PATH": ""}
    told = list(unknown_variables(environment))
    assert told == ["AGENT_PORTT is read by no setting; did you mean AGENT_PORT?"]


def test_every_group_of_the_contract_is_there() -> None:
    groups = {"database", "redis", "model", "monitoring", "security"}
    assert groups <= set(Settings.model_fields)
