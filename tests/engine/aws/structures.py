"""Stands in for the `aws` of a page that gives structures: as JSON, in its place or in a file."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.engine.aws.command_line import run
from tests.moto import REGION, Moto

OWN = {"s3api": "s3"}
"""Services that the command line has a name of its own for."""


class Structured(Moto):
    """A server whose clients take what the command line takes."""

    def client(self, service: str, region: str = REGION) -> Any:  # noqa: ANN401 - boto3's are untyped
        client = super().client(OWN.get(service, service), region)
        client.meta.events.register("provide-client-params", _read)
        return client


def _read(params: dict[str, Any], model: Any, **_: object) -> dict[str, Any]:  # noqa: ANN401 - botocore's have no types
    shapes = model.input_shape.members
    return {name: _value(each, shapes[name].type_name) for name, each in params.items()}


def _value(given: object, kind: str) -> object:
    if not isinstance(given, str):
        return given
    text = Path(given.removeprefix("file://")).read_text() if given.startswith("file://") else given
    return json.loads(text) if kind == "structure" else text


if __name__ == "__main__":
    print(run(sys.argv[1:], Structured(os.environ["AWS_ENDPOINT_URL"])))
