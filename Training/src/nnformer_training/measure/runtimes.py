"""The runtimes that networks are measured on, behind one small interface: load a model, then run it again and again."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper

from nnformer_training.measure.conditions import installed_version

if TYPE_CHECKING:
    import onnxruntime
    import openvino

Run = Callable[[], None]
Inputs = dict[str, npt.NDArray[np.generic]]


class Runtime(Protocol):
    """``name`` says which runtime in the results, ``version`` which release of it; both without commas."""

    name: str
    version: str

    def prepare(self, model: Path, inputs: Inputs, threads: int) -> Run:
        """Compile the ``.onnx`` file; what is returned runs it once on the inputs and waits for the result."""
        ...


class OnnxRuntime:
    """ONNX Runtime on the CPU, float32, all graph optimisations."""

    def __init__(self) -> None:
        import onnxruntime

        self._module = onnxruntime
        self.name = "onnxruntime"
        self.version = onnxruntime.__version__

    def prepare(self, model: Path, inputs: Inputs, threads: int) -> Run:
        session = self.session(model, threads)
        return lambda: session.run(None, inputs)

    def session(self, model: Path, threads: int, profile_prefix: str = "") -> onnxruntime.InferenceSession:
        """With a prefix, kernels are timed into a file of that name and a suffix, which ``end_profiling`` returns."""
        options = self._module.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = self._module.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = self._module.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        if profile_prefix:
            options.enable_profiling = True
            options.profile_file_prefix = profile_prefix
        return self._module.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


class OpenVino:
    """OpenVINO on the CPU, tuned for latency; float32 is asked for, as it would take bfloat16 where there is one."""

    def __init__(self) -> None:
        import openvino

        self._module = openvino
        self._core = openvino.Core()
        self.name = "openvino"
        self.version = installed_version("openvino")

    def prepare(self, model: Path, inputs: Inputs, threads: int) -> Run:
        return self.request(self.compile(model, threads), inputs).infer

    def compile(self, model: Path, threads: int, is_profiling: bool = False) -> openvino.CompiledModel:
        configuration = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
            "PERF_COUNT": is_profiling,
        }
        return self._core.compile_model(str(model), "CPU", configuration)

    def request(self, compiled: openvino.CompiledModel, inputs: Inputs) -> openvino.InferRequest:
        """What ``infer`` runs on the inputs."""
        request = compiled.create_infer_request()
        for name, value in inputs.items():
            request.set_tensor(name, self._module.Tensor(value))
        return request


class Command:
    """A user's own runner: a command that gets the path of an ``.onnx`` file and prints milliseconds.

    ``{model}`` in the command is replaced by the path, which otherwise is appended. It runs once a round; the last
    number of the last line of standard output is taken as what the round's fastest run took. A command that fails, or
    prints no number, fails the network and not the campaign.
    """

    def __init__(self, name: str, command: str) -> None:
        self.name = name
        self.version = ""
        self._words = shlex.split(command)
        if not self._words:
            raise ValueError(f"the command of runtime {name} is empty")

    def milliseconds(self, model: Path) -> float:
        words = [word.replace("{model}", str(model)) for word in self._words]
        if words == self._words:
            words.append(str(model))
        result = subprocess.run(words, capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(f"{self._words[0]} ended with {result.returncode}: {result.stderr.strip()[-200:]}")
        numbers = re.findall(r"[-+0-9.eE]+", (result.stdout.strip().splitlines() or [""])[-1])
        try:
            return float(numbers[-1])
        except (IndexError, ValueError):
            raise RuntimeError(f"{self._words[0]} printed no number of milliseconds") from None


def open_runtime(text: str) -> Runtime | Command:
    """``onnxruntime``, ``openvino`` or ``NAME=COMMAND``."""
    name, separator, command = text.partition("=")
    if separator:
        return Command(name, command)
    if name == "onnxruntime":
        return OnnxRuntime()
    if name == "openvino":
        return OpenVino()
    raise ValueError(f"unknown runtime {text}: give onnxruntime, openvino or NAME=COMMAND")


def example_inputs(model: Path) -> Inputs:
    """Normal numbers for floating-point inputs; zeros and ones for integers, which are valid tokens of any vocabulary.
    ``ValueError`` for an input whose extents are not all fixed."""
    generator = np.random.default_rng(0)
    graph = onnx.load(model, load_external_data=False).graph
    parameters = {tensor.name for tensor in graph.initializer}
    inputs: Inputs = {}
    for value in graph.input:
        if value.name in parameters:
            continue
        dimensions = value.type.tensor_type.shape.dim
        if not all(dimension.HasField("dim_value") for dimension in dimensions):
            raise ValueError(f"input {value.name} has an axis without extent: fix it in the file")
        shape = tuple(dimension.dim_value for dimension in dimensions)
        element_type = helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        if np.issubdtype(element_type, np.floating):
            inputs[value.name] = generator.standard_normal(shape).astype(element_type)
        else:
            inputs[value.name] = generator.integers(0, 2, shape).astype(element_type)
    return inputs
