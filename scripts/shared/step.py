"""What every step shares: one-line errors, and files that appear whole or not at all."""

import csv
import errno
import fcntl
import hashlib
import io
import json
import os
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from math import isfinite
from pathlib import Path


class Failure(Exception):
    """Something a person can put right. Its text says what is wrong, where, and what to do, on one line."""


WHAT_TO_DO = {
    errno.ENOSPC: "free some space and run again",
    errno.EDQUOT: "free some space or have the quota raised, and run again",
    errno.EROFS: "make it writable, or work in another folder",
    errno.EACCES: "give yourself the right to it, or work in another folder",
    errno.EPERM: "give yourself the right to it, or work in another folder",
    errno.EIO: "look after the disk, and run again",
    errno.EMFILE: "raise the limit (ulimit -n) and run again",
    errno.ENFILE: "close other programs and run again",
    errno.ENAMETOOLONG: "give it a shorter name, or work in a folder with a shorter path",
    errno.ENOENT: "correct the path, or run the workflow first",
    errno.EPIPE: "let it be read to its end",
    errno.EFBIG: "raise the limit (ulimit -f) and run again",
}
FEWER = "close other programs, or run fewer jobs at once (--cores 1), and run again"
NO_MEMORY = f"not enough memory; {FEWER}"
NO_THREAD = f"no thread can be started, for want of memory or by a limit (ulimit -u); {FEWER}"
UNSAID = f"a library failed without a word, most likely for want of memory; {FEWER}"
TOO_LITTLE = re.compile("allocate memory|not enough memory|out of memory|failed to map segment", re.IGNORECASE)


def _flush() -> None:
    if sys.stdout:  # none, if who started it has closed that
        sys.stdout.flush()


@contextmanager
def _heeding() -> Iterator[None]:
    """Raise at the end what Python prints and ignores, as in a callback of C, if a person can put it right.

    Results that were written by then may be wrong for it, as drawings are without a font that could not be read; of a
    step that ends badly Snakemake removes them.
    """
    before, ignored = sys.unraisablehook, []

    def heed(one: "sys.UnraisableHookArgs") -> None:
        if told(one.exc_value):
            ignored[:] = ignored or [one.exc_value]
        else:
            before(one)

    sys.unraisablehook = heed
    try:
        yield
    except Exception as error:
        if ignored and not told(error):
            raise ignored[0] from error
        raise
    finally:
        sys.unraisablehook = before
    if ignored:
        raise ignored[0]


def run(main: Callable[[], None]) -> None:
    """Run a step's main(). What a person can put right ends it with status 1 and one line, not a traceback."""
    room = b""
    try:
        room = bytearray(1 << 20)  # for what it takes to tell of want of memory
        with _heeding():
            main()
        _flush()
        return
    except KeyboardInterrupt:
        code = 130
    except Exception as error:
        del room
        if not told(error):
            raise
        say(type(error), error, None)
        code = 1
    try:
        _flush()
    except OSError:  # else Python tries once more when it ends, and says so
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def say(kind: type[BaseException], error: BaseException, trace: object) -> None:
    """Print one line for what a person can put right, a traceback for a fault of the program's own, nothing for Ctrl-C.

    As sys.excepthook it does so for a step that does not come to its main().
    """
    if line := told(error):
        with suppress(OSError):  # it may be what is full or gone
            print(f"error: {line}", file=sys.stderr, flush=True)
    elif not isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


def told(error: BaseException) -> str:
    """Return one line for a Failure and for what surroundings do to a step; "" for a fault of the program's own."""
    match error:
        case Failure():
            return str(error)
        case MemoryError() | OSError(errno=errno.ENOMEM):
            return NO_MEMORY
        case RuntimeError() | ImportError() | OSError(errno=None) if TOO_LITTLE.search(f"{error} {error.__context__}"):
            return NO_MEMORY
        case RuntimeError() if "start new thread" in str(error):
            return NO_THREAD
        case SystemError() if "exception" in str(error):  # what Python says of C that fails and sets none
            return UNSAID
        case OSError(errno=int()):
            where = error.filename or (f"a file in {os.getcwd()}" if _prints() else "what is printed")
            if isinstance(where, bytes):
                where = os.fsdecode(where)
            todo = WHAT_TO_DO.get(error.errno, "put it right and run again")
            return f"{where}: {os.strerror(error.errno).lower()}; {todo}"
    return ""


def _prints() -> bool:
    """Tell whether what is printed arrives, by an empty line."""
    try:
        print(flush=True)
    except OSError:
        return False
    return True


def at_least(least: int) -> Callable[[str], int]:
    """Return the type, for argparse, of an option that is a whole number from `least` on."""

    def number(text: str) -> int:
        with suppress(ValueError):
            if (value := int(text)) >= least:
                return value
        raise ArgumentTypeError(f"'{text}' is no whole number from {least} on")

    return number


