"""Everything the process can be told, in one frozen tree.

Values come from the environment (`AGENT_DATABASE__HOST`), secrets from files
(`database__password` in `AGENT_SECRETS_DIR`). `load_settings` turns every fault into one message.
"""

import os
import ssl
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "AGENT_"
DELIMITER = "__"
SECRETS_DIR_VARIABLE = f"{PREFIX}SECRETS_DIR"
DEFAULT_SECRETS_DIR = Path("/run/secrets/agent")
DEFAULT_CA_FILE = Path("/run/tls/ca.crt")

Environment = Literal["dev", "test", "staging", "prod"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


def _readable_ca(path: Path) -> Path:
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        raise ValueError(f"a readable file of PEM certificates ({error})") from error
    return path


def _supported_model(name: str) -> str:
    vendor, _, model = name.partition(":")
    if vendor not in {"openai", "openai-chat", "openai-responses"} or not model:
        raise ValueError("a model as openai:<name>, openai-chat:<name> or openai-responses:<name>")
    return name


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


CaFile = Annotated[Path, AfterValidator(_readable_ca)]
ModelName = Annotated[str, AfterValidator(_supported_model)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""A list written as `a,b` in the environment."""


class Group(BaseModel):
    """A group of settings; a misspelt name inside it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class DatabaseSettings(Group):
    """PostgreSQL over verified TLS."""

    host: str
    port: Port = 5432
    name: str = "agent"
    user: str = "agent"
    password: SecretStr
    ca_file: CaFile = DEFAULT_CA_FILE
    pool_size: int = Field(default=10, ge=1, le=100)
    max_overflow: int = Field(default=20, ge=0, le=100)
    pool_timeout: Seconds = 30
    pool_recycle: Seconds = 3600
    connect_timeout: Seconds = 3
    command_timeout: Seconds = 10


class RedisSettings(Group):
    """The cache. Its absence makes answers slower, never wrong."""

    host: str
    port: Port = 6379
    db: int = Field(default=0, ge=0, le=15)
    user: str | None = None
    password: SecretStr
    ca_file: CaFile = DEFAULT_CA_FILE
    max_connections: int = Field(default=100, ge=1, le=1000)
    timeout: Seconds = 0.25
    ttl: int = Field(default=300, ge=1, le=604800, description="Seconds that an answer is kept.")
    breaker_failures: int = Field(default=3, ge=1, le=100)
    breaker_open: Seconds = 5


class ModelSettings(Group):
    """Which models answer, in which order, and what one answer may cost."""

    primary: ModelName = "openai:gpt-6.1-sol"
    fallback: ModelName | None = "openai:gpt-6-luna"
    offline: bool = Field(
        default=True,
        description="The offline model may answer: alone without a key, else after the others.",
    )
    api_key: SecretStr | None = None
    base_url: str | None = Field(default=None, pattern=r"^https?://")
    max_tokens: int = Field(default=2000, ge=1, le=200_000)
    temperature: float = Field(default=0.3, ge=0, le=2)
    timeout: Seconds = 20
    retries: int = Field(default=2, ge=0, le=10)
    request_limit: int = Field(default=5, ge=1, le=50)
    total_tokens_limit: int = Field(default=50_000, ge=100)


class MonitoringSettings(Group):
    """Signals to the outside."""

    metrics_enabled: bool = True
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 9090
    access_log: bool = True


class SecuritySettings(Group):
    """What the HTTP side lets in."""

    allowed_origins: Names = ()
    allowed_hosts: Names = ("*",)
    docs: bool | None = Field(default=None, description="Unset: served everywhere but in prod.")
    max_body_bytes: int = Field(default=1_048_576, ge=1024, le=67_108_864)
    max_document_chars: int = Field(default=200_000, ge=100, le=20_000_000)


class RunSettings(Group):
    """How extractions are run and how the process leaves."""

    concurrency: int = Field(default=4, ge=1, le=64, description="Extractions computed at once.")
    waiting: int = Field(default=64, ge=0, le=10_000, description="Requests that may wait.")
    request_timeout: Seconds = 30
    workers: int = Field(default=2, ge=0, le=32, description="Asynchronous jobs worked on at once.")
    poll_interval: Seconds = 1
    lease: Seconds = 30
    max_attempts: int = Field(default=3, ge=1, le=20)
    drain: Annotated[float, Field(ge=0, le=60)] = 5
    grace: Seconds = Field(default=15, description="Given to running requests after the drain.")


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        frozen=True,
        extra="ignore",
        validate_default=True,
        secrets_dir_missing="ok",
    )

    name: Name
    tenant: Name
    environment: Environment = "dev"
    log_level: LogLevel = "INFO"
    host: str = "0.0.0.0"  # noqa: S104 (a pod's port is reached from other pods; policies guard it)
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    database: DatabaseSettings
    redis: RedisSettings
    model: ModelSettings = ModelSettings()
    monitoring: MonitoringSettings = MonitoringSettings()
    security: SecuritySettings = SecuritySettings()
    run: RunSettings = RunSettings()
    pod: str = Field(default="local", validation_alias="POD_NAME")
    namespace: str = Field(default="local", validation_alias="NAMESPACE")

    @model_validator(mode="after")
    def _someone_answers(self) -> "Settings":
        if self.model.api_key is None and not self.model.offline:
            raise ValueError(
                "no model can answer: model__api_key is missing and AGENT_MODEL__OFFLINE is false; "
                "give the key or allow the offline model"
            )
        return self

    @property
    def docs(self) -> bool:
        """Whether the interactive documentation is served."""
        if self.security.docs is None:
            return self.environment != "prod"
        return self.security.docs

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (the signature is the library's)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (a pod has no .env file)
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        secrets = NestedSecretsSettingsSource(
            file_secret_settings,
            secrets_dir=secrets_dir(),
            secrets_prefix="",
            secrets_nested_delimiter=DELIMITER,
        )
        return init_settings, env_settings, secrets


def secrets_dir() -> Path:
    """Where the secret files are looked for."""
    return Path(os.environ.get(SECRETS_DIR_VARIABLE, DEFAULT_SECRETS_DIR))
