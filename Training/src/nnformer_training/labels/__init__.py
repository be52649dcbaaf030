"""Measured latencies: which platform, batch size and form of network each column of which file means.

Modules import towards the top of this list only:

``platforms``   the hardware and runtimes that labels are of
``label_sets``  every label set: its file, its columns, its networks
``nnlq``        NNLQ's directory format as a label set
``cleaning``    which labels go, and why
``splits``      training and validation by graph hash
"""
