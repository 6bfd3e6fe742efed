import sys
from pathlib import Path
from shlex import quote

from snakemake.exceptions import WorkflowError

sys.path.insert(0, workflow.basedir)

from scripts.shared.schema import checked
from scripts.shared.sources import sources
from scripts.shared.step import Failure

# Strict bash; and steps run with the Python that runs Snakemake, whether its environment is activated or not.
shell.prefix(f"set -euo pipefail; export PATH={quote(str(Path(sys.executable).parent))}:$PATH; ")


configfile: "config.yaml"


try:
    config = checked(config, "config", "configuration")
except Failure as failure:
    raise WorkflowError(str(failure))


include: "workflow/rules/datasets.smk"
include: "workflow/rules/analytic.smk"
include: "workflow/rules/relu.smk"
include: "workflow/rules/fashion_mnist.smk"
include: "workflow/rules/mnist.smk"
include: "workflow/rules/verdicts.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        "results/report.html",


onsuccess:
    shell("python -m scripts.report.record --output logs/run.md")
    print("Done. Open results/report.html; when and where it ran and how long it took is in logs/run.md")


onerror:
    print("A step failed. Its log is named above and lies under logs/; the next run resumes where this one stopped.")
