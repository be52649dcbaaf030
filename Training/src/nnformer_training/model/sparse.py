"""Sums and attention over lists of neighbours, with gradients that are themselves sums over lists.

Every list is given in both directions (compressed rows and compressed columns), so that forward and backward are
reads that run in parallel and add in a fixed order: no scatter, no atomics, the same bits in every run. Cost is
O(entries · width) time and O(rows · width) memory; nothing of size entries × width outlives a call.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.nn import functional

from .configuration import HEAD_COUNT


@dataclass(frozen=True)
class SparseMatrix:
    """A rows × columns matrix of small integer multiplicities, compressed by rows and by columns.

    offsets: int32 [rows + 1]; indices: int32 [entries], the column of each entry.
    column_offsets: int32 [columns + 1]; column_indices: int32 [entries], the row of each entry by columns.
    to_columns: int32 [entries], the position by rows of each entry by columns.
    values: float32 [entries] by rows; None when every entry is 1. An index may repeat within a row.
    """

    offsets: Tensor
    indices: Tensor
    column_offsets: Tensor
    column_indices: Tensor
    to_columns: Tensor
    values: Tensor | None = None

    @property
    def row_count(self) -> int:
        return self.offsets.shape[0] - 1

    def to(self, device: torch.device) -> SparseMatrix:
        return SparseMatrix(
            *(
                None if field is None else field.to(device)
                for field in (
                    self.offsets,
                    self.indices,
                    self.column_offsets,
                    self.column_indices,
                    self.to_columns,
                    self.values,
                )
            )
        )


def _weighted_rows(offsets: Tensor, indices: Tensor, values: Tensor | None, x: Tensor) -> Tensor:
    """Row i of the result is Σ values[e] · x[indices[e]] over the entries e of row i.

    Detached: on a tensor that requires gradients, embedding_bag also prepares a backward pass that is not used.
    """
    return functional.embedding_bag(
        indices, x.detach(), offsets, mode="sum", per_sample_weights=values, include_last_offset=True
    )


class _Multiply(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, matrix: SparseMatrix) -> Tensor:
        ctx.matrix = matrix
        return _weighted_rows(matrix.offsets, matrix.indices, matrix.values, x)

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        matrix: SparseMatrix = ctx.matrix
        values = None if matrix.values is None else matrix.values.index_select(0, matrix.to_columns)
        return _weighted_rows(matrix.column_offsets, matrix.column_indices, values, gradient.contiguous()), None


def multiply(matrix: SparseMatrix, x: Tensor) -> Tensor:
    """matrix · x: [rows × columns] · [columns × width] to [rows × width]."""
    return _Multiply.apply(x, matrix)


class _Attention(torch.autograd.Function):
    """One softmax per row of `seen`; queries, keys and values are read in place from the joint projection.

    The projection [inputs, 3·d] is viewed as [inputs · 3 · heads, d/heads]; input r owns 3 · heads consecutive
    rows: its queries by head, then its keys, then its values.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, projected: Tensor, own: SparseMatrix, seen: SparseMatrix) -> Tensor:
        head_width = projected.shape[1] // (3 * HEAD_COUNT)
        slices = projected.view(-1, head_width)
        keys, values = slices[HEAD_COUNT:], slices[2 * HEAD_COUNT :]
        key_rows = _slice_rows(seen.indices)
        segments = torch.repeat_interleave(
            torch.arange(seen.row_count, dtype=torch.int32, device=projected.device),
            seen.offsets.diff(),
            output_size=seen.indices.shape[0],
        )
        query_rows = _query_rows(own)
        scale = head_width**-0.5
        scores = _row_products(slices, query_rows.index_select(0, segments), keys, key_rows).mul_(scale)
        maxima = torch.segment_reduce(scores, "max", offsets=seen.offsets.long(), unsafe=True)
        weights = scores.sub_(maxima.index_select(0, segments)).exp_()
        weights /= _segment_sums(weights, segments, seen.row_count).index_select(0, segments)
        ctx.own, ctx.seen, ctx.scale = own, seen, scale
        ctx.save_for_backward(projected, key_rows, segments, query_rows, weights)
        return _weighted_rows(seen.offsets, key_rows, weights, values).view(own.row_count, -1)

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, None, None]:
        own: SparseMatrix = ctx.own
        seen: SparseMatrix = ctx.seen
        projected, key_rows, segments, query_rows, weights = ctx.saved_tensors
        head_width = projected.shape[1] // (3 * HEAD_COUNT)
        slices = projected.view(-1, head_width)
        keys, values = slices[HEAD_COUNT:], slices[2 * HEAD_COUNT :]
        upstream = gradient.contiguous().view(-1, head_width)

        weight_gradient = _row_products(upstream, segments, values, key_rows).mul_(weights)
        shared = _segment_sums(weight_gradient, segments, seen.row_count).index_select(0, segments)
        score_gradient = weight_gradient.addcmul_(weights, shared, value=-1).mul_(ctx.scale)

        by_row = _weighted_rows(seen.offsets, key_rows, score_gradient, keys).view(own.row_count, -1)
        query_gradient = _weighted_rows(own.column_offsets, own.column_indices, None, by_row)
        by_column = seen.column_indices
        askers = query_rows.index_select(0, by_column)
        score_gradient_by_column = score_gradient.index_select(0, seen.to_columns)
        key_gradient = _weighted_rows(seen.column_offsets, askers, score_gradient_by_column, slices)
        weights_by_column = weights.index_select(0, seen.to_columns)
        value_gradient = _weighted_rows(seen.column_offsets, by_column, weights_by_column, upstream)
        inputs = projected.shape[0]
        joined = torch.cat([query_gradient, key_gradient.view(inputs, -1), value_gradient.view(inputs, -1)], dim=1)
        return joined, None, None


def _slice_rows(head_rows: Tensor) -> Tensor:
    """Rows input · heads + head to rows input · 3 · heads + head."""
    head = head_rows % HEAD_COUNT
    return (head_rows - head) * 3 + head


def _query_rows(own: SparseMatrix) -> Tensor:
    """For each (row, head) in order, the row of its query among the slices of the projection."""
    heads = torch.arange(HEAD_COUNT, dtype=torch.int32, device=own.indices.device)
    return (own.indices[:, None] * (3 * HEAD_COUNT) + heads).view(-1)


def _row_products(left: Tensor, left_rows: Tensor, right: Tensor, right_rows: Tensor) -> Tensor:
    """left[left_rows[e]] · right[right_rows[e]] for every entry e."""
    return torch.einsum("ed,ed->e", left.index_select(0, left_rows), right.index_select(0, right_rows))


def _segment_sums(x: Tensor, segments: Tensor, segment_count: int) -> Tensor:
    return x.new_zeros(segment_count).index_add_(0, segments, x)


def attention(projected: Tensor, own: SparseMatrix, seen: SparseMatrix) -> Tensor:
    """Multi-head attention where every head sees a list of its own.

    projected: [inputs, 3·d], queries, keys and values of every input.
    own: [rows × inputs], one entry a row: the input whose query the row asks with.
    seen: [(rows · heads) × (inputs · heads)], row i · heads + h lists j · heads + h for every input j that head h
    of row i sees, itself included, as often as it counts.
    Returns [rows, d].
    """
    return _Attention.apply(projected, own, seen)
