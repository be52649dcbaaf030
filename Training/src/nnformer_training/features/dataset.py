"""``build-dataset``: the feature cache of every labelled network.

Each network is written as ONNX, in each form and at each batch size that a label column asks for, and read back by
libnnformer, whose features are stored (``feature_cache``). Label sets are built one after the other, each into a folder
that appears under its name only when it is complete: an interrupted build goes on with the first missing one, and a
label set whose file changed, or whose features a newer library computes differently, is built again.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import multiprocessing
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from tqdm import tqdm

from nnformer_training.features.feature_cache import ColumnInfo, LabelSetCache, column_infos, write_label_set
from nnformer_training.features.graph_collector import GraphChunk, GraphCollector, GraphKey, KernelTimes
from nnformer_training.features.graph_library import RELATIONS, CtypesLibrary, GraphData, GraphLibrary
from nnformer_training.features.kernel_groups import group_nodes
from nnformer_training.labels.cleaning import Verdict, judge, report
from nnformer_training.labels.label_sets import LABEL_SETS, LabelSet, LabelTable
from nnformer_training.labels.nnlq import nnlq_label_set
from nnformer_training.labels.splits import Split
from nnformer_training.locations import CACHE, LABELS, TRAINING
from nnformer_training.search_spaces.nasbench201 import Form

CHUNK_ARCHITECTURES = 32
FINGERPRINT_ARCHITECTURES = 64

SPLIT_DIRECTORY = TRAINING / "splits"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", type=Path, default=LABELS, help="folder of the label sets")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to write")
    parser.add_argument("--splits", type=Path, default=SPLIT_DIRECTORY, help="folder of the frozen splits")
    parser.add_argument("--library", type=Path, help="libnnformer.so (default: where the Python module finds it)")
    parser.add_argument("--label-set", action="append", choices=LABEL_SETS, help="only this one (may be repeated)")
    parser.add_argument("--nnlq", type=Path, help="instead, NNLQ's data: a folder with gt.txt and onnx/")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--force", action="store_true", help="build even what is up to date")


def run(arguments: argparse.Namespace) -> None:
    label_sets = [LABEL_SETS[name] for name in arguments.label_set or LABEL_SETS]
    for label_set in [nnlq_label_set(arguments.nnlq)] if arguments.nnlq else label_sets:
        build_label_set(
            label_set,
            arguments.labels,
            arguments.cache,
            arguments.splits,
            open_library=LibraryOpener(arguments.library),
            processes=arguments.processes,
            is_forced=arguments.force,
        )


@dataclass(frozen=True)
class LibraryOpener:
    """Opens libnnformer; picklable, so that every worker process opens its own."""

    path: Path | None

    def __call__(self) -> GraphLibrary:
        return CtypesLibrary(self.path)


def build_label_set(
    label_set: LabelSet,
    label_directory: Path,
    cache_directory: Path,
    split_directory: Path,
    open_library: Callable[[], GraphLibrary],
    processes: int,
    is_forced: bool = False,
) -> LabelSetCache:
    """Build one label set unless it is up to date; print how many labels each cleaning rule removed."""
    library = open_library()
    table = label_set.read(label_directory)
    provenance = {
        "label_set": label_set.name,
        "label_file_sha256": _sha256(label_set.path(label_directory)),
        "kernels_file_sha256": _sha256(label_set.path(label_directory).with_name(label_set.kernels_file))
        if label_set.kernels_file
        else "",
        "fingerprint": _fingerprint(table, library),
        "feature_schema": library.feature_schema,
        "feature_names": list(library.feature_names),
        "graph_feature_names": list(library.graph_feature_names),
    }
    directory = cache_directory / label_set.name
    if not is_forced and _is_up_to_date(directory, provenance):
        print(f"{label_set.name}: up to date")
        return LabelSetCache.open(directory)

    collector = GraphCollector()
    split_hashes: list[str] = []
    chunks = _chunks(table, open_library, processes)
    for chunk in tqdm(
        chunks, total=-(-len(table.architectures) // CHUNK_ARCHITECTURES), desc=label_set.name, unit="chunk"
    ):
        collector.add(chunk)
        split_hashes += chunk.split_hashes

    is_validation = np.zeros(len(split_hashes), bool)
    if label_set.is_tested:
        split = Split.open(split_directory)
        split.freeze(label_set.name, split_hashes, split_directory)
        is_validation[:] = [split.is_validation(graph_hash) for graph_hash in split_hashes]
    labels, reports = _labels(table, collector.graph_numbers(), is_validation)
    arrays = {
        **collector.arrays(),
        **labels,
        "architecture_hash": np.array(split_hashes, "S32"),
        "is_validation": is_validation,
        "descriptions": table.descriptions(),
    }
    columns = [
        ColumnInfo(
            label_set.name,
            label_set.file,
            column.name,
            column.platform_id,
            column.family or label_set.family,
            column.batch,
            column.form.value,
        )
        for column in table.columns
    ]
    meta = {**provenance, "library_version": library.version, "columns": column_infos(columns), "cleaning": reports}

    # Complete under another name first: the folder's name promises that all of it is there.
    partial = cache_directory / f"{label_set.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    write_label_set(partial, meta, arrays)
    shutil.rmtree(directory, ignore_errors=True)
    partial.rename(directory)
    _print_reports(label_set, reports, is_validation)
    return LabelSetCache.open(directory)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _fingerprint(table: LabelTable, library: GraphLibrary) -> str:
    """SHA-256 over all that is stored of a few networks: changes when the writer or the library does. They are spread
    over the file, where families follow one another."""
    digest = hashlib.sha256()
    count = len(table.architectures)
    rows = np.linspace(0, count - 1, min(FINGERPRINT_ARCHITECTURES, count)).astype(int).tolist()
    chunk = _read_chunk(table, rows, library)
    collector = GraphCollector()
    collector.add(chunk)
    for array in collector.arrays().values():
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update("".join(chunk.split_hashes).encode())
    return digest.hexdigest()


def graph_keys(table: LabelTable, row: int) -> list[tuple[Form, int]]:
    """The (form, batch size) pairs whose graphs a row's labels need, in the order of their first column."""
    is_disconnected = table.label_set.is_disconnected(table.architectures[row])
    wanted = {
        (column.form, table.batch(row, column)): None
        for column, milliseconds in zip(table.columns, table.milliseconds[row], strict=True)
        if not np.isnan(milliseconds) and (column.form is Form.EXECUTED or not is_disconnected)
    }
    return list(wanted)


