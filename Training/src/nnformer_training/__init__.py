"""Training of the weights inside libnnformer: search spaces, label sets, feature cache, model, evaluation, export.

Every module and subpackage, lowest first: each imports from items above its own and from its own, never in a circle
(`tests/test_module_map.py`).

- What others build on: allocator, configuration, locations, onnx_writer, platforms, rounding, schedule, sharing
- From an architecture's description to ONNX: search_spaces
- Families of networks that are measured: zoo
- Latencies on this machine, a program of its own (``nnformer-measure``): measure
- Measured latencies, which platform and graph form each column means: cleaning, label_sets, nnlq, splits
- libnnformer as the one source of features: graph_collector, graph_library, kernel_groups, node_costs
- The measured data set, from drawn networks to its files: collect, collect_kernels, sample_zoo
- Features of every labelled network on disk, and what of them is trained on: dataset, feature_cache,
  training_configuration, training_set, write_networks
- The model, dense and sparse, and its errors: metrics, model, packing, reference, result_files, sparse
- Training: checkpoint, estimation, kernel_targets, objective, optimiser, representation, sampling, train,
  trained_model, trainer, training_domain, weights_file
- Measuring a model and its baselines on the validation split, and exporting it: add_training_domain, baselines,
  evaluate, evaluate_calibration, evaluate_precision, export, model_card, repeatability, results
- Files for the library's tests and examples: count_check, example_models, golden, golden_graphs, random_weights
- In-domain and leave-one-family-out, beside baselines: protocol
- What the library is worth on other networks than those it was trained on: evaluate_explanations, evaluate_real,
  evaluate_trust, real_models
- Accuracy of cells: accuracy
- The command line: __main__, cli
"""
