"""Families of networks that are measured, each a module with a `Family` named `FAMILY`."""
