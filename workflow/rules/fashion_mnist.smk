FASHION_MNIST = SETTINGS["fashion_mnist"]
# Run 0 is the reference. Its replicas come in batches of a fixed size, as those of MNIST do: run 2.1 is the fifth of them.
# Smaller batches would spread over more cores, and import PyTorch more often.
RUNS_PER_BATCH = 4
MEMBERS = range(1, RUNS_PER_BATCH + 1)
BATCHES = range(1, -(-FASHION_MNIST["replicas"] // RUNS_PER_BATCH) + 1)
RUNS = ["0", *expand("{batch}.{member}", batch=BATCHES, member=MEMBERS)]
TRAINING = options(
    **{key: FASHION_MNIST[key] for key in ("seed", "hidden", "batch_size", "learning_rate", "epochs", "device")}
)
STEP = 300  # µs, whatever the network
TABLES = expand("fashion_mnist/runs/{run}/{table}.csv", run=RUNS, table=["history", "last_batch"])
JUDGED = [
    f"fashion_mnist/{name}"
    for name in ("model.json", "evaluation.json", "confidence.json", "calibration.csv", "samples.csv")
]
OUTPUTS += [*JUDGED, *TABLES, *expand("fashion_mnist/runs/{run}/probabilities.npz", run=RUNS)]
SHOWN += [*JUDGED, *TABLES, "fashion_mnist/runs/0/weights.safetensors"]


# Long jobs start first, the batches before all others: what is short fills the cores at the end.
rule train_fashion_mnist:
    input:
        data="<results>/datasets/fashion-mnist.npz",
        code=code("scripts.fashion_mnist.train"),
    output:
        history="<results>/fashion_mnist/runs/0/history.csv",
        weights="<results>/fashion_mnist/runs/0/weights.safetensors",
        last_batch="<results>/fashion_mnist/runs/0/last_batch.csv",
        probabilities="<results>/fashion_mnist/runs/0/probabilities.npz",
    log:
        "<logs>/fashion_mnist/train.log",
    benchmark:
        "<benchmarks>/fashion_mnist/train.tsv"
    priority: 2
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: minutes(FASHION_MNIST, step=STEP) * attempt,
        gpu=GPUS,
    params:
        python=python,
        options=TRAINING,
    shell:
        "{params.python} -m scripts.fashion_mnist.train --data {input.data:q} {params.options} "
        "--history {output.history:q} --weights {output.weights:q} --last-batch {output.last_batch:q} "
        "--probabilities {output.probabilities:q} 2>&1 | tee {log:q}"


rule replicate_fashion_mnist:
    input:
        data="<results>/datasets/fashion-mnist.npz",
        code=code("scripts.fashion_mnist.replicate"),
    output:
        history=expand("<results>/fashion_mnist/runs/{{batch}}.{member}/history.csv", member=MEMBERS),
        last_batch=expand("<results>/fashion_mnist/runs/{{batch}}.{member}/last_batch.csv", member=MEMBERS),
        probabilities=expand("<results>/fashion_mnist/runs/{{batch}}.{member}/probabilities.npz", member=MEMBERS),
    log:
        "<logs>/fashion_mnist/replicate/{batch}.log",
    benchmark:
        "<benchmarks>/fashion_mnist/replicate/{batch}.tsv"
    wildcard_constraints:
        batch=r"\d+",
    priority: 3
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: minutes(FASHION_MNIST, RUNS_PER_BATCH, STEP) * attempt,
        gpu=GPUS,
    params:
        python=python,
        options=lambda wildcards: options(first=(int(wildcards.batch) - 1) * RUNS_PER_BATCH + 1) + f" {TRAINING}",
    shell:
        "{params.python} -m scripts.fashion_mnist.replicate --data {input.data:q} {params.options} "
        "--history {output.history:q} --last-batch {output.last_batch:q} --probabilities {output.probabilities:q} "
        "2>&1 | tee {log:q}"


rule evaluate_fashion_mnist:
    input:
        data="<results>/datasets/fashion-mnist.npz",
        probabilities="<results>/fashion_mnist/runs/0/probabilities.npz",
        history="<results>/fashion_mnist/runs/0/history.csv",
        weights="<results>/fashion_mnist/runs/0/weights.safetensors",
        code=code("scripts.fashion_mnist.evaluate"),
    output:
        model="<results>/fashion_mnist/model.json",
        evaluation="<results>/fashion_mnist/evaluation.json",
        confidence="<results>/fashion_mnist/confidence.json",
        calibration="<results>/fashion_mnist/calibration.csv",
        samples="<results>/fashion_mnist/samples.csv",
    log:
        "<logs>/fashion_mnist/evaluate.log",
    benchmark:
        "<benchmarks>/fashion_mnist/evaluate.tsv"
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
        # The model that the source describes, whatever is trained here.
        described=options(**SET.experiments["fashion_mnist"]),
        drawn=options(samples=FASHION_MNIST["samples"], seed=FASHION_MNIST["seed"]),
    shell:
        "{params.python} -m scripts.fashion_mnist.evaluate --data {input.data:q} "
        "--probabilities {input.probabilities:q} --history {input.history:q} --weights {input.weights:q} "
        "{params.described} {params.drawn} --model {output.model:q} --evaluation {output.evaluation:q} --confidence {output.confidence:q} "
        "--calibration {output.calibration:q} --sample {output.samples:q} &> {log:q}"
