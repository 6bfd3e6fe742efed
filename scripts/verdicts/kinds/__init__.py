"""One checker per kind of claim. Each has check(stated, spec, results, alpha) → Finding.

`stated` is the answer as strings; `spec` is the claim as its problem set describes it, with pointers to the truth;
`results` looks them up. A checker raises Malformed for an answer that cannot be read.
"""
