"""Stands in for the `aws` of a runbook: spells commands as it does, and asks a moto server.

As a process it takes the server's URL from AWS_ENDPOINT_URL, as `aws` does.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from tests.moto import Moto
from toolchain.providers.aws.types.database_outputs import resource_id
from toolchain.providers.aws.values import is_list, is_object

SPELL: Final[Callable[..., str]] = import_module("botocore").xform_name
"""A name as Python spells it, and as the command line does if `-` is given."""
SEARCH: Final[Callable[[str, Any], Any]] = import_module("jmespath").search
OWN: Final = ("--query", "--output")
"""Options that say how the answer is shown."""


def run(words: Sequence[str], aws: Moto) -> str:
    """What the command prints."""
    service, command, *rest = words
    client = aws.client(service)
    options = dict(_options(rest))
    shown = {name: options.pop(name)[0] for name in OWN if name in options}
    if command == "wait":
        waiter = client.get_waiter(rest[0].replace("-", "_"))
        method = SPELL(waiter.config.operation)
        waiter.wait(**_parameters(client, method, options), WaiterConfig={"MaxAttempts": 1})
        return ""
    method = command.replace("-", "_")
    answer: dict[str, Any] = getattr(client, method)(**_parameters(client, method, options))
    del answer["ResponseMetadata"]
    plain = json.loads(json.dumps(_told_apart(answer), default=datetime.isoformat))
    if "--query" in shown:
        plain = SEARCH(shown["--query"], plain)
    return _text(plain) if shown.get("--output") == "text" else json.dumps(plain, indent=4)


def _options(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    starts = [at for at, word in enumerate(words) if word.startswith("--")]
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        yield words[start], list(words[start + 1 : end])


def _parameters(
    client: Any,  # noqa: ANN401 - boto3's clients have no types
    method: str,
    options: dict[str, list[str]],
) -> dict[str, Any]:
    operation = client.meta.method_to_api_mapping[method]
    shape = client.meta.service_model.operation_model(operation).input_shape
    names = {f"--{SPELL(name, '-')}": name for name in shape.members}
    found: dict[str, Any] = {}
    for option, values in options.items():
        off = option.startswith("--no-") and option not in names
        name = names[option.replace("--no-", "--", 1) if off else option]
        found[name] = _value(shape.members[name].type_name, values, on=not off)
    return found


def _value(kind: str, values: list[str], *, on: bool) -> object:
    if kind == "boolean":
        return on
    if kind == "list":
        return values
    return int(values[0]) if kind == "integer" else values[0]


def _told_apart(answer: object) -> Any:  # noqa: ANN401 - JSON
    """Moto gives every database the same id for life; the rehearsal goes by one that tells them apart."""
    if is_list(answer):
        return [_told_apart(each) for each in answer]
    if not is_object(answer):
        return answer
    own = {"DbiResourceId", "InstanceCreateTime"} <= answer.keys()
    told = {name: _told_apart(each) for name, each in answer.items()}
    return {**told, "DbiResourceId": resource_id(answer)} if own else told


def _text(value: object) -> str:
    if is_list(value):
        apart = "\n" if any(is_list(each) for each in value) else "\t"
        return apart.join(map(_text, value))
    return "None" if value is None else str(value)


if __name__ == "__main__":
    print(run(sys.argv[1:], Moto(os.environ["AWS_ENDPOINT_URL"])))
