"""What the library is worth beyond the validation split, a page of Documentation each.

Modules import towards the top of this list only:

``counts``                             parameters and MACs beside an independent counter
``precision``, ``calibration``, ``trust``  products of fewer bits; devices and families that training never saw
``real_models``                        networks of torchvision and timm as ONNX
``real_latencies``, ``explanations``   estimates beside what they were measured to take, whole and node by node
"""
