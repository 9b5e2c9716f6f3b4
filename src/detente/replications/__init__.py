"""Published results, one file a paper: what the same mechanism or analysis functions give against what was printed.

`registry` finds the files; each has `INPUTS`, `run()`, `CHECKS`, `STATUS` and `picture()`. Tests, docs and `detente replicate` read the
same files.
"""
