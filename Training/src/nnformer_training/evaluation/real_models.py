"""Networks of torchvision and timm that no generator here wrote: what the estimate is tested on, never trained on.

They have random weights, since latency does not depend on their values, and need at most about 8 billion
multiply-accumulates.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import onnx

from nnformer_training.locations import WORK

if TYPE_CHECKING:
    from torch import nn

OPSET = 17
_SEED = 0
#: Standard deviation, small beside that of most weights.
_NOISE = 0.01

#: Names by the pixels a side that each network is published for.
TORCHVISION: Mapping[int, tuple[str, ...]] = {
    224: (
        "alexnet",
        "convnext_tiny",
        "densenet121", "densenet169",
        "efficientnet_b0",
        "googlenet",
        "mnasnet0_5", "mnasnet1_0", "mnasnet1_3",
        "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large",
        "regnet_x_400mf", "regnet_x_3_2gf", "regnet_y_400mf", "regnet_y_1_6gf",
        "resnet18", "resnet34", "resnet50", "resnet101", "resnext50_32x4d",
        "shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x2_0",
        "squeezenet1_0", "squeezenet1_1",
        "swin_t",
        "vgg11", "vgg11_bn",
        "vit_b_32",
    ),
    240: ("efficientnet_b1",),
    256: ("swin_v2_t",),
    288: ("efficientnet_b2",),
    299: ("inception_v3",),
}  # fmt: skip

#: Likewise; none has the name of one above.
TIMM: Mapping[int, tuple[str, ...]] = {
    106: ("tinynet_e",),
    192: ("tinynet_a",),
    224: (
        "cait_xxs24_224", "coat_lite_tiny", "convnext_atto", "convnextv2_atto", "deit_tiny_patch16_224",
        "deit_small_patch16_224", "dla34", "dla46_c", "dpn68", "efficientformer_l1", "efficientvit_b0",
        "ese_vovnet19b_dw", "ese_vovnet39b", "fbnetc_100", "fbnetv3_b", "focalnet_tiny_srf", "gernet_s",
        "ghostnet_100", "ghostnetv2_100", "gmlp_s16_224", "hardcorenas_a", "hrnet_w18_small", "inception_next_tiny",
        "lcnet_050", "lcnet_100", "levit_128s", "levit_256", "mixer_s16_224", "mixer_s32_224", "mixnet_s",
        "mobilenetv4_conv_small", "mobileone_s0", "mobileone_s2", "pit_ti_224", "pit_xs_224", "poolformer_s12",
        "pvt_v2_b0", "repvgg_a0", "repvgg_b0", "repvit_m0_9", "res2net50_26w_4s", "resmlp_12_224", "resnest14d",
        "resnet26d", "rexnet_100", "selecsls42b", "semnasnet_100", "seresnet50", "skresnet18", "spnasnet_100",
        "starnet_s1", "tf_efficientnet_lite0", "tiny_vit_5m_224", "twins_svt_small", "vit_small_patch32_224",
        "xcit_nano_12_p16_224", "xcit_tiny_12_p16_224",
    ),
    240: ("crossvit_tiny_240",),
    256: (
        "cspdarknet53", "cspresnet50", "edgenext_small", "edgenext_xx_small", "fastvit_t8", "mobilevit_s",
        "mobilevit_xxs", "mobilevitv2_050",
    ),
    260: ("tf_efficientnet_lite2",),
    299: ("legacy_xception",),
}  # fmt: skip


def _torchvision_network(name: str) -> nn.Module:
    import torchvision

    return torchvision.models.get_model(name, weights=None)


def _timm_network(name: str) -> nn.Module:
    import timm
    from timm.utils.model import reparameterize_model

    # Networks that train with parallel branches are deployed with one convolution in their place.
    return reparameterize_model(timm.create_model(name, pretrained=False, exportable=True))


#: By name, pixels a side and what builds the network.
_NETWORKS: dict[str, tuple[int, Callable[[str], nn.Module]]] = {
    name: (resolution, build)
    for build, by_resolution in ((_torchvision_network, TORCHVISION), (_timm_network, TIMM))
    for resolution, names in by_resolution.items()
    for name in names
}

NAMES: tuple[str, ...] = tuple(sorted(_NETWORKS))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What a command needs that asks the library about these networks."""
    parser.add_argument("--models", type=Path, default=WORK / "real_models", help="folder of the exported networks")
    parser.add_argument("--library", type=Path, help="libnnformer.so (default: where the Python module finds it)")
    parser.add_argument("--weights", type=Path, help="another weights file than that inside the library")


def export(name: str) -> onnx.ModelProto:
    """The network at batch 1 as PyTorch's TorchScript exporter writes it, normalisations folded into convolutions."""
    import torch

    resolution, build = _NETWORKS[name]
    torch.manual_seed(_SEED)
    network = build(name).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            # The exporter stores equal tensors once, and fresh ones are often all zeros or all ones.
            parameter.add_(torch.randn_like(parameter), alpha=_NOISE)
    file = io.BytesIO()
    # Not under no_grad: multi-head attention would become one operator that ONNX does not have.
    torch.onnx.export(
        network, (torch.zeros(1, 3, resolution, resolution),), file,
        dynamo=False, opset_version=OPSET, input_names=["input"], output_names=["output"],
    )  # fmt: skip
    return onnx.load_model_from_string(file.getvalue())


def exported(directory: Path, names: Iterable[str] = NAMES) -> Iterator[tuple[str, Path]]:
    """Names and files of networks; each is exported once and kept in the directory (6 GB for all)."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = directory / f"{name}.onnx"
        if not path.exists():
            # Renamed when complete, so that a run that is stopped leaves no half of a file under the name.
            unfinished = path.with_suffix(".part")
            onnx.save(export(name), unfinished)
            unfinished.rename(path)
        yield name, path
