"""What libnnformer, the one source of features, says of every labelled network, kept on disk.

Modules import towards the top of this list only:

``sharing``                  intermediate results that are equal, found once for a whole data set
``node_costs``               FLOPs and bytes out of features
``graph_library``            the library as training calls it
``kernel_groups``            which nodes a timed kernel did the work of
``graph_collector``          many graphs as a few arrays
``feature_cache``            these arrays, labels and splits on disk
``dataset``                  the command that fills the cache
``write_networks``           the networks of a label set as ONNX files
"""
