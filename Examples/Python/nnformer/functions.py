"""Functions of nnformer.h: what each takes and returns."""

from __future__ import annotations

from ctypes import POINTER, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_uint8, c_uint32, c_void_p
from typing import Any

from . import structures

_handle = c_void_p
_error = POINTER(structures.Error)
_options = POINTER(structures.GraphOptions)
_int64s = POINTER(c_int64)
_uint32s = POINTER(c_uint32)
_floats = POINTER(c_float)
_strings = POINTER(c_char_p)
_bytes = POINTER(c_uint8)
_status = c_int32

FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    # name: (restype, argtypes)
    "nnformer_version": (c_char_p, []),
    "nnformer_abi_version": (c_uint32, []),
    "nnformer_status_name": (c_char_p, [_status]),
    "nnformer_predictor_create": (_status, [POINTER(_handle), _error]),
    "nnformer_predictor_open": (_status, [POINTER(_handle), c_char_p, _error]),
    "nnformer_predictor_open_in_precision": (_status, [POINTER(_handle), c_char_p, c_int32, _error]),
    "nnformer_predictor_destroy": (None, [_handle]),
    "nnformer_predictor_platform_count": (c_size_t, [_handle]),
    "nnformer_predictor_get_platform": (_status, [_handle, c_size_t, POINTER(structures.Platform), _error]),
    "nnformer_predictor_find_platform": (_status, [_handle, c_char_p, POINTER(c_size_t), _error]),
    "nnformer_predictor_get_label_set": (_status, [_handle, c_size_t, c_size_t, POINTER(structures.LabelSet), _error]),
    "nnformer_graph_open": (_status, [POINTER(_handle), c_char_p, _options, _error]),
    "nnformer_graph_parse": (_status, [POINTER(_handle), c_void_p, c_size_t, _options, _error]),
    "nnformer_graph_destroy": (None, [_handle]),
    "nnformer_predict": (_status, [_handle, _handle, POINTER(c_double), c_size_t, _error]),
    "nnformer_session_create": (_status, [POINTER(_handle), _handle, c_size_t, _error]),
    "nnformer_session_destroy": (None, [_handle]),
    "nnformer_session_predict": (
        _status,
        [_handle, POINTER(_handle), c_size_t, POINTER(c_double), c_size_t, _error],
    ),
    "nnformer_graph_summarize": (_status, [_handle, POINTER(structures.GraphSummary), _error]),
    "nnformer_graph_get_node": (_status, [_handle, c_size_t, POINTER(structures.Node), _error]),
    "nnformer_graph_get_output_type": (_status, [_handle, c_size_t, c_size_t, POINTER(structures.TensorType), _error]),
    "nnformer_graph_get_input_type": (_status, [_handle, c_size_t, c_size_t, POINTER(structures.TensorType), _error]),
    "nnformer_graph_unknown_operator": (c_char_p, [_handle, c_size_t]),
    "nnformer_graph_hash": (_status, [_handle, POINTER(c_uint8), c_size_t, _error]),
    "nnformer_graph_builder_create": (_status, [POINTER(_handle), c_int64, _error]),
    "nnformer_graph_builder_destroy": (None, [_handle]),
    "nnformer_graph_builder_add_input": (_status, [_handle, c_char_p, c_int32, _int64s, c_size_t, _error]),
    "nnformer_graph_builder_add_parameter": (_status, [_handle, c_char_p, c_int32, _int64s, c_size_t, _error]),
    "nnformer_graph_builder_add_integers": (_status, [_handle, c_char_p, _int64s, c_size_t, _error]),
    "nnformer_graph_builder_add_floats": (_status, [_handle, c_char_p, _floats, c_size_t, _error]),
    "nnformer_graph_builder_add_node": (
        _status,
        [_handle, c_char_p, _strings, c_size_t, _strings, c_size_t, _error],
    ),
    "nnformer_graph_builder_set_int": (_status, [_handle, c_char_p, c_int64, _error]),
    "nnformer_graph_builder_set_ints": (_status, [_handle, c_char_p, _int64s, c_size_t, _error]),
    "nnformer_graph_builder_set_float": (_status, [_handle, c_char_p, c_float, _error]),
    "nnformer_graph_builder_set_floats": (_status, [_handle, c_char_p, _floats, c_size_t, _error]),
    "nnformer_graph_builder_set_string": (_status, [_handle, c_char_p, c_char_p, _error]),
    "nnformer_graph_builder_add_output": (_status, [_handle, c_char_p, _error]),
    "nnformer_graph_builder_finish": (_status, [_handle, POINTER(_handle), _options, _error]),
    "nnformer_feature_schema_version": (c_uint32, []),
    "nnformer_feature_count": (c_size_t, []),
    "nnformer_graph_feature_count": (c_size_t, []),
    "nnformer_feature_name": (c_char_p, [c_size_t]),
    "nnformer_graph_feature_name": (c_char_p, [c_size_t]),
    "nnformer_graph_copy_features": (_status, [_handle, _floats, c_size_t, _error]),
    "nnformer_graph_copy_graph_features": (_status, [_handle, _floats, c_size_t, _error]),
    "nnformer_graph_relation_size": (_status, [_handle, c_int32, POINTER(c_size_t), _error]),
    "nnformer_graph_copy_relation": (_status, [_handle, c_int32, _uint32s, c_size_t, _uint32s, c_size_t, _error]),
    "nnformer_cell_list_create": (_status, [POINTER(_handle), c_char_p, _error]),
    "nnformer_cell_list_destroy": (None, [_handle]),
    "nnformer_cell_list_count": (c_size_t, [_handle]),
    "nnformer_cell_list_add_architecture": (_status, [_handle, c_char_p, _error]),
    "nnformer_cell_list_add_matrix": (_status, [_handle, _bytes, c_size_t, _strings, _error]),
    "nnformer_accuracy_predictor_create": (_status, [POINTER(_handle), _error]),
    "nnformer_accuracy_predictor_open": (_status, [POINTER(_handle), c_char_p, _error]),
    "nnformer_accuracy_predictor_destroy": (None, [_handle]),
    "nnformer_accuracy_predictor_dataset_count": (c_size_t, [_handle]),
    "nnformer_accuracy_predictor_get_dataset": (
        _status,
        [_handle, c_size_t, POINTER(structures.AccuracyDataset), _error],
    ),
    "nnformer_accuracy_predictor_find_dataset": (_status, [_handle, c_char_p, c_char_p, POINTER(c_size_t), _error]),
    "nnformer_accuracy_predict": (_status, [_handle, _handle, c_size_t, POINTER(c_double), c_size_t, _error]),
    "nnformer_cell_schema_version": (c_uint32, []),
    "nnformer_cell_feature_count": (c_size_t, []),
    "nnformer_cell_list_encoding_size": (
        _status,
        [_handle, c_int32, POINTER(c_size_t), POINTER(c_size_t), _error],
    ),
    "nnformer_cell_list_copy_features": (_status, [_handle, _floats, c_size_t, _error]),
    "nnformer_cell_list_copy_relation": (_status, [_handle, c_int32, _uint32s, c_size_t, _uint32s, c_size_t, _error]),
    "nnformer_predict_estimates": (_status, [_handle, _handle, POINTER(structures.Estimate), c_size_t, _error]),
    "nnformer_predictor_unseen_operator": (c_char_p, [_handle, _handle, c_size_t, c_size_t]),
    "nnformer_explanation_create": (_status, [POINTER(_handle), _handle, _handle, c_size_t, _error]),
    "nnformer_explanation_destroy": (None, [_handle]),
    "nnformer_explanation_summarize": (_status, [_handle, POINTER(structures.ExplanationSummary), _error]),
    "nnformer_explanation_copy_nodes": (_status, [_handle, POINTER(c_double), _uint32s, c_size_t, _error]),
    "nnformer_explanation_get_block": (_status, [_handle, c_size_t, POINTER(structures.Block), _error]),
    "nnformer_calibration_create": (_status, [POINTER(_handle), _handle, _error]),
    "nnformer_calibration_destroy": (None, [_handle]),
    "nnformer_calibration_add_sample": (_status, [_handle, _handle, c_double, _error]),
    "nnformer_calibration_fit": (_status, [_handle, c_char_p, POINTER(_handle), _error]),
    "nnformer_calibration_suggest": (
        _status,
        [_handle, POINTER(_handle), c_size_t, POINTER(c_size_t), c_size_t, _error],
    ),
    "nnformer_calibrated_platform_save": (_status, [_handle, c_char_p, _error]),
    "nnformer_calibrated_platform_open": (_status, [POINTER(_handle), c_char_p, _error]),
    "nnformer_calibrated_platform_destroy": (None, [_handle]),
    "nnformer_calibrated_platform_get_report": (_status, [_handle, POINTER(structures.CalibrationReport), _error]),
    "nnformer_predictor_add_platforms": (
        _status,
        [POINTER(_handle), _handle, POINTER(_handle), c_size_t, _error],
    ),
}
