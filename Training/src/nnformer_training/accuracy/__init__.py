"""Accuracy of cells: label sets, networks, baselines, tables and weights (Documentation/Accuracy.md).

Modules import towards the top of this list only:

``cell_encoding``, ``paths``     cells as graphs of tokens; as the paths through them
``label_scale``                  the scale that accuracies are learned on
``network``, ``gcn``             this library's network; the graph convolutions it is compared with
``boosting``, ``fitting``        gradient boosting; training of a network
``nasbench201``                  every cell and its accuracies
``provenance``, ``result_table`` where results come from; their file
``predictors``                   everything that is compared, behind one interface
``run``                          the command that trains and measures, NAS-Bench-201
``nasbench101_file``, ``nasbench101``  the official file; the same command for NAS-Bench-101
``weights``, ``export``          the weights file; the command that writes it
``page``                         Documentation/AccuracyResults.md
"""
