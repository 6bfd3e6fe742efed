FASHION_MNIST = SETTINGS["fashion_mnist"]
RUNS = range(FASHION_MNIST["replicas"] + 1)
TABLES = expand("fashion_mnist/runs/{run}/{table}.csv", run=RUNS, table=["history", "last_batch"])
JUDGED = [
    f"fashion_mnist/{name}"
    for name in ("model.json", "evaluation.json", "confidence.json", "calibration.csv", "samples.csv")
]
OUTPUTS += [*JUDGED, *TABLES, *expand("fashion_mnist/runs/{run}/probabilities.npz", run=RUNS)]
SHOWN += [*JUDGED, *TABLES, "fashion_mnist/runs/0/weights.safetensors"]


rule train_fashion_mnist:
    input:
        data="<results>/datasets/fashion-mnist.npz",
        code=sources("scripts.fashion_mnist.train"),
    output:
        history="<results>/fashion_mnist/runs/{run}/history.csv",
        weights="<results>/fashion_mnist/runs/{run}/weights.safetensors",
        last_batch="<results>/fashion_mnist/runs/{run}/last_batch.csv",
        probabilities="<results>/fashion_mnist/runs/{run}/probabilities.npz",
    log:
        "<logs>/fashion_mnist/train/{run}.log",
    benchmark:
        "<benchmarks>/fashion_mnist/train/{run}.tsv"
    wildcard_constraints:
        run=r"\d+",
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        options=options(
            **{
                key: FASHION_MNIST[key]
                for key in ("seed", "hidden", "batch_size", "learning_rate", "epochs", "device")
            }
        ),
    shell:
        "python -m scripts.fashion_mnist.train --data {input.data} --run {wildcards.run} {params.options} "
        "--history {output.history} --weights {output.weights} --last-batch {output.last_batch} "
        "--probabilities {output.probabilities} 2>&1 | tee {log}"


rule evaluate_fashion_mnist:
    input:
        data="<results>/datasets/fashion-mnist.npz",
        probabilities="<results>/fashion_mnist/runs/0/probabilities.npz",
        history="<results>/fashion_mnist/runs/0/history.csv",
        code=sources("scripts.fashion_mnist.evaluate"),
    output:
        evaluation="<results>/fashion_mnist/evaluation.json",
        model="<results>/fashion_mnist/model.json",
    log:
        "<logs>/fashion_mnist/evaluate.log",
    benchmark:
        "<benchmarks>/fashion_mnist/evaluate.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        # The model that the source describes, whatever is trained here.
        options=options(**SET.experiments["fashion_mnist"]),
    shell:
        "python -m scripts.fashion_mnist.evaluate --data {input.data} --probabilities {input.probabilities} "
        "--history {input.history} {params.options} --evaluation {output.evaluation} --model {output.model} &> {log}"


rule sample_fashion_mnist:
    input:
        data="<results>/datasets/fashion-mnist.npz",
        probabilities="<results>/fashion_mnist/runs/0/probabilities.npz",
        code=sources("scripts.fashion_mnist.sample"),
    output:
        "<results>/fashion_mnist/samples.csv",
    log:
        "<logs>/fashion_mnist/sample.log",
    benchmark:
        "<benchmarks>/fashion_mnist/sample.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        options=options(samples=FASHION_MNIST["samples"], seed=FASHION_MNIST["seed"]),
    shell:
        "python -m scripts.fashion_mnist.sample --data {input.data} --probabilities {input.probabilities} "
        "{params.options} --output {output} &> {log}"


rule confidence_fashion_mnist:
    input:
        data="<results>/datasets/fashion-mnist.npz",
        probabilities="<results>/fashion_mnist/runs/0/probabilities.npz",
        code=sources("scripts.fashion_mnist.confidence"),
    output:
        confidence="<results>/fashion_mnist/confidence.json",
        calibration="<results>/fashion_mnist/calibration.csv",
    log:
        "<logs>/fashion_mnist/confidence.log",
    benchmark:
        "<benchmarks>/fashion_mnist/confidence.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        options=options(samples=FASHION_MNIST["samples"]),
    shell:
        "python -m scripts.fashion_mnist.confidence --data {input.data} --probabilities {input.probabilities} "
        "{params.options} --confidence {output.confidence} --calibration {output.calibration} &> {log}"
