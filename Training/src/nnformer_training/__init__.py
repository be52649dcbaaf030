"""Training of the weights inside libnnformer: search spaces, label sets, feature cache, model, evaluation, export.

Modules import towards the top of this list only:

``platforms``, ``onnx_writer``        tables and the ONNX builder, no imports from here
``search_spaces``                     architecture description -> ``onnx.ModelProto``
``label_sets``, ``cleaning``          measured latencies, which platform and graph form each column means
``splits``                            frozen train/validation split by graph hash
``graph_library``, ``graph_collector``  libnnformer as the one source of features; distinct rows and structures
``sharing``                           equal intermediate results of the encoder
``feature_cache``, ``dataset``        features of every labelled graph on disk
``model``, ``reference``, ``train``, ``evaluate``, ``baselines``, ``export``, ``golden``
"""
