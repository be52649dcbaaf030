"""Writes Documentation/Performance.md from what measure.py found."""

from __future__ import annotations

import argparse
import json
import platform
import re
import statistics
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DENSE_SHAPES = {(64, 192): "query, key, value", (64, 64): "projection; contraction",
                (64, 128): "expansion, aggregation; head, hidden layer", (65, 64): "embedding",
                (512, 1536): "query, key, value", (512, 512): "projection; contraction",
                (512, 1024): "expansion, aggregation", (65, 512): "embedding"}


def table(header: list[str], rows: Iterable[Iterable[object]]) -> str:
    alignment = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [header, alignment, *rows]) + "\n"


def time(values: dict[str, float]) -> str:
    """Median ± half the distance between the quartiles, milliseconds."""
    digits = 3 if values["median"] < 1 else 2 if values["median"] < 10 else 1
    return f"{values['median']:.{digits}f} ± {values['spread'] / 2:.{digits}f}"


def dense(lines: list[list[float]]) -> str:
    rows = []
    for row_count, inputs, outputs, own, shorts, octets, blas, peak in lines:
        shape = int(inputs), int(outputs)
        rows.append([f"{int(row_count)} × {shape[0]} × {shape[1]}, {DENSE_SHAPES.get(shape, '')}", f"{own:.0f}",
                     f"{blas:.0f}", f"{peak:.0f}", f"{own / blas:.2f}", f"{100 * own / peak:.0f} %", f"{shorts:.0f}",
                     f"{octets:.0f}"])
    return table(["rows × inputs × outputs", "nnformer, GFLOP/s", "OpenBLAS", "peak", "× OpenBLAS", "of the peak",
                  "16-bit integers, GOP/s", "8-bit"], rows)


def peers(entries: list[dict]) -> str:
    rows = []
    for entry in entries:
        times = entry["milliseconds"]
        own = times["nnformer"]["median"]
        fast = times["fast"]["median"]
        rows.append([f"{entry['graph']}, {entry['nodes']} nodes",
                     *(time(times[n]) for n in ("nnformer", "fast", "pytorch", "onnxruntime")),
                     f"{times['pytorch']['median'] / own:.1f}", f"{times['onnxruntime']['median'] / own:.1f}",
                     f"{times['pytorch']['median'] / fast:.1f}", f"{times['onnxruntime']['median'] / fast:.1f}",
                     f"{entry['relative_difference']:.0e}", f"{entry['fast_relative_difference']:.0e}"])
    return table(["graph", "nnformer, ms", "fast, ms", "PyTorch, ms", "ONNX Runtime, ms", "× PyTorch", "× ONNX Runtime",
                  "fast × PyTorch", "fast × ONNX Runtime", "difference of estimates", "of fast ones"], rows)


def estimates(entries: list[dict]) -> str:
    return table(["graph", "nodes", "estimate, ms", "µs a node", "reading the file, ms", "µs a node"],
                 [[e["graph"], e["nodes"], time(e["milliseconds"]["estimate"]),
                   f"{1e3 * e['milliseconds']['estimate']['median'] / e['nodes']:.2f}", time(e["milliseconds"]["open"]),
                   f"{1e3 * e['milliseconds']['open']['median'] / e['nodes']:.1f}"] for e in entries])


def reading(entries: list[dict]) -> str:
    return table(["weights in the file", "to all estimates, ms", "growth of memory, MiB"],
                 [[f"{e['megabytes']} MB", time(e["milliseconds"]), f"{e['memory_growth_mib']:.1f}"] for e in entries])


def search(lines: list[list[float]]) -> str:
    rows = []
    seconds = {}
    for threads in sorted({line[0] for line in lines}):
        chosen = [line for line in lines if line[0] == threads]
        networks, nodes = chosen[0][1], chosen[0][2]
        build, estimate, total = (statistics.median(line[column] for line in chosen) for column in (3, 4, 5))
        seconds[threads] = total
        rows.append([f"{threads:.0f}", f"{networks:.0f} of {nodes:.0f} nodes", f"{1e3 * build / networks:.2f}",
                     f"{1e3 * estimate / networks:.2f}", f"{networks / total:.0f}", f"{seconds[1] / total:.2f}"])
    return table(["threads", "networks", "building one, ms of a thread", "estimating one, ms of a thread",
                  "networks a second", "speed-up"], rows)


def instructions(found: dict[str, dict[str, float]]) -> str:
    columns = [name for name in ("before", "now") if name in found]
    return table(["instructions, millions", *columns],
                 [[what, *(f"{found[c][key] / 1e6:.1f}" for c in columns)]
                  for key, what in (("reading", "reading the graph"), ("estimate", "estimating it"))])


def cpu() -> str:
    return re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurements", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    found = json.loads(arguments.measurements.read_text())
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True,
                            check=True).stdout.strip()
    sections = {
        "dense": dense(found["dense"]), "paper": peers(found["paper"]), "shipped": peers(found["shipped"]),
        "estimates": estimates(found["estimates"]), "scaling": estimates(found["scaling"]),
        "reading": reading(found["reading"]),
        "opening": table(["step", "ms"], [[name.replace("_", " "), time(value)] for name, value in found["opening"].items()]),
        "search": search(found["search"]), "instructions": instructions(found["instructions"]),
        "machine": f"{cpu()}, {platform.system()} {platform.release()}, commit {commit}",
    }
    template = (ROOT / "Benchmarks" / "Performance.template.md").read_text()
    arguments.output.write_text(re.sub(r"\{\{(\w+)\}\}", lambda match: sections[match[1]].rstrip("\n"), template))
    print(arguments.output)


if __name__ == "__main__":
    main()
