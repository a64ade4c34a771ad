"""Room codes, and tokens that only the service can make: a random voter's number with its HMAC (RFC 2104). They hold no time.

Without a time in them, no clock, of a phone or of the server, can make a token too old or too young.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another: no I, L, O, 0, 1
LENGTH = 6


def new_code() -> str:
    """Return a code for a room: 31^6, about 900 million, can be."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def new_secret() -> str:
    """Return a secret of 256 bits."""
    return secrets.token_hex(32)


def new_token(secret: str, room: str) -> str:
    """Return a token of a new voter of this room."""
    voter = secrets.token_hex(12)
    return f"{voter}.{_mac(secret, room, voter)}"


def voter_of(token: str, secret: str, room: str) -> str | None:
    """Return the voter of a token; None if this room did not make it."""
    voter, _, mac = token.partition(".")
    return voter if equal(mac, _mac(secret, room, voter)) else None


def equal(given: str, secret: str) -> bool:
    """Compare in a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode(), secret.encode())


def _mac(secret: str, room: str, voter: str) -> str:
    return hmac.new(secret.encode(), f"{room}/{voter}".encode(), sha256).hexdigest()
