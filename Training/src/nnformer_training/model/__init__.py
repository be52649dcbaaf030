"""The network of Documentation/Model.md in PyTorch, twice: dense as the paper writes it, over lists as it is trained.

Modules import towards the top of this list only:

``configuration``  sizes and constants
``reference``      the dense form, which the other one and the library are held to
``sparse``         attention and sums over lists, with their gradients
``packing``        graphs of a batch and their equal rows as tensors
``nnformer``       the list form
"""
