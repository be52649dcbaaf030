"""The library's shape inference against the outputs that the onnx package states for its own operator tests.

The package generates a model for nearly every operator, attribute and operator set, with the types and shapes that its
reference implementation produced. Each model gets one further node, a probe of a foreign domain that reads all
outputs: its inputs tell what the library inferred, whatever became of the node under test (folded, dropped, fused). The
outputs' own declarations are removed, so that the library cannot read the answer off.

Every model runs twice: as it is, where shapes may depend on data that only a run would supply (what is known must be
right), and with its small inputs but the first as constants, where everything has to be known.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import nnformer
import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

pytestmark = pytest.mark.usefixtures("library")

PROBE_DOMAIN = "nnformer.test"

# Domains of which the library knows no operator.
UNSUPPORTED_DOMAINS = {"ai.onnx.ml", "ai.onnx.preview.training"}

# Operators that the library does not support on purpose: one decodes files, the others are newer than operator set 24.
UNSUPPORTED_OPERATORS = {
    "BitCast",
    "CausalConvWithState",
    "FlexAttention",
    "ImageDecoder",
    "LinearAttention",
    "SwiGLU",
}

# Results whose extents depend on elements, even where every operand but the first is known.
DATA_DEPENDENT_OPERATORS = {
    "Loop",
    "NonMaxSuppression",
    "NonZero",
    "StringNormalizer",
    "StringSplit",
    "Unique",
}

# Operators whose first input says how large the result is.
CONFIGURED_BY_FIRST_INPUT = {
    "BlackmanWindow",
    "ConstantOfShape",
    "HammingWindow",
    "HannWindow",
    "MelWeightMatrix",
    "Range",
}


@dataclass(frozen=True)
class Case:
    """One generated model and what its outputs are."""

    name: str
    model: ModelProto
    inputs: list[Any]


@cache
def cases() -> list[Case]:
    """All operator tests of the onnx package that are within reach, in the order in which it makes them."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        collected = collect_testcases(None)
    found = []
    for test in collected:
        if test.model is None:
            continue
        inputs = list(test.data_sets[0][0]) if test.data_sets else []
        for value, data in zip(test.model.graph.input, inputs, strict=False):
            # A named axis gets the extent that the data has.
            axes = value.type.tensor_type.shape.dim if is_tensor(value) else []
            for number, axis in enumerate(axes):
                if axis.HasField("dim_param"):
                    axis.dim_value = np.shape(data)[number]
        found.append(Case(test.name, test.model, inputs))
    return found


def operators(model: ModelProto) -> set[str]:
    """Operators of the main graph and of local functions."""
    nodes = list(model.graph.node) + [node for function in model.functions for node in function.node]
    return {node.op_type for node in nodes}


def domains(model: ModelProto) -> set[str]:
    nodes = list(model.graph.node) + [node for function in model.functions for node in function.node]
    return {node.domain for node in nodes}


def is_tensor(value: onnx.ValueInfoProto) -> bool:
    return value.type.WhichOneof("value") == "tensor_type"


def has_optional_input(model: ModelProto) -> bool:
    """The library does not follow the types inside optional values."""
    return any(value.type.WhichOneof("value") == "optional_type" for value in model.graph.input)


def has_empty_input(model: ModelProto) -> bool:
    """Inputs without elements: the library takes an extent of 0 for an open axis."""
    return any(
        axis.HasField("dim_value") and axis.dim_value == 0
        for value in model.graph.input
        if is_tensor(value)
        for axis in value.type.tensor_type.shape.dim
    )


def probed(model: ModelProto) -> ModelProto:
    """The model with the probe as its last node and nothing said of the types in between."""
    probe = ModelProto()
    probe.CopyFrom(model)
    names = [value.name for value in probe.graph.output]
    probe.graph.node.append(helper.make_node("Probe", names, ["probe"], domain=PROBE_DOMAIN))
    del probe.graph.output[:]
    del probe.graph.value_info[:]
    probe.graph.output.append(onnx.ValueInfoProto(name="probe"))
    probe.opset_import.append(helper.make_opsetid(PROBE_DOMAIN, 1))
    return probe


