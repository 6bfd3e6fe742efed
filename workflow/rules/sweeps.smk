from scripts.sweeps.runs import combinations, run_name

# A job for each run that the config's `sweep` means. What has run is kept, whatever is listed beside it later.
SWEPT = {experiment: {run_name(run): run for run in combinations(values)} for experiment, values in SWEEPS.items()}
COMPARED = expand("sweeps/{experiment}/{table}", experiment=SWEEPS, table=["runs.csv", "curves.csv", "settings.json"])


rule sweep_fashion_mnist:
    input:
        data="<results>/datasets/fashion-mnist.npz",
        code=code("scripts.fashion_mnist.train"),
    output:
        "<results>/sweeps/fashion_mnist/{run}/history.csv",
    log:
        "<logs>/sweeps/fashion_mnist/{run}.log",
    benchmark:
        "<benchmarks>/sweeps/fashion_mnist/{run}.tsv"
    wildcard_constraints:
        run="seed-[^/]+",
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: minutes(SWEPT["fashion_mnist"][wildcards.run], step=STEP) * attempt,
        gpu=GPUS,
    params:
        python=python,
        options=lambda wildcards: options(
            **SWEPT["fashion_mnist"][wildcards.run], device=config["fashion_mnist"]["device"]
        ),
    shell:
        "{params.python} -m scripts.fashion_mnist.train --data {input.data:q} {params.options} "
        "--course {output:q} 2>&1 | tee {log:q}"


rule sweep_mnist:
    input:
        data="<results>/datasets/mnist.npz",
        code=code("scripts.mnist.train"),
    output:
        "<results>/sweeps/mnist/{run}/history.csv",
    log:
        "<logs>/sweeps/mnist/{run}.log",
    benchmark:
        "<benchmarks>/sweeps/mnist/{run}.tsv"
    wildcard_constraints:
        run="seed-[^/]+",
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: minutes(SWEPT["mnist"][wildcards.run], step=30) * attempt,
    params:
        python=python,
        options=lambda wildcards: options(**SWEPT["mnist"][wildcards.run]),
    shell:
        "{params.python} -m scripts.mnist.train --data {input.data:q} {params.options} "
        "--history {output:q} 2>&1 | tee {log:q}"


rule compare_sweep:
    input:
        runs=lambda wildcards: within(
            f"sweeps/{wildcards.experiment}/{run}/history.csv" for run in SWEPT[wildcards.experiment]
        ),
        code=code("scripts.sweeps.compare"),
    output:
        runs="<results>/sweeps/{experiment}/runs.csv",
        curves="<results>/sweeps/{experiment}/curves.csv",
        settings="<results>/sweeps/{experiment}/settings.json",
    log:
        "<logs>/sweeps/compare/{experiment}.log",
    benchmark:
        "<benchmarks>/sweeps/compare/{experiment}.tsv"
    wildcard_constraints:
        experiment=alternatives(SWEEPS),
    retries: 0
    localrule: True
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        python=python,
        options=lambda wildcards: options(values=json.dumps(SWEEPS[wildcards.experiment])),
        folder=above(1),
    shell:
        "{params.python} -m scripts.sweeps.compare {params.options} --folder {params.folder:q} "
        "--runs {output.runs:q} --curves {output.curves:q} --settings {output.settings:q} &> {log:q}"
