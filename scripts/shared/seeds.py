"""Independent random streams from one seed: each use of randomness has a name of its own."""

import hashlib


def stream(seed: int, name: str) -> int:
    """Return a 63-bit seed for the stream `name` of an experiment seeded with `seed`."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "big") >> 1