def with_constants(case: Case) -> ModelProto:
    """The model with small inputs other than the first as initializers, with the elements of the test's first data
    set."""
    model = ModelProto()
    model.CopyFrom(case.model)
    kept = []
    is_configured = bool(operators(model) & CONFIGURED_BY_FIRST_INPUT)
    for position, (value, data) in enumerate(zip(model.graph.input, case.inputs, strict=False)):
        elements = np.asarray(data) if is_tensor(value) and isinstance(data, np.ndarray | np.generic) else None
        is_operand = position == 0 and not is_configured
        if is_operand or elements is None or elements.size > 64 or elements.dtype == object:
            kept.append(value)
        else:
            tensor = numpy_helper.from_array(np.ascontiguousarray(elements), value.name)
            tensor.dims[:] = elements.shape
            tensor.data_type = value.type.tensor_type.elem_type
            model.graph.initializer.append(tensor)
    kept += list(model.graph.input)[len(case.inputs) :]
    inputs = [onnx.ValueInfoProto.FromString(value.SerializeToString()) for value in kept]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    return model


def inferred(model: ModelProto) -> tuple[nnformer.TensorType, ...]:
    """What the library knows of each output of the model."""
    with nnformer.Graph.parse(probed(model).SerializeToString()) as graph:
        (probe,) = [node for node in graph.nodes() if node.operator_name == f"{PROBE_DOMAIN}::Probe"]
        return probe.input_types


def disagreements(model: ModelProto, *, demands_everything: bool) -> list[str]:
    """How what the library inferred differs from what the model states."""
    found = []
    for stated, answer in zip(model.graph.output, inferred(model), strict=True):
        if not is_tensor(stated):
            continue
        tensor = stated.type.tensor_type
        if answer.element_type not in (0, tensor.elem_type) or (demands_everything and answer.element_type == 0):
            found.append(f"{stated.name}: element type {answer.element_type}, stated {tensor.elem_type}")
        if not tensor.HasField("shape"):
            continue
        shape = [axis.dim_value if axis.HasField("dim_value") else None for axis in tensor.shape.dim]
        if answer.shape is None:
            agrees = not demands_everything
        else:
            agrees = len(answer.shape) == len(shape) and all(
                ours == theirs or theirs is None or (ours is None and not demands_everything)
                for ours, theirs in zip(answer.shape, shape, strict=True)
            )
        if not agrees:
            found.append(f"{stated.name}: shape {answer.shape}, stated {shape}")
    return found


def is_in_reach(case: Case) -> bool:
    return (
        not domains(case.model) & UNSUPPORTED_DOMAINS
        and not operators(case.model) & UNSUPPORTED_OPERATORS
        and not has_empty_input(case.model)
    )


def check(case: Case, variant: Callable[[Case], ModelProto], *, demands_everything: bool) -> None:
    found = disagreements(variant(case), demands_everything=demands_everything)
    assert not found, f"{case.name} ({', '.join(sorted(operators(case.model)))}): {'; '.join(found)}"


def test_the_package_offers_models() -> None:
    """A release that hides its models must not let the tests below pass on nothing."""
    assert sum(map(is_in_reach, cases())) > 1000


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases() if is_in_reach(case)])
def test_what_is_known_is_right(case: Case) -> None:
    check(case, lambda case: case.model, demands_everything=False)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name)
        for case in cases()
        if is_in_reach(case)
        and not operators(case.model) & DATA_DEPENDENT_OPERATORS
        and not has_optional_input(case.model)
    ],
)
def test_everything_is_known_of_constant_operands(case: Case) -> None:
    check(case, with_constants, demands_everything=True)


@pytest.mark.parametrize("operator", sorted(UNSUPPORTED_OPERATORS | DATA_DEPENDENT_OPERATORS))
def test_exemptions_are_needed(operator: str) -> None:
    """An operator is exempt only as long as one of its models would fail."""
    concerned = [case for case in cases() if operator in operators(case.model) and not has_empty_input(case.model)]
    assert any(disagreements(with_constants(case), demands_everything=True) for case in concerned)


def test_the_probe_finds_a_wrong_shape() -> None:
    """The comparison itself is able to fail."""
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])
    wrong = helper.make_tensor_value_info("y", TensorProto.FLOAT, [3, 2])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "wrong", [value], [wrong])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    assert disagreements(model, demands_everything=False) == ["y: shape (2, 3), stated [3, 2]"]
