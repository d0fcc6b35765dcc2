"""What PostgreSQL keeps of a password: enough to check it, too little to log in with.

RFC 5802 as PostgreSQL writes it down. A server that is given this instead of the password never sees
the password, nor does its log.
"""

import hashlib
import hmac
from base64 import b64encode
from typing import Final

ITERATIONS: Final = 4096
"""PostgreSQL's own number. Guessing does not pay for 40 random characters at any."""
_SALT_BYTES: Final = 16


def verifier(password: str, login: str) -> str:
    """The verifier of `password`, which is of ASCII letters and digits; always the same one.

    The salt comes from the password and `login`, so that an update without a rotation changes nothing,
    and one password under two names does not show.
    """
    salt = hmac.digest(password.encode(), login.encode(), "sha256")[:_SALT_BYTES]
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [b64encode(each).decode() for each in (salt, stored, server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{parts[0]}${parts[1]}:{parts[2]}"
