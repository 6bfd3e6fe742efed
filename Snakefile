import json
import os
from dataclasses import replace
from shlex import quote
from time import time

from snakemake.io import is_flagged
from snakemake_interface_executor_plugins.settings import ExecMode

BEGAN = time()


include: "workflow/rules/home.smk"


from scripts.problem_set.needs import files as needed
from scripts.problem_set.read import read_set
from scripts.shared.interrupted import record
from scripts.shared.made import keep
from scripts.shared.schema import checked, refuse_twice
from scripts.shared.step import Failure
from scripts.shared.what_if import settled
from scripts.sweeps.read import swept

# Jobs on a cluster begin hours after the run that sends them off, which records them with its own settings. They are handed
# these in the environment, whatever the files say by then. (One string there holds 128 KiB; larger ones are read again.)
HANDED = f"PROOFSET_SETTINGS_{workflow.modifier.namespace or 'main'}"
HANDED_OVER = None if workflow.exec_mode == ExecMode.DEFAULT else json.loads(os.environ.get(HANDED, "null"))

# Who imports this workflow hands it a configuration; what that leaves out has the schema's values.
if not (IMPORTED or HANDED_OVER):
    try:
        refuse_twice(located("config.yaml"))
    except Failure as failure:
        raise told(failure)

    configfile: located("config.yaml")


try:
    config = checked(HANDED_OVER["config"] if HANDED_OVER else config, "config", "configuration")
    SET = read_set(os.path.relpath(located(config["problem_set"])))
    if HANDED_OVER:
        SET = replace(SET, experiments=HANDED_OVER["experiments"])
    # What the set's experiments are run with, and the rows that a what-if changes: {given, source, here}.
    SETTINGS, WHAT_IF = settled(SET.experiments, config)
    SWEEPS = swept(config, SETTINGS)
except Failure as failure:
    raise told(failure)
if workflow.exec_mode == ExecMode.DEFAULT:
    os.environ.pop(HANDED, None)
    if len(settings := json.dumps({"config": config, "experiments": SET.experiments})) < 130_000:
        os.environ[HANDED] = settings

# All that is made of one set lies together: sets share no result, even where a file system does not tell A from a.
RESULTS = f"results/{SET.name}"
for other in os.listdir("results") if os.path.isdir("results") else []:
    if other != SET.name and other.lower() == SET.name.lower():
        raise WorkflowError(
            f"results/{other} is there already, called as {SET.folder} but for capitals: give that another name, "
            f"or results/{other} if it was this set's"
        )


pathvars:
    results=RESULTS,
    logs=f"logs/{SET.name}",
    benchmarks=f"benchmarks/{SET.name}",


SET_FILES = local([str(SET.folder / "set.yaml"), *(str(SET.folder / "items" / f"{item}.yaml") for item in SET.items)])

# Each subject adds the result files that it makes of this set, and those of them that a page shows; names as in claims.
OUTPUTS, SHOWN = [], []


THEIR_RULES = set(workflow.rules)  # of who imports this workflow


include: "workflow/rules/common.smk"
include: "workflow/rules/formulas.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/relu.smk"


for experiment in SET.experiments:

    include: f"workflow/rules/{experiment}.smk"


include: "workflow/rules/verdicts.smk"
include: "workflow/rules/sweeps.smk"
include: "workflow/rules/report.smk"


# What pages are checked against is asked for as well: what is deleted of it is made again.
rule all:
    input:
        "<results>/report.html",
        PAGES,
        CHECKED,


# Snakemake takes an input's checksum when a job has ended: an edit while it ran would never be seen. What people edit, code,
# problem set and answers, is therefore compared as it was when all began, too.
OUR_RULES = set(workflow.rules) - THEIR_RULES
for one in OUR_RULES:
    if any(callable(given) or is_flagged(given, "local") for given in one.input):
        one.set_params(edited=edited_of(list(one.input)))


# Downloads are compared with pinned digests whenever they are read.
keep(workflow, [one for one in OUR_RULES if not one.name.endswith("download")])

if workflow.exec_mode == ExecMode.REMOTE:
    record(workflow)


onstart:
    # Formulas, which take a second to read, and answers are checked before anything runs. An edit lets these be judged again.
    if any(job.rule.name == "judge" for job in workflow.dag.needrun_jobs()):
        from scripts.problem_set.check import check_formulas

        try:
            check_formulas(SET)
            refuse_unreadable(FILES, SET.claims)
        except Failure as failure:
            raise told(failure)


# When and where it ran stands beside the results: they do not depend on it. Nor does it matter if this fails. Of what lies
# in storage nothing is read.
STORE = workflow.storage_settings.default_storage_prefix if workflow.storage_settings.default_storage_provider else None
RECORD = (
    "true"
    if STORE is not None
    else (
        f"{PYTHON} -m scripts.report.record --benchmarks benchmarks/{quote(SET.name)} --since {BEGAN} "
        f"--report {quote(RESULTS)}/report.html --output logs/{quote(SET.name)}/run.html"
    )
)


onsuccess:
    if not workflow.touch:
        shell("{RECORD} || true")
    if STORE is not None:
        print(f"Done. Results are in storage: {STORE.rstrip('/')}/{RESULTS}")
    else:
        print(f"Done. Open {RESULTS}/report.html" if os.path.exists(f"{RESULTS}/report.html") else "Done.")


onerror:
    from scripts.shared.interrupted import was_killed

    shell("{RECORD} --failed || true")
    if was_killed(log):
        print(
            "A step was killed, most likely because memory ran out: close other programs, or run fewer jobs at once "
            "(--cores 1), and run again."
        )
    print(
        "Not done. If a step failed, its log is named above and lies under logs/; the next run resumes where this one stopped."
    )


if IMPORTED:
    give_back()
