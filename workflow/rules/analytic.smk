rule derive_squares:
    input:
        code=sources("scripts.analytic.squares"),
    output:
        "results/analytic/squares.json",
    log:
        "logs/analytic/squares.log",
    benchmark:
        "benchmarks/analytic/squares.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    shell:
        "python -m scripts.analytic.squares --output {output} 2>&1 | tee {log}"


rule derive_l1:
    input:
        example="questions/l1.txt",
        code=sources("scripts.l1_regression.example"),
    output:
        "results/analytic/l1.json",
    log:
        "logs/analytic/l1.log",
    benchmark:
        "benchmarks/analytic/l1.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    shell:
        "python -m scripts.l1_regression.example --example {input.example} --output {output} 2>&1 | tee {log}"


rule derive_backprop:
    input:
        network="questions/network.yaml",
        code=sources("scripts.relu.passes"),
    output:
        "results/analytic/backprop.json",
    log:
        "logs/analytic/backprop.log",
    benchmark:
        "benchmarks/analytic/backprop.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    shell:
        "python -m scripts.relu.passes --network {input.network} --output {output} 2>&1 | tee {log}"
