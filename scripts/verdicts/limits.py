"""A time limit on a computation that may not end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TimeLimit(Exception):
    """The time was up."""


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise TimeLimit inside the block once `seconds` have passed (main thread of a Unix process only)."""

    def stop(*_):
        raise TimeLimit

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
