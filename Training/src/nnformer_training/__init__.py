"""Training of the weights inside libnnformer: search spaces, label sets, feature cache, model, evaluation, export.

Every module and subpackage, lowest first: each imports from items above its own and from its own, never in a circle
(`tests/test_module_map.py`).

- What others build on: allocator, locations, onnx_writer, rounding
- From an architecture's description to ONNX: search_spaces
- Families of networks that are measured: zoo
- Latencies on this machine, a program of its own (``nnformer-measure``): measure
- Measured latencies, which platform and graph form each column means: labels
- libnnformer as the one source of features, on disk for every labelled network: features
- The measured data set, from drawn networks to its files: collection
- Errors, and the files that keep them: results
- The model, dense and sparse: model
- Training: training
- Measuring a model and its baselines on the validation split: validation
- Weights file and model card: export
- Files for the library's tests and examples: fixtures
- In-domain and leave-one-family-out, beside baselines: protocol
- What the library is worth on other networks and devices than those it was trained on: evaluation
- Accuracy of cells: accuracy
- The command line: __main__, cli
"""
