"""What a resource's URN says of it: the same for policies and for reports."""

from policies.urn import STACK as STACK
from policies.urn import Urn as Urn
