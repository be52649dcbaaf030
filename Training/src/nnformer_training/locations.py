"""Where things lie in a checkout of the repository, from which this package is used (``pip install -e``)."""

from __future__ import annotations

from pathlib import Path

TRAINING = Path(__file__).resolve().parents[2]
CONFIGURATIONS = TRAINING / "configs"
#: Caches, runs and result files that git ignores.
WORK = TRAINING / "work"
#: Result files that are in git, for they take hours.
RESULTS = TRAINING / "results"

REPOSITORY = TRAINING.parent
DOCUMENTATION = REPOSITORY / "Documentation"
EXAMPLES = REPOSITORY / "Examples"
WEIGHTS = REPOSITORY / "Sources" / "CNNFWeights"
