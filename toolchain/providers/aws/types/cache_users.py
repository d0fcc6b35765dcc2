"""ElastiCache: users of a cache, and groups of them. Moto changes no user, and has no groups."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.records import played
from toolchain.providers.aws.types import references
from toolchain.providers.aws.values import Inputs, Outputs

USER_TYPE: Final = "aws:elasticache/user:User"
GROUP_TYPE: Final = "aws:elasticache/userGroup:UserGroup"
IDENTITY: Final = re.compile(r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,39}(?<!-)")
MOST_PASSWORDS: Final = 2
"""So that one can be exchanged while the other still opens (ElastiCache guide, RBAC)."""


def _check_user(_: Call, inputs: Inputs) -> None:
    for codename, message in user_faults(inputs):
        raise refused(codename, message, "CreateUser")


def user_faults(inputs: Inputs) -> Iterator[tuple[str, str]]:
    """What AWS refuses of a user: its code and its message."""
    if not IDENTITY.fullmatch(inputs["userId"]):
        yield (
            "InvalidParameterValue",
            f"The user id {inputs['userId']!r} is not valid: it begins with a letter, has 40 "
            "letters, digits and single hyphens at most, and does not end with a hyphen.",
        )
    passwords = inputs.get("passwords", ())
    if any(not 16 <= len(each) <= 128 for each in passwords):
        yield "InvalidParameterValue", "Passwords length must be between 16-128 characters."
    if len(passwords) > MOST_PASSWORDS:
        yield "InvalidParameterValue", f"A user has {MOST_PASSWORDS} passwords at most."
    if bool(passwords) == bool(inputs.get("noPasswordRequired")):
        yield (
            "InvalidParameterCombination",
            "A user has either passwords or no need of one.",
        )
    if not re.match(r"(on|off)( |$)", inputs["accessString"]):
        yield (
            "InvalidParameterValue",
            f"Invalid access string: it begins with on or off, not {inputs['accessString']!r}.",
        )
    if inputs["engine"].lower() not in ("redis", "valkey"):
        yield "InvalidParameterValue", f"Invalid engine {inputs['engine']!r}."


def _user_outputs(call: Call, identity: str, inputs: Inputs) -> Outputs:
    passwords = inputs.get("passwords", ())
    kind = "password" if passwords else "no-password"
    return {
        "arn": call.arn(f"user:{identity}"),
        "authenticationMode": {"type": kind, "passwordCount": len(passwords)},
    }


def _without_passwords(call: Call, identity: str) -> Outputs | None:
    found = _USER.read(call, identity)
    if found is None:
        return None
    return {name: value for name, value in found.items() if name != "passwords"}


_USER = played(
    USER_TYPE,
    service="elasticache",
    identity=lambda _, inputs: str(inputs["userId"]),
    outputs=_user_outputs,
    check=_check_user,
    updates=("engine", "accessString", "passwords", "noPasswordRequired"),
    replaces=("userId", "userName"),
    secrets=("passwords",),
    volatile=("authenticationMode",),
)
# AWS tells nobody a password, and so cannot tell that somebody has changed one.
USER = replace(_USER, read=_without_passwords)


def _check_group(call: Call, inputs: Inputs) -> None:
    names: list[str] = []
    for each in inputs.get("userIds", ()):
        user = references.played(call, USER_TYPE, each)
        if user is None:
            raise refused("UserNotFound", f"User {each} not found.", "CreateUserGroup")
        if inputs["engine"] == "redis" and user["engine"] != "redis":
            reason = f"The user {each} is of {user['engine']}, and the group of redis."
            raise refused("InvalidParameterCombination", reason, "CreateUserGroup")
        if inputs["engine"] == "valkey" and user.get("noPasswordRequired"):
            reason = f"The user {each} has no password, which groups of Valkey do not take."
            raise refused("InvalidParameterCombination", reason, "CreateUserGroup")
        names.append(user["userName"])
    if inputs["engine"] == "redis" and "default" not in names:
        reason = "You must add default user to a user group."
        raise refused("DefaultUserRequired", reason, "CreateUserGroup")
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        reason = f"There is more than one user with the name {', '.join(twice)}."
        raise refused("DuplicateUserName", reason, "CreateUserGroup")


GROUP = played(
    GROUP_TYPE,
    service="elasticache",
    identity=lambda _, inputs: str(inputs["userGroupId"]),
    outputs=lambda call, identity, _: {"arn": call.arn(f"usergroup:{identity}")},
    check=_check_group,
    updates=("engine", "userIds"),
    replaces=("userGroupId",),
)

TYPES = (USER, GROUP)
