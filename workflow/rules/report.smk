import json
from glob import glob
from pathlib import Path

from scripts.report.plots.names import shared

# What every page shows, and its manifest lists beside the set's verdicts: datasets, and the results of every room.
SHOWN = [
    *expand("results/datasets/{dataset}.{kind}", dataset=["fashion-mnist", "mnist"], kind=["npz", "json"]),
    *expand("results/analytic/{subject}.json", subject=["squares", "l1", "backprop"]),
    *expand("results/relu/{points}.json", points=["dataset-1", "dataset-2"]),
    "results/fashion_mnist/model.json",
    "results/fashion_mnist/evaluation.json",
    "results/fashion_mnist/confidence.json",
    "results/fashion_mnist/calibration.csv",
    "results/fashion_mnist/samples.csv",
    "results/fashion_mnist/runs/0/weights.safetensors",
    "results/mnist/initial.json",
    "results/mnist/history.csv",
    "results/mnist/evaluation.json",
    "results/mnist/weights.npz",
    "results/mnist/divergence.csv",
    "results/mnist/divergence.json",
    "results/mnist/stability.json",
]
# How sharp the verdicts are.
POWER = expand("results/verdicts/power/{subject}.json", subject=["power", "grading"])
RUNS = expand(
    "results/fashion_mnist/runs/{run}/{table}.csv",
    run=range(config["fashion_mnist"]["replicas"] + 1),
    table=["history", "last_batch"],
)
DRAWN_REPLICAS = REPLICAS["ulp"] + REPLICAS["pixels-scaled"]
DRAWN = [f"results/report/figures/{name}.svg" for name in shared(config["fashion_mnist"]["samples"])]
# With several sets the report is an overview, and each set has a page. Pages are written by one job, which takes far less
# than a job each; they are kept from one run to the next (update), so that it can leave alone those that do not change.
PAGES = [f"results/reports/{name}.html" for name in SETS] if OVERVIEW else []


rule summarise:
    input:
        results=RUNS,
        code=sources("scripts.report.page.summary"),
    output:
        "results/report/summary.json",
    log:
        "logs/report/summarise.log",
    benchmark:
        "benchmarks/report/summarise.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        settings=json.dumps({room: config[room] for room in ("fashion_mnist", "mnist", "verdicts")}),
    shell:
        "python -m scripts.report.page.summary --files {input.results} --settings {params.settings:q} "
        "--output {output} 2>&1 | tee {log}"


rule draw_figures:
    input:
        results=SHOWN + RUNS,
        code=sources("scripts.report.plots.figures"),
    output:
        [
            report(
                path,
                category="Figures",
                labels={"figure": Path(path).stem.replace("-", " ")},
                caption="../report/figure.rst",
            )
            for path in DRAWN
        ],
    log:
        "logs/report/draw_figures.log",
    benchmark:
        "benchmarks/report/draw_figures.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        samples=config["fashion_mnist"]["samples"],
    shell:
        "python -m scripts.report.plots.figures --files {input.results} --samples {params.samples} "
        "--folder results/report/figures 2>&1 | tee {log}"


rule write_report:
    input:
        results=[*SHOWN, *RUNS, *DRAWN_REPLICAS, *POWER, "results/report/summary.json"],
        verdicts=VERDICTS + OVERVIEW,
        figures=DRAWN,
        style=sorted(glob("report/*.*") + glob("report/font/*.woff2")),
        workflow=sorted(glob("workflow/rules/*.smk")),
        code=sources("scripts.report.page.render"),
    output:
        page=report(
            "results/report.html",
            category="Report",
            labels={"page": "all of it, in one file"},
            caption="../report/report.rst",
        ),
        pages=update(PAGES),
    log:
        "logs/report/write_report.log",
    benchmark:
        "benchmarks/report/write_report.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10 + len(PAGES) // 20,
    params:
        sets="--all" if OVERVIEW else f"--answers {next(iter(SETS))}",
    shell:
        "python -m scripts.report.page.render --files {input.results} --figures {input.figures} "
        "--workflow {input.workflow} {params.sets} --output {output.page} 2>&1 | tee {log}"
