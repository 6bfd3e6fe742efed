"""Write the bill of materials of what requirements.lock pins, as CycloneDX, and the page of all licences.

python -m tests.supply.bill --output sbom.json --page docs/licences.md

Versions and digests stand in the lock; a licence is what the package's metadata states. No path, host or address of a
registry gets into either, and in the bill only its number and time change from one to the next.
"""

import argparse
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import yaml

from scripts.shared.step import Failure, run, write_text

ROOT = Path(__file__).resolve().parents[2]
PAGE, OTHERS = ROOT / "docs/licences.md", "tests/supply/licences.yaml"
ENTRY = re.compile(r"^([\w.-]+)==([\w.+]+)(?: ; (.+?))? \\\n((?: +--hash=sha256:\w+(?: \\)?\n)+)", re.MULTILINE)
LONGEST = 150  # characters of a licence's name; what is longer is its text
BEGIN, END = "<!-- packages -->\n", "<!-- end of packages -->"


@dataclass
class Package:
    """One that the lock pins: where it is installed, as a marker (always: ""), and the SHA-256 of all its files."""

    name: str
    version: str
    where: str
    digests: list[str]

    @property
    def licence(self) -> str:
        """Return the licence that the package states. Failure: neither it nor licences.yaml does."""
        stated = yaml.safe_load((ROOT / OTHERS).read_text(encoding="utf-8"))
        if self.name in stated:
            return stated[self.name]
        try:
            found = metadata(self.name)
        except PackageNotFoundError:  # it is for another platform
            row = re.search(
                rf"^\| {re.escape(self.name)} \| \S+ \| (.+?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
            )
            if not row:
                raise Failure(f"{self.name} is locked, but not installed here: add its licence to {OTHERS}") from None
            return row[1]
        for text in map(found.get, ("License-Expression", "License")):
            if text and "\n" not in text and len(text) <= LONGEST:
                return text
        classifiers = found.get_all("Classifier") or []
        if not (names := [name.split(" :: ")[-1] for name in classifiers if name.startswith("License")]):
            raise Failure(f"{self.name} does not state its licence: look, and add it to {OTHERS}")
        return ", ".join(names)


def packages() -> Iterator[Package]:
    """Yield all packages of the lock."""
    for name, version, where, digests in ENTRY.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")):
        yield Package(name, version, where, re.findall(r"sha256:(\w+)", digests))


def table() -> str:
    """Return the packages with their versions and licences as a Markdown table."""
    rows = [("Package", "Version", "Licence", "Where"), ("---",) * 4]
    rows += [(one.name, one.version, one.licence, one.where and f"`{one.where}`") for one in packages()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def bill() -> str:
    """Return the bill of materials in CycloneDX's JSON."""
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import HashAlgorithm, HashType, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6
    from packageurl import PackageURL

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = {re.split(r"[\[<>=]", wanted)[0] for wanted in project["dependencies"]}
    made, licence = Bom(), LicenseFactory().make_from_string
    made.metadata.component = ours = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        licenses=[licence(project["license"])],
    )
    for one in packages():
        address = PackageURL("pypi", None, one.name, one.version)
        part = Component(
            name=one.name,
            version=one.version,
            purl=address,
            bom_ref=str(address),
            licenses=[licence(one.licence)],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in one.digests],
            properties=[Property(name="where", value=one.where)] if one.where else [],
        )
        made.components.add(part)
        if one.name in direct:
            made.register_dependency(ours, [part])
    return JsonV1Dot6(made).output_as_string(indent=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default="sbom.json")
    parser.add_argument("--page", type=Path, help="whose table of packages is made again")
    args = parser.parse_args()
    write_text(args.output, bill() + "\n")
    if args.page:
        before, _, rest = args.page.read_text(encoding="utf-8").partition(BEGIN)
        write_text(args.page, before + BEGIN + table() + END + rest.partition(END)[2])


if __name__ == "__main__":
    run(main)
