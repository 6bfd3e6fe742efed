"""Fetch one pinned file of a dataset from the first mirror that has it, and move it into place once it is verified.

The optional extra mirror, a directory or a URL with one folder per dataset, is tried before the public ones. A mirror
that does not answer, or hands out next to nothing, or too much, is given up for the next, and what goes on is said.
"""

import argparse
import re
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from scripts.datasets.files import fault, table
from scripts.shared.step import Failure, run, whole

LOOK = 3  # seconds between looks at what a mirror has handed out
PIECE = 4096  # bytes that are asked for at once
LEAST = 5_000 * LOOK  # bytes that are expected between two
QUIET_LOOKS = 3  # so often less may have come: then the mirror is given up
RETRIES = 2  # further tries at a mirror whose server or connection stumbles
REDIRECTS = 5
PASSWORD = re.compile("//[^/@]*@")  # in a URL


def fetch(dataset: str, name: str, mirror: str, output: str | Path) -> None:
    """Write the file `name` of `dataset` to `output`; raise Failure if no mirror hands out the right bytes."""
    public = [f"{url.rstrip('/')}/{name}" for url in table()[dataset]["mirrors"]]
    places = [f"{mirror.rstrip('/')}/{dataset}/{name}", *public] if mirror else public
    complaints = []
    for place in places:
        try:
            size = table()[dataset]["files"][name]["bytes"]
            content = _content(place, size)
            if wrong := fault(content, dataset, name):  # perhaps a server has packed it once more
                content = _unpacked(content, size)
                if fault(content, dataset, name):
                    raise ValueError(wrong)
        except (OSError, ValueError) as error:  # requests' errors are OSErrors; a malformed URL is a ValueError
            complaints.append(PASSWORD.sub("//", f"{place} ({_reason(error)})"))
            print(f"download: skipped {complaints[-1]}", file=sys.stderr, flush=True)
        else:
            with whole(output) as part:
                part.write_bytes(content)
            return
    raise Failure(
        f"{dataset}/{name}: no mirror worked: {'; '.join(complaints)}. "
        "Check the network, or set mirror: to a folder that holds the files"
    )


def _content(place: str, size: int) -> bytes:
    """Return what lies at a path or URL, of which `size` bytes are expected: not much more, whatever lies there."""
    most = size + size // 100 + 1000
    place = place.removeprefix("file://")
    if "://" not in place:
        return _received(place, _from_folder(place), size, most)
    import requests  # only here: a copy takes less time than these imports

    for tries_left in reversed(range(RETRIES + 1)):
        try:
            return _received(place, _from_url(place), size, most)
        except (requests.Timeout, requests.exceptions.SSLError, requests.exceptions.ProxyError):
            raise  # ConnectionErrors, too
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, requests.HTTPError) as error:
            refused = error.response is not None and error.response.status_code < 500
            if refused or not tries_left:
                raise
            time.sleep(1)


def _unpacked(content: bytes, size: int) -> bytes:
    """Return what a gzip file holds, at most `size` bytes; nothing if it is none."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, size)
    except zlib.error:
        return b""


def _from_folder(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while part := file.read(PIECE):
            yield part


def _from_url(url: str) -> Iterator[bytes]:
    import requests
    import urllib3

    with requests.Session() as session:
        session.max_redirects = REDIRECTS
        # The timeout only ends what was given up already.
        options = {"stream": True, "timeout": 2 * LOOK * QUIET_LOOKS}
        with session.get(url, headers={"Accept-Encoding": "identity"}, **options) as response:
            response.raise_for_status()
            try:  # as it comes: what a server says of its packing is not always so
                yield from response.raw.stream(PIECE, decode_content=False)
            except urllib3.exceptions.HTTPError:
                raise requests.exceptions.ChunkedEncodingError("the connection broke off") from None


def _received(place: str, pieces: Iterator[bytes], size: int, most: int) -> bytes:
    """Return what a mirror hands out, at most so many bytes; TimeoutError if too little comes, wherever it hangs."""
    parts, errors, given_up = [], [], threading.Event()

    def receive() -> None:
        left = most
        try:
            for part in pieces:
                parts.append(part[:left])
                left -= len(parts[-1])
                if not left or given_up.is_set():
                    return
        except Exception as error:
            errors.append(error)

    # Not every wait has a timeout of its own: names may be looked up for long, headers come byte by byte, folders lie
    # on other machines.
    receiver = threading.Thread(target=receive, daemon=True)
    receiver.start()
    seen = quiet = 0
    for look in count():
        receiver.join(LOOK)
        if not receiver.is_alive():
            if errors:
                raise errors[0]
            return b"".join(parts)
        came = sum(map(len, parts))
        quiet = quiet + 1 if came - seen < LEAST else 0
        seen = came
        if quiet == QUIET_LOOKS:
            given_up.set()
            raise TimeoutError(f"gave {seen} bytes and then next to nothing for {LOOK * QUIET_LOOKS} seconds")
        if quiet or look % 5 == 0:
            print(
                f"download: {came} of {size} bytes came; waiting for {PASSWORD.sub('//', place)}",
                file=sys.stderr,
                flush=True,
            )


def _reason(error: Exception) -> str:
    import requests

    match error:
        case requests.HTTPError():
            return f"HTTP status {error.response.status_code}"
        case requests.Timeout():
            return "timed out"
        case requests.TooManyRedirects():
            return f"sends from place to place, more than {REDIRECTS} times"
        case requests.exceptions.SSLError():
            return "its certificate is not trusted here"
        case requests.exceptions.ProxyError():
            return "the proxy that the environment names does not answer"
        case requests.exceptions.ChunkedEncodingError():
            return "the connection broke off"
        case requests.ConnectionError():
            return "no connection"
        case FileNotFoundError():
            return "no such file"
        case OSError(errno=int()):
            return error.strerror.lower()
        case _:
            return " ".join(str(error).split())[:120]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, choices=list(table()))
    parser.add_argument("--file", required=True)
    parser.add_argument("--mirror", default="", help="directory or URL tried before the public mirrors")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    if args.file not in (files := table()[args.dataset]["files"]):
        raise Failure(f"{args.dataset} has no file {args.file}; name one of {', '.join(files)}")
    fetch(args.dataset, args.file, args.mirror, args.output)


if __name__ == "__main__":
    run(main)
