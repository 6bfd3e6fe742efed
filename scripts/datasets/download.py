"""Fetch one pinned file of a dataset from the first mirror that has it, and move it into place once it is verified.

The optional extra mirror, a directory or a URL with one folder per dataset, is tried before the public ones.
"""

import argparse
import shutil
import sys
from pathlib import Path

from scripts.datasets.files import fault, table
from scripts.shared.step import Failure, run, whole

TIMEOUT = 30  # seconds without a byte
RETRIES = 2  # further tries at each mirror


def fetch(dataset: str, name: str, mirror: str, output: str | Path) -> None:
    """Write the file `name` of `dataset` to `output`; raise Failure if no mirror hands out the right bytes."""
    public = [f"{url.rstrip('/')}/{name}" for url in table()[dataset]["mirrors"]]
    places = [f"{mirror.rstrip('/')}/{dataset}/{name}", *public] if mirror else public
    complaints = []
    for place in places:
        try:
            with whole(output) as part:
                _copy(place, part)
                if wrong := fault(part, dataset, name):
                    raise ValueError(wrong)
            return
        except (OSError, ValueError) as error:  # requests' errors are OSErrors; a malformed URL is a ValueError
            complaints.append(f"{place} ({_reason(error)})")
            print(f"download: skipped {complaints[-1]}", file=sys.stderr, flush=True)
    raise Failure(
        f"{dataset}/{name}: no mirror worked: {'; '.join(complaints)}. "
        "Check the network, or set mirror: to a folder that holds the files"
    )


def _copy(place: str, part: Path) -> None:
    if "://" not in place:
        shutil.copyfile(place, part)
        return
    import pooch  # only here: a copy takes less time than these imports
    from tqdm import tqdm

    pooch.get_logger().setLevel("ERROR")
    # A total of 1 until pooch knows the true one: a bar without a total has no truth value, which pooch asks for.
    bar = tqdm(desc=f"download: {Path(place).name}", total=1, unit="B", unit_scale=True, mininterval=2, ncols=100)
    with bar as progress:
        fetcher = pooch.create(part.parent, base_url="", registry={part.name: None}, urls={part.name: place})
        fetcher.retry_if_failed = RETRIES
        part.unlink()  # pooch does not fetch what is there
        fetcher.fetch(part.name, downloader=pooch.HTTPDownloader(progressbar=progress, timeout=TIMEOUT))


def _reason(error: Exception) -> str:
    import requests

    match error:
        case requests.HTTPError():
            return f"HTTP status {error.response.status_code}"
        case requests.ConnectionError():
            return "no connection"
        case requests.Timeout():
            return "timed out"
        case FileNotFoundError():
            return "no such file"
        case _:
            return " ".join(str(error).split())[:120]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, choices=list(table()))
    parser.add_argument("--file", required=True)
    parser.add_argument("--mirror", default="", help="directory or URL tried before the public mirrors")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    fetch(args.dataset, args.file, args.mirror, args.output)


if __name__ == "__main__":
    run(main)
