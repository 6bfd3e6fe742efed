DERIVATIONS = [f"derivations/{item}.json" for item in SET.derived]
OUTPUTS += DERIVATIONS
SHOWN += DERIVATIONS


# One job, since starting Python takes longer than most derivations; files are kept from one run to the next (update),
# so that it can leave alone those that do not change.
rule derive:
    input:
        problem_set=SET_FILES,
        code=code("scripts.formulas.derive"),
    output:
        update(expand("<results>/derivations/{item}.json", item=SET.derived)),
    log:
        "<logs>/formulas/derive.log",
    benchmark:
        "<benchmarks>/formulas/derive.tsv"
    priority: 1  # it takes longer than most
    retries: 0
    localrule: True
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        python=python,
        options=options(problem_set=SET.folder),
        folder=above(1),
    shell:
        "{params.python} -m scripts.formulas.derive {params.options} --folder {params.folder:q} &> {log:q}"
