OUTPUTS += ["l1_regression/example.json"]
SHOWN += ["l1_regression/example.json"]


rule l1_regression:
    input:
        example=local(str(SET.folder / SETTINGS["l1_regression"]["example"])),
        code=code("scripts.l1_regression.example"),
    output:
        "<results>/l1_regression/example.json",
    log:
        "<logs>/l1_regression/example.log",
    benchmark:
        "<benchmarks>/l1_regression/example.tsv"
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
    shell:
        "{params.python} -m scripts.l1_regression.example --example {input.example:q} --output {output:q} "
        "2>&1 | tee {log:q}"
