"""Accuracy of cells: label sets, networks, baselines, tables and weights (Documentation/Accuracy.md)."""
