"""Platforms that were fitted to measurements of one device."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from . import structures
from .conversions import PathLike, decoded, encoded_path
from .handle import Handle
from .library import Library


@dataclass(frozen=True)
class CalibrationReport:
    """How well a calibrated platform meets its samples."""

    id: str
    sample_count: int
    leave_one_out_mape_percent: float
    """Mean absolute percentage error on each sample, fitted to the others."""
    leave_one_out_spearman: float
    outlier_count: int
    """Samples that the fit gave less than half their weight."""


class CalibratedPlatform(Handle):
    """A platform that was fitted to measurements: of ``Calibration.fit``, or of a file.

    For ``Predictor.with_platforms``.
    """

    _destroy_function = "nnformer_calibrated_platform_destroy"

    @classmethod
    def open(cls, path: PathLike, *, library: Library | None = None) -> CalibratedPlatform:
        """Reads a file of ``save``."""
        platform = cls(library)
        platform._library.call(
            "nnformer_calibrated_platform_open", ctypes.byref(platform._pointer), encoded_path(path)
        )
        return platform

    def save(self, path: PathLike) -> None:
        """Writes a file (.nnfp), replacing what is there."""
        self._library.call("nnformer_calibrated_platform_save", self._live, encoded_path(path))

    def report(self) -> CalibrationReport:
        report = structures.CalibrationReport()
        self._library.call("nnformer_calibrated_platform_get_report", self._live, ctypes.byref(report))
        return CalibrationReport(
            id=decoded(report.id),
            sample_count=report.sample_count,
            leave_one_out_mape_percent=report.leave_one_out_mape_percent,
            leave_one_out_spearman=report.leave_one_out_spearman,
            outlier_count=report.outlier_count,
        )
