"""Registers the rules. The engine starts this through `python -m pulumi.policy`."""

import datetime
import sys
from pathlib import Path

# Python puts this folder first on its path, where `secrets.py` would stand in for the standard
# library's module. What belongs there is the folder above, so that `policies` is a package.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from pulumi_policy import EnforcementLevel, PolicyPack  # noqa: E402 (after the path is set)

from policies import exemptions  # noqa: E402 (as above)
from policies.adapter import policies  # noqa: E402 (as above)
from policies.catalogue import RULES  # noqa: E402 (as above)
from policies.reading import read_once  # noqa: E402 (as above)

read_once()

PolicyPack(
    name="agent-platform",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=policies(
        RULES,
        exemptions.read(rules=[rule.name for rule in RULES]),
        datetime.datetime.now(datetime.UTC).date(),
    ),
)
