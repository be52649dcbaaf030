"""The version is the library's, stated once in VERSION; setuptools' static configuration may not read it from here."""

from pathlib import Path

from setuptools import setup

setup(version=(Path(__file__).resolve().parent.parent / "VERSION").read_text().strip())
