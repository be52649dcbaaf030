"""Errors of estimates, and the files in ``Training/results`` that keep them.

Modules import towards the top of this list only:

``provenance``    which commit, when, after which runs
``metrics``       MAPE, share within 10 % and the rest of one label column
``result_files``  metrics of every column, with where they come from
"""