@contextmanager
def reading(path: str | Path, todo: str = "delete it and run again") -> Iterator[None]:
    """Name the file that is read here in the error if it cannot be read or is damaged: OSError, or Failure.

    `todo` is what to do about a damaged one; unless it is said, that is a file of our own making.
    """
    try:
        yield
    except Exception as error:  # of whatever reads it: zip, JSON, CSV, safetensors
        if isinstance(error, OSError) and error.errno:
            error.filename = error.filename or str(path)
            raise
        if told(error) or type(error).__module__.startswith("scripts."):
            raise  # no fault of the file: want of memory, a Failure, a time limit that struck here
        why = " ".join(str(error).split())[:120] or type(error).__name__
        raise Failure(f"{path} is damaged ({why}); {todo}") from error


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Hand out a temporary path beside `path`; on success it becomes `path` in one move, on failure it vanishes.

    It is flushed to disk before, and the move is after. An OSError names `path`.
    """
    path = Path(path)
    if not path.name or (path.exists() and not path.is_file()):
        raise Failure(f"'{path}' is no file to write; name one")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part, handle = _part(path)
        try:
            yield part
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        finally:
            os.close(handle)
        _flush_folder(path.parent)
    except OSError as error:
        if error.errno and (error.filename is None or str(error.filename).endswith(".part")):
            # People know the file by its own name; and to make another beside it takes rights in the folder.
            denied = error.filename and error.errno in (errno.EACCES, errno.EPERM)
            error.filename = str(path.parent if denied else path)
        raise


def _part(path: Path) -> tuple[Path, int]:
    """Return a hidden file beside `path` that no other process writes, and its handle, which keeps it locked.

    It has the same name each time, so what a killed process left is used again; it is short, however long the other is.
    """
    name = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]
    for number in count():
        part = path.with_name(f".{name}.{number}.part")
        try:
            handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        except OSError:
            if os.path.lexists(part) and not _is_own(part):
                continue  # somebody else's, or no file
            raise
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), part.stat()):  # else its writer has just moved it into place
                return part, handle
        except (BlockingIOError, FileNotFoundError):
            pass
        except OSError:  # a file system without locks
            os.close(handle)
            part.unlink(missing_ok=True)
            part = path.with_name(f".{name}.{os.urandom(8).hex()}.part")
            return part, os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        os.close(handle)


def _is_own(part: Path) -> bool:
    """Tell whether this user may write what is there, a file."""
    return part.is_file() and not part.is_symlink() and os.access(part, os.R_OK | os.W_OK)


def _flush_folder(folder: Path) -> None:
    """Flush to disk that a file was moved in a folder, where the file system can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def read_text(path: str | Path) -> str:
    """Return the text of a UTF-8 file that no run makes; an error names the file."""
    with reading(path, "save it as UTF-8, or take it from the repository again"):
        return Path(path).read_text(encoding="utf-8")


def read_bytes(path: str | Path) -> bytes:
    """Return the content of a file; an error names the file."""
    with reading(path):
        return Path(path).read_bytes()


def read_csv(path: str | Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file of our own making, their values as texts; an error names the file."""
    with reading(path), open(path, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, strict=True))
        if any(None in row or None in row.values() for row in rows):
            raise ValueError("a line is cut off")
        return rows


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def numbers(content: object) -> object:
    """Return plain content with None for every float that is no number: trainings diverge."""
    match content:
        case float():
            return content if isfinite(content) else None
        case dict():
            return {key: numbers(part) for key, part in content.items()}
        case list() | tuple():
            return [numbers(part) for part in content]
    return content


def write_json(path: str | Path, content: object) -> None:
    """Write plain JSON: sorted keys, floats in full (repr) precision; null for what is no number, NaN or infinite.

    A line for each key, and for each entry of a list under it; what is deeper stands on one line, many times faster.
    """

    def encoded(value: object) -> str:
        try:
            return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
        except ValueError:
            return encoded(numbers(value))

    def lines(value: object) -> str:
        listed = isinstance(value, list) and value
        return "[\n  " + ",\n  ".join(map(encoded, value)) + "\n ]" if listed else encoded(value)

    if isinstance(content, dict) and content:
        parts = (f" {encoded(str(key))}: {lines(value)}" for key, value in sorted(content.items()))
        text = "{\n" + ",\n".join(parts) + "\n}"
    else:
        text = encoded(content)
    write_text(path, text + "\n")


def read_json(path: str | Path) -> dict:
    """Return the content of a JSON file of our own making; an error names the file."""
    with reading(path):
        return json.loads(Path(path).read_text(encoding="utf-8"))


def write_csv(path: str | Path, rows: list[dict]) -> None:
    """Write rows that have the same keys; floats in full (repr) precision, None as nothing.

    As pandas does, but to import pandas takes as long as many a step.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def write_npz(path: str | Path, **arrays) -> None:
    """Write numpy arrays as an uncompressed NPZ without time stamps: same arrays, same bytes.

    In numpy's own, headers differ between releases of Python.
    """
    from zipfile import ZipFile, ZipInfo

    import numpy as np

    with whole(path) as part, ZipFile(part, "w") as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asanyarray(array), allow_pickle=False)
            archive.writestr(ZipInfo(f"{name}.npy"), content.getbuffer())
