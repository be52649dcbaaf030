"""Training of the weights inside libnnformer: search spaces, label sets, feature cache, model, evaluation, export.

Modules import towards the top of this list only:

``platforms``, ``onnx_writer``        tables and the ONNX builder, no imports from here
``search_spaces``, ``zoo``            architecture description -> ``onnx.ModelProto``
``measure``                           latencies on this machine; a program of its own, ``nnformer-measure``
``label_sets``, ``cleaning``          measured latencies, which platform and graph form each column means
``sample_zoo``, ``collect``, ``nnlq`` the measured data set; NNLQ's data as published
``splits``                            frozen train/validation split by graph hash
``graph_library``, ``graph_collector``  libnnformer as the one source of features; distinct rows and structures
``sharing``                           equal intermediate results of the encoder
``feature_cache``, ``dataset``        features of every labelled graph on disk
``model``, ``reference``, ``train``, ``evaluate``, ``baselines``, ``export``, ``golden``
``protocol``                          in-domain and leave-one-family-out, beside baselines
``real_models``, ``evaluate_real``    networks of torchvision and timm, and how the library does on them
"""
