"""Run a check on one answer so that, whatever the answer is, it ends in a verdict."""

import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from scripts.shared.schema import printable
from scripts.shared.step import Failure
from scripts.verdicts.finding import UNDECIDED, Finding, Malformed
from scripts.verdicts.limits import TimeLimit, time_limit
from scripts.verdicts.results import Absent, plain

SECONDS = 2  # of processor time for one answer
SPARE = 100_000_000  # bytes that every check can count on
UNREAD = "The answer cannot be read"


def attempt(kind: str, check: Callable[[], Finding], seconds: float = SECONDS) -> Finding:
    """Return what a check finds: undecided where the answer cannot be read, or what it is about was not run, where time
    runs out, or the check fails.

    Raises Failure where results are missing, OSError where they cannot be read, and MemoryError where next to no memory
    is left: that is no answer's fault.
    """
    try:
        with time_limit(seconds):
            found = check()
            return replace(found, computed=plain(found.computed), evidence=plain(found.evidence))
    except Malformed as malformed:
        return Finding(UNDECIDED, f"{UNREAD}: {malformed}.")
    except Absent as absent:
        return Finding(UNDECIDED, f"{absent}.")
    except TimeLimit as limit:
        return Finding(UNDECIDED, str(limit) or "The answer is too intricate to be judged in the time there is.")
    except (Failure, OSError):
        raise
    except Exception as error:
        if isinstance(error, MemoryError):
            bytearray(SPARE)  # else it is the answer that asks for so much
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        told = f"{type(error).__name__} at {place}: {printable(str(error))}"
        print(f"the {kind} checker failed: {told}", file=sys.stderr)
        return Finding(UNDECIDED, f"The check failed on this answer ({type(error).__name__}).")
