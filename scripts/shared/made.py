"""Results are compared, before they are used, with what was made: damage, or an edit by hand, spreads no further.

When a job has ended, Snakemake keeps a record of each output, with the checksums of the job's inputs. To these is added
the checksum of the output itself, and a seal: the digest of the record. Snakemake looks up inputs only, and minds
neither. The next run, a dry one too, compares the results that it would use and does not make itself, and ends with one
line if one is another. What a job updates, and so reads itself, is removed if it is another: all that a job makes is
removed before it begins. A damaged record tells nothing: what it is of is made again. And what Snakemake puts back when
a job fails that would have updated it keeps its record: else it would count as made by that job.

Results without a record are not compared, as after `rm -r .snakemake` or in a copy without it; nor is what lies in
storage, nor what is damaged while a run goes on. `snakemake --touch` takes all that it touches as it is.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from shlex import join

from snakemake.io import is_flagged
from snakemake.logging import logger
from snakemake.persistence import RECORD_FORMAT_VERSION

SEAL = "this record"
# In place of a record that cannot be trusted: by the parameters that it names, what it is of is out of date.
DAMAGED = {"params": ["its record was damaged"], "record_format_version": RECORD_FORMAT_VERSION}
NAMED, REMOVED = 5, 100  # files in a line, and in the command that it tells


def keep(workflow, rules: list) -> None:
    """From now on record what jobs of these rules make, and let no run use a result of theirs that is another."""
    names = {rule.name for rule in rules}
    build = workflow._build_dag  # the records have been opened, and nothing has been read

    def built():
        records, folder = workflow.persistence, Path.cwd()  # Snakemake may end elsewhere
        records._write_record = _noting(records, records._write_record, names, folder)
        if hasattr(records, "_io_read"):  # they are files
            records._io_read = _trusting(records, records._io_read, rules)
        build()
        runs = workflow.executor_plugin is not None  # not --summary or the like
        if runs and workflow.is_main_process and not workflow.touch:
            used, updated = altered(workflow.dag, records)
            if used:
                logger.error(told(used))
                sys.exit(1)  # an exception would be printed with a line of this file
            for name in updated:
                logger.warning(f"{name}: not as made by the workflow (damaged, or edited); it is made again.")
            backup = records.backup_output  # of what a job is about to update
            records.backup_output = lambda path: path.unlink() if str(path) in updated else backup(path)

    workflow._build_dag = built


def altered(dag, records) -> tuple[list[str], list[str]]:
    """Return the files that are not as they were made, of those that jobs to be run need, and of those they update."""
    jobs = list(dag.needrun_jobs())
    made = [file for job in jobs for file in job.output]
    used = {str(file) for job in jobs for file in job.input}.difference(map(str, made))
    updated = {str(file) for file in made if is_flagged(file, "update")}
    found = [name for name in sorted(used | updated) if _is_another(name, records)]
    if found:  # or made since the records were read, by a run that goes on
        records._clear_cache()
        found = [name for name in found if _is_another(name, records)]
    return [name for name in found if name in used], [name for name in found if name in updated]


def told(found: list[str]) -> str:
    """Return the line that says what is wrong with these files, and what to do."""
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return (
        f"{', '.join(found[:NAMED])}{more}: not as made by the workflow (damaged, or edited); "
        f"delete it and run again: rm {join(found[:REMOVED])}"
    )


def _is_another(name: str, records) -> bool:
    """Tell whether a file is not as it was made; of what a job makes just now, or has left unfinished, nobody knows."""
    if records._filter_incomplete_keys([name]):
        return False
    record, path = records._read_record(name), Path(name)
    known = (record.input_checksums or {}).get(name) if record else None
    try:
        return known is not None and path.is_file() and checksum(path) != known
    except OSError:  # it cannot be read: the step that reads it says why
        return False


def checksum(path: Path) -> str:
    """Return a file's checksum as Snakemake writes it: "sha256:…"."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def seal(content: dict) -> str:
    """Return the digest of a record."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _noting(records, write: Callable, names: set[str], folder: Path) -> Callable:
    restore, restored = records.restore_output, set()

    def restore_output(path):
        if done := restore(path):
            restored.add(str(path))
        return done

    def write_record(key, record):
        if key in restored:
            restored.remove(key)
            return
        if record.rule in names and (path := folder / key).is_file():
            known = {name: known for name, known in record.input_checksums.items() if name != SEAL}
            record.input_checksums = known | {key: checksum(path)}
            record.input_checksums |= {SEAL: seal(dict(record.items()))}
        write(key, record)

    records.restore_output = restore_output
    return write_record


def _trusting(records, read: Callable, rules: list) -> Callable:
    def read_record(subject, key):
        try:
            found = read(subject, key)
        except ValueError:  # no text
            found = {}
        if subject != records._metadata_path:
            return found
        known = (found.get("input_checksums") or {}).pop(SEAL, None)
        lost = not found and Path(records._record_path(subject, key)).exists()
        lost = lost and any(rule.is_producer(key) for rule in rules)
        return dict(DAMAGED) if lost or known not in (None, seal(found)) else found

    return read_record
