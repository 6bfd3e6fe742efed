"""One checker per kind of claim. Each has check(stated, spec, results, alpha) → Finding.

`stated` is the answer as strings; `spec` is the claim's entry in claims.yaml, which says where the truth stands;
`results` looks it up. A checker raises Malformed for an answer that cannot be read.
"""
