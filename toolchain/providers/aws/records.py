"""What moto cannot hold: records that stand in for it, kept in the same moto server.

So they are gone when it is gone, and are not the provider's memory, which lasts for one command. They
lie in a bucket of another partition of AWS, where nobody who lists the account meets them.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from toolchain.providers.aws.call import Call, Tags
from toolchain.providers.aws.errors import absent, code, refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.values import Inputs, Outputs

REGION = "us-gov-west-1"
BUCKET = "played"


def read(call: Call, identity: str) -> Outputs | None:
    """The record of a resource of the call's type, None if there is none."""
    try:
        answer = _store(call).get_object(Bucket=BUCKET, Key=_key(call, identity))
    except ClientError as error:
        if not absent(error):
            raise
        return None
    return json.loads(answer["Body"].read())


def write(call: Call, identity: str, values: Mapping[str, Any]) -> None:
    """Make or replace the record."""
    store = _store(call)
    try:
        store.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    except ClientError as error:
        if code(error) != "BucketAlreadyOwnedByYou":
            raise
    store.put_object(Bucket=BUCKET, Key=_key(call, identity), Body=json.dumps(values).encode())


def remove(call: Call, identity: str) -> None:
    """Remove the record, if there is one."""
    if read(call, identity) is not None:
        _store(call).delete_object(Bucket=BUCKET, Key=_key(call, identity))


def played(
    token: str,
    *,
    service: str,
    identity: Callable[[Call, Inputs], str],
    outputs: Callable[[Call, str, Inputs], Outputs],
    check: Callable[[Call, Inputs], None] = lambda _, __: None,
    tagged: bool = True,
    updates: tuple[str, ...] = (),
    replaces: tuple[str, ...] = (),
    **more: Any,  # noqa: ANN401 - fields of Type
) -> Type:
    """A type that moto lacks. `identity` makes up its id, `outputs` what AWS would add to the inputs.

    `check` refuses what AWS would refuse, for one a reference to what is not there.
    """

    def create(call: Call, inputs: Inputs) -> str:
        check(call, inputs)
        made = identity(call, inputs)
        if read(call, made) is not None:
            raise refused(
                "ResourceAlreadyExistsException", f"{made} exists", f"Create{_noun(token)}"
            )
        write(call, made, {"inputs": inputs, "tags": call.tags})
        return made

    def find(call: Call, made: str) -> Outputs | None:
        record = read(call, made)
        if record is None:
            return None
        kept: Outputs = record["inputs"]
        inputs = {name: kept[name] for name in (*updates, *replaces) if name in kept}
        tags = {"tags": record["tags"]} if tagged else {}
        return inputs | outputs(call, made, kept) | tags

    def update(call: Call, made: str, new: Inputs, _: Inputs) -> None:
        check(call, new)
        write(call, made, {**(read(call, made) or {}), "inputs": new})

    def tag(call: Call, made: str, changed: dict[str, str], removed: list[str]) -> None:
        record = read(call, made) or {}
        tags: Tags = {k: v for k, v in record["tags"].items() if k not in removed}
        write(call, made, {**record, "tags": {**tags, **changed}})

    return Type(
        token,
        service=service,
        create=create,
        read=find,
        update=update if updates else None,
        delete=remove,
        tag=tag if tagged else None,
        updates=updates,
        replaces=replaces,
        played=True,
        **more,
    )


def _noun(token: str) -> str:
    return token.rsplit(":", 1)[-1]


def _key(call: Call, identity: str) -> str:
    return f"{quote(call.token, safe='')}/{call.region}/{quote(identity, safe='')}"


def _store(call: Call) -> Any:  # noqa: ANN401 - boto3's clients have no types
    return call.aws.client("s3", REGION)
