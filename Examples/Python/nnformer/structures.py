"""Structures of nnformer.h, field by field."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_uint64


class Structure(ctypes.Structure):
    """A structure that starts with its own size, as the header asks."""

    def __init__(self) -> None:
        super().__init__()
        self.struct_size = ctypes.sizeof(type(self))


class Error(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("status", c_int32),
        ("byte_offset", c_uint64),
        ("message", c_char * 512),
    ]


class Platform(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("quantity", c_int32),
        ("id", c_char_p),
        ("device", c_char_p),
        ("runtime", c_char_p),
        ("precision", c_char_p),
        ("source", c_char_p),
        ("licence", c_char_p),
        ("label_set_count", c_size_t),
    ]


class LabelSet(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("batch_size", c_uint32),
        ("file", c_char_p),
        ("column", c_char_p),
        ("family", c_char_p),
        ("training_networks", c_uint64),
        ("validation_networks", c_uint64),
        ("mape_percent", c_double),
        ("within_10_percent", c_double),
        ("spearman", c_double),
    ]


class InputShape(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("extents", POINTER(c_int64)), ("rank", c_size_t)]


class GraphOptions(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("batch_size", c_int64),
        ("input_shapes", POINTER(InputShape)),
        ("input_shape_count", c_size_t),
    ]


class GraphSummary(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("unknown_operator_count", c_uint32),
        ("node_count", c_uint64),
        ("edge_count", c_uint64),
        ("batch_size", c_uint64),
        ("parameters", c_uint64),
        ("macs", c_uint64),
        ("flops", c_uint64),
        ("bytes_read", c_uint64),
        ("bytes_written", c_uint64),
    ]


class Node(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("output_count", c_uint32),
        ("name", c_char_p),
        ("operator_name", c_char_p),
        ("parameters", c_uint64),
        ("macs", c_uint64),
        ("flops", c_uint64),
        ("bytes_read", c_uint64),
        ("bytes_written", c_uint64),
        ("is_known", c_int32),
        ("input_count", c_uint32),
    ]


class TensorType(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("element_type", c_int32),
        ("rank", c_int32),
        ("reserved", c_uint32),
        ("extents", c_int64 * 64),
    ]


class AccuracyDataset(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("space", c_char_p),
        ("id", c_char_p),
        ("quantity", c_char_p),
        ("source", c_char_p),
        ("licence", c_char_p),
        ("training_cells", c_uint64),
        ("validation_cells", c_uint64),
        ("kendall_tau", c_double),
    ]


class Estimate(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("unseen_operator_count", c_uint32),
        ("latency_ms", c_double),
        ("lower_ms", c_double),
        ("upper_ms", c_double),
        ("in_domain_score", c_double),
    ]


class ExplanationSummary(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("latency_ms", c_double),
        ("fixed_ms", c_double),
        ("node_count", c_uint64),
        ("block_count", c_uint64),
    ]


class Block(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("node_count", c_uint32),
        ("name", c_char_p),
        ("latency_ms", c_double),
    ]


class CalibrationReport(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("sample_count", c_uint32),
        ("id", c_char_p),
        ("leave_one_out_mape_percent", c_double),
        ("leave_one_out_spearman", c_double),
        ("outlier_count", c_uint32),
        ("reserved", c_uint32),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "nnformer_error": Error,
    "nnformer_platform": Platform,
    "nnformer_label_set": LabelSet,
    "nnformer_input_shape": InputShape,
    "nnformer_graph_options": GraphOptions,
    "nnformer_graph_summary": GraphSummary,
    "nnformer_node": Node,
    "nnformer_tensor_type": TensorType,
    "nnformer_accuracy_dataset": AccuracyDataset,
    "nnformer_estimate": Estimate,
    "nnformer_explanation_summary": ExplanationSummary,
    "nnformer_block": Block,
    "nnformer_calibration_report": CalibrationReport,
}
