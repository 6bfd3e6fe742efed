"""A time limit on a computation that may not end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TimeLimit(Exception):
    """The time was up. Its text may say how far the computation came."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimit in the block once it has used `seconds` of processor time (main thread of a Unix process only).

    It counts processor time, so that a busy machine does not change a verdict. It goes on raising should a library
    swallow the first TimeLimit. Not for blocks within each other.
    """
    active = True

    def stop(*_):
        if active:
            raise TimeLimit

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.1)
    try:
        yield
    finally:
        active = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
