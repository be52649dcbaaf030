"""Search spaces: each module turns an architecture's description into the ONNX graph of the network.

``blocks`` is what they share.

Convolutions have no bias and a BatchNormalization node follows them, as a framework in eager form exports them.
"""

from __future__ import annotations

from nnformer_training.search_spaces import fbnet, mnasnet, nasbench101, nasbench201, once_for_all

__all__ = ["fbnet", "mnasnet", "nasbench101", "nasbench201", "once_for_all"]
