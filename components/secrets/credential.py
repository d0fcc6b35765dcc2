"""A generated password that rotates without anybody noticing."""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_random as random

from components.secrets.rotation import Slots


@dataclass(frozen=True, kw_only=True)
class CredentialArgs:
    """What a credential is made from."""

    slots: Slots
    length: int = 40


class Credential(pulumi.ComponentResource):
    """Two passwords in turn; letters and digits only, so that no URL, shell or ACL has to quote them."""

    passwords: tuple[pulumi.Output[str], pulumi.Output[str]]
    """The passwords of both slots, secret. Both are to be accepted, the active one is to be used."""
    active: pulumi.Output[str]
    """The password of the active slot, secret."""

    def __init__(
        self, name: str, args: CredentialArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:secrets:Credential", name, None, opts)

        def password(slot: Literal[0, 1]) -> pulumi.Output[str]:
            return random.RandomPassword(
                f"{name}-{'ab'[slot]}",
                length=args.length,
                special=False,
                keepers={"period": str(args.slots.made_in(slot))},
                opts=pulumi.ResourceOptions(parent=self),
            ).result

        self.passwords = (password(0), password(1))
        self.active = self.passwords[args.slots.active]
        self.register_outputs({"active": self.active})
