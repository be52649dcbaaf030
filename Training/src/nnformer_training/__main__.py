"""``python -m nnformer_training``."""

import sys

from nnformer_training.cli import main

sys.exit(main())
