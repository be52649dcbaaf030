"""From the feature cache to a trained model and its weights file.

Modules import towards the top of this list only:

``configuration``                what a configuration file may say
``training_set``                 features, relations and labels of all label sets in one
``sampling``, ``kernel_targets`` which labels a step sees; which kernels
``objective``, ``optimiser``, ``schedule``  loss; Muon and AdamW; what changes over the steps
``estimation``                   estimates of a model for labels
``checkpoint``, ``trainer``      a run that can be stopped
``representation``               embeddings of whole networks
``training_domain``              intervals and in-domain scores
``weights_file``                 the safetensors file of the library
``trained_model``                a model out of either: a run or a weights file
``train``                        the command
"""
