from scripts.datasets.files import table

# The experiments that train, each with its dataset.
DATASETS = {"fashion_mnist": "fashion-mnist", "mnist": "mnist"}
READ = [DATASETS[experiment] for experiment in SET.experiments if experiment in DATASETS]
HELD = expand("datasets/{dataset}.{kind}", dataset=READ, kind=["npz", "json"])
OUTPUTS += HELD
SHOWN += HELD


wildcard_constraints:
    dataset=alternatives(READ),


rule download:
    # Its code is no input: whatever the code, the digest fixes the bytes, and alone stands in params. The mirror and the
    # Python are resources: they are compared neither with the last run nor by --cache, which wants no benchmark either.
    output:
        "resources/{dataset}/{file}.gz",
    log:
        "<logs>/datasets/download/{dataset}/{file}.log",
    priority: 4  # all training waits for it
    localrule: True
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=30,
        mirror=config["mirror"],
        python=PYTHON,
    params:
        sha256=lambda wildcards: table()[wildcards.dataset]["files"][f"{wildcards.file}.gz"]["sha256"],
    shell:
        "{resources.python} -m scripts.datasets.download --dataset {wildcards.dataset} --file {wildcards.file}.gz "
        "--mirror={resources.mirror:q} --output {output:q} 2>&1 | tee {log:q}"


rule read_dataset:
    input:
        files=lambda wildcards: [
            f"resources/{wildcards.dataset}/{name}" for name in table()[wildcards.dataset]["files"]
        ],
        code=code("scripts.datasets.read"),
    output:
        arrays="<results>/datasets/{dataset}.npz",
        summary="<results>/datasets/{dataset}.json",
    log:
        "<logs>/datasets/read/{dataset}.log",
    benchmark:
        "<benchmarks>/datasets/read/{dataset}.tsv"
    priority: 4  # all training waits for it
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
        folder=lambda wildcards, input: str(Path(input.files[0]).parent),
    shell:
        "{params.python} -m scripts.datasets.read --dataset {wildcards.dataset} --folder {params.folder:q} "
        "--arrays {output.arrays:q} --summary {output.summary:q} &> {log:q}"
