"""Where things lie in a checkout of the repository, from which this package is used (``pip install -e``)."""

from __future__ import annotations

from pathlib import Path

TRAINING = Path(__file__).resolve().parents[2]
CONFIGURATIONS = TRAINING / "configs"
#: Caches, runs and result files that git ignores.
WORK = TRAINING / "work"
CACHE = WORK / "cache"
RUNS = WORK / "runs"
WORK_RESULTS = WORK / "results"
#: Result files that are in git, for they take hours.
RESULTS = TRAINING / "results"

REPOSITORY = TRAINING.parent
#: Beside the repository: label sets that it does not hold.
LABELS = REPOSITORY.parent / "shared" / "data"
DOCUMENTATION = REPOSITORY / "Documentation"
EXAMPLES = REPOSITORY / "Examples"
WEIGHTS = REPOSITORY / "Sources" / "CNNFWeights"