_worker_library: GraphLibrary
_worker_table: LabelTable


def _start_worker(open_library: Callable[[], GraphLibrary], table: LabelTable) -> None:
    global _worker_library, _worker_table
    _worker_library, _worker_table = open_library(), table


def _work(first: int) -> GraphChunk:
    last = min(first + CHUNK_ARCHITECTURES, len(_worker_table.architectures))
    return _read_chunk(_worker_table, range(first, last), _worker_library)


def _chunks(table: LabelTable, open_library: Callable[[], GraphLibrary], processes: int) -> Iterator[GraphChunk]:
    firsts = range(0, len(table.architectures), CHUNK_ARCHITECTURES)
    # Forked, so that workers inherit the table: the functions inside a label set cannot be pickled.
    context = multiprocessing.get_context("fork")
    with context.Pool(processes, _start_worker, (open_library, table)) as pool:
        yield from pool.imap(_work, firsts)


def _read_chunk(table: LabelTable, rows: Sequence[int], library: GraphLibrary) -> GraphChunk:
    keys: list[GraphKey] = []
    graphs, split_hashes, kernel_times = [], [], []
    for row in rows:
        architecture = table.architectures[row]
        split_form = table.label_set.split_form(architecture)
        wanted = graph_keys(table, row)
        models = {
            form: table.label_set.write(architecture, form).SerializeToString()
            for form in {split_form, *(form for form, _ in wanted)}
        }
        hashes: dict[tuple[Form, int], str] = {}
        for form, batch in wanted:
            data = library.graph_data(models[form], batch)
            kernel_times += _kernel_times(table, row, (form, batch), len(graphs), models[form], data, library)
            keys.append(GraphKey(row, form, batch))
            graphs.append(data)
            hashes[form, batch] = data.graph_hash
        split_hashes.append(hashes.get((split_form, 1)) or library.graph_hash(models[split_form], 1))
    return GraphChunk.from_graphs(keys, graphs, split_hashes, kernel_times)


def _kernel_times(
    table: LabelTable,
    row: int,
    key: tuple[Form, int],
    graph: int,
    model: bytes,
    data: GraphData,
    library: GraphLibrary,
) -> list[KernelTimes]:
    """Of every column of the row whose labels belong to this graph and whose kernels are known."""
    columns = [
        number
        for number, column in enumerate(table.columns)
        if (row, number) in table.kernels and (column.form, table.batch(row, column)) == key
    ]
    if not columns:
        return []
    names = library.node_names(model, key[1])
    offsets, indices = data.relations[RELATIONS.index("predecessors")]
    predecessors = np.split(indices, offsets[1:-1])
    proto = onnx.ModelProto.FromString(model)
    return [
        KernelTimes(graph, number, group_nodes(proto, names, predecessors, table.kernels[row, number]))
        for number in columns
    ]


def _labels(
    table: LabelTable, graph_numbers: dict[GraphKey, int], is_validation: npt.NDArray[np.bool_]
) -> tuple[dict[str, npt.NDArray[Any]], list[dict[str, Any]]]:
    """The label arrays of the cache, column after column, and the number of labels by verdict of each column."""
    descriptions, is_disconnected = table.descriptions(), table.disconnected()
    graphs, columns, milliseconds, kept_verdicts, reports = [], [], [], [], []
    for number, column in enumerate(table.columns):
        values = table.milliseconds[:, number]
        is_exempt = is_validation | (not table.label_set.is_screened)
        verdicts = judge(values, descriptions, is_disconnected & (column.form is not Form.EXECUTED), is_exempt)
        reports.append(dataclasses.asdict(report(column.name, verdicts)))
        rows = np.flatnonzero((verdicts == Verdict.CLEAN) | (verdicts == Verdict.OUTLIER))
        graphs += [graph_numbers[GraphKey(int(row), column.form, table.batch(int(row), column))] for row in rows]
        columns.append(np.full(len(rows), number, np.uint16))
        milliseconds.append(values[rows])
        kept_verdicts.append(verdicts[rows])
    arrays = {
        "label_graph": np.array(graphs, np.uint32),
        "label_column": np.concatenate(columns),
        "label_milliseconds": np.concatenate(milliseconds),
        "label_verdict": np.concatenate(kept_verdicts),
    }
    return arrays, reports


def _is_up_to_date(directory: Path, provenance: dict[str, Any]) -> bool:
    try:
        meta = LabelSetCache.open(directory).meta
    except (FileNotFoundError, ValueError):
        return False
    return all(meta.get(key) == value for key, value in provenance.items())


def _print_reports(label_set: LabelSet, reports: list[dict[str, Any]], is_validation: npt.NDArray[np.bool_]) -> None:
    print(f"{label_set.name}: {len(is_validation)} networks, {is_validation.sum()} in validation")
    for counts in reports:
        print(
            f"  {counts['column']:<20} {counts['clean']:>6} clean, {counts['outliers']} outliers, "
            f"{counts['disconnected']} disconnected, {counts['unusable']} unusable"
        )
