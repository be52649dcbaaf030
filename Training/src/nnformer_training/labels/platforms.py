"""The platforms that labels belong to: one device with one runtime at one precision.

The batch size is an input of the graph, not part of a platform, so the columns ``2080ti_1`` and ``2080ti_256`` of any
label set are one platform. A throughput is a platform of its own: it is measured on a saturated device, whose time per
image is not the latency of one run.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Quantity(enum.StrEnum):
    """What a platform's numbers mean."""

    #: Milliseconds of one run of the graph at its batch size.
    LATENCY = "latency"
    #: Milliseconds per image of a saturated device, 1000 / throughput; the graph is given at batch 1.
    TIME_PER_IMAGE = "time_per_image"


@dataclass(frozen=True)
class Platform:
    """A platform and where its labels come from; ``id`` reads device-runtime-precision."""

    id: str
    device: str
    runtime: str
    precision: str
    quantity: Quantity
    source: str
    licence: str


_HELP = "HELP (Lee et al., NeurIPS 2021)"
_HW_NAS_BENCH = "HW-NAS-Bench (Li et al., ICLR 2021), passed on by HELP (Lee et al., NeurIPS 2021)"
_ACCEL = "Accel-NASBench (Ahmad et al., DAC 2024)"
_NNLQ = "NNLQP (Liu et al., ICPP 2022)"


def _pytorch(device_id: str, device: str) -> Platform:
    return Platform(f"{device_id}-pytorch-fp32", device, "PyTorch", "fp32", Quantity.LATENCY, _HELP, "MIT")


def _phone(device_id: str, device: str) -> Platform:
    # HELP does not name the runtime; the labels show that every operation is run as written.
    return Platform(f"{device_id}-eager-fp32", device, "eager, unspecified", "fp32", Quantity.LATENCY, _HELP, "MIT")


def _hw_nas_bench(id: str, device: str, runtime: str, precision: str) -> Platform:
    return Platform(id, device, runtime, precision, Quantity.LATENCY, _HW_NAS_BENCH, "MIT")


def _vitis(device_id: str, device: str) -> tuple[Platform, Platform]:
    return tuple(
        Platform(f"{device_id}-vitisai-int8{suffix}", device, "Vitis AI", "int8", quantity, _ACCEL, "Apache-2.0")
        for suffix, quantity in (("", Quantity.LATENCY), ("-throughput", Quantity.TIME_PER_IMAGE))
    )


def _measured(runtime_id: str, runtime: str) -> Platform:
    return Platform(
        f"epyc_zen4_1core-{runtime_id}-fp32",
        "AMD EPYC, Zen 4 (family 25, model 17), one core of a virtual machine",
        runtime,
        "fp32",
        Quantity.LATENCY,
        "measured with nnformer-measure (Training/measured)",
        "MIT",
    )


def _throughput(device_id: str, device: str) -> Platform:
    return Platform(
        f"{device_id}-throughput", device, "unspecified", "unspecified", Quantity.TIME_PER_IMAGE, _ACCEL, "Apache-2.0"
    )


#: Every platform that a column of a label set may name, in the order of the weights file.
PLATFORMS: tuple[Platform, ...] = (
    _pytorch("1080ti", "NVIDIA GeForce GTX 1080 Ti"),
    _pytorch("2080ti", "NVIDIA GeForce RTX 2080 Ti"),
    _pytorch("titanx", "NVIDIA Titan X"),
    _pytorch("titanxp", "NVIDIA Titan Xp"),
    _pytorch("titan_rtx", "NVIDIA Titan RTX"),
    _pytorch("v100", "NVIDIA V100"),
    _pytorch("gold_6240", "Intel Xeon Gold 6240"),
    _pytorch("silver_4114", "Intel Xeon Silver 4114"),
    _pytorch("silver_4210r", "Intel Xeon Silver 4210R"),
    _phone("essential_ph_1", "Essential PH-1"),
    _phone("samsung_a50", "Samsung Galaxy A50"),
    _phone("samsung_s7", "Samsung Galaxy S7"),
    _hw_nas_bench("pixel3-tflite-fp32", "Google Pixel 3", "TensorFlow Lite", "fp32"),
    _hw_nas_bench("raspi4-tflite-fp32", "Raspberry Pi 4", "TensorFlow Lite", "fp32"),
    _hw_nas_bench("eyeriss-simulated", "Eyeriss", "simulator", "unspecified"),
    _hw_nas_bench("fpga-simulated", "FPGA of HW-NAS-Bench", "simulator", "unspecified"),
    Platform(
        "gtx1660-tensorrt7.1-fp32",
        "NVIDIA GeForce GTX 1660",
        "TensorRT 7.1",
        "fp32",
        Quantity.LATENCY,
        _NNLQ,
        "Apache-2.0",
    ),
    *_vitis("zcu102", "Xilinx ZCU102"),
    *_vitis("vck190", "Xilinx VCK190"),
    _throughput("a100", "NVIDIA A100"),
    _throughput("rtx3090", "NVIDIA GeForce RTX 3090"),
    _throughput("tpuv2", "Google Cloud TPU v2"),
    _throughput("tpuv3", "Google Cloud TPU v3"),
    _measured("onnxruntime1.32", "ONNX Runtime 1.32"),
    _measured("openvino2026.4", "OpenVINO 2026.4"),
)

PLATFORMS_BY_ID: dict[str, Platform] = {platform.id: platform for platform in PLATFORMS}

#: The platforms measured here, by the runtime's name in ``nnformer-measure``.
MEASURED_PLATFORMS: dict[str, str] = {
    "onnxruntime": PLATFORMS[-2].id,
    "openvino": PLATFORMS[-1].id,
}
