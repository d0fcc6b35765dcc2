"""Settings faults as one message an operator can act on."""

import difflib
from collections.abc import Iterator, Mapping
from typing import get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError as SourceError

from agent_runtime.settings import DELIMITER, PREFIX, Settings, secrets_dir


class SettingsError(Exception):
    """The settings are wrong; the message names each fault."""


def load_settings() -> Settings:
    """Read the settings, or raise `SettingsError` with every fault in one message."""
    try:
        # pyright cannot know that the sources fill what the constructor asks for.
        return Settings()  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        lines = [f"  {_sentence(fault)}" for fault in error.errors()]
    except SourceError as error:
        lines = [f"  {error}: {error.__cause__}"]
    raise SettingsError("the settings are wrong, nothing was started:\n" + "\n".join(lines))


def unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """Sentences about AGENT_ variables that no setting reads.

    They are no fault: Kubernetes itself puts `AGENT_..._SERVICE_HOST` into pods.
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields} | {f"{PREFIX}SECRETS_DIR"}
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable.split(DELIMITER)[0] in known:
            continue
        close = difflib.get_close_matches(variable, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        yield f"{variable} is read by no setting{hint}"


def _sentence(fault: ErrorDetails) -> str:
    place = [str(part) for part in fault["loc"]]
    if not place:
        return fault["msg"].removeprefix("Value error, ")
    source = _source(place)
    if fault["type"] == "missing":
        return f"{source} is missing; {_wanted(place)}"
    if fault["type"] == "extra_forbidden":
        return f"{source} is read by no setting{_did_you_mean(place)}; take it out or mend its name"
    wanted = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    got = "a secret value" if _is_secret(place) else f"{str(fault['input'])!r}"
    return f"{source}: got {got}, wanted: {wanted}"


def _source(place: list[str]) -> str:
    if _is_secret(place):
        return f"the secret file {secrets_dir() / DELIMITER.join(place)}"
    if place[0] in {"POD_NAME", "NAMESPACE"}:
        return place[0]
    return PREFIX + DELIMITER.join(place).upper()


def _wanted(place: list[str]) -> str:
    missing_group = _group([*place, ""])
    if missing_group is None or missing_group is Settings:
        return "put the secret there" if _is_secret(place) else "set it"
    required = [name for name, field in missing_group.model_fields.items() if field.is_required()]
    return f"wanted at least: {', '.join(_source([*place, name]) for name in required)}"


def _did_you_mean(place: list[str]) -> str:
    group = _group(place)
    close = difflib.get_close_matches(place[-1], group.model_fields if group else (), n=1)
    return f" (did you mean {_source([*place[:-1], close[0]])}?)" if close else ""


def _group(place: list[str]) -> type[BaseModel] | None:
    group: type[BaseModel] = Settings
    for part in place[:-1]:
        field = group.model_fields.get(part)
        if field is None or not isinstance(field.annotation, type):
            return None
        if not issubclass(field.annotation, BaseModel):
            return None
        group = field.annotation
    return group


def _is_secret(place: list[str]) -> bool:
    group = _group(place)
    field = group.model_fields.get(place[-1]) if group else None
    return field is not None and SecretStr in (field.annotation, *get_args(field.annotation))
