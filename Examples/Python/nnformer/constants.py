"""Constants of nnformer.h, by the names that Python gives them."""

ABI_VERSION = 0
"""``NNFORMER_ABI_VERSION`` of the header that this package was written against."""

RELATIONS = ("successors", "predecessors", "co_children", "co_parents")
"""Names of the relations, in the order of ``NNFORMER_RELATION_...``."""

PRECISION_DEFAULT, PRECISION_FAST = 0, 1
"""``NNFORMER_PRECISION_...``: how exactly products are taken."""

IN_DOMAIN_SCORE = 0.5
"""Below this ``Estimate.in_domain_score`` a graph lies outside what a platform was trained on, as it does with an
operator that training never saw: see ``Estimate.is_in_domain``."""

QUANTITIES = ("latency", "time_per_image")
"""What a platform's estimate is, in the order of ``NNFORMER_QUANTITY_...``."""

KEEP_UNUSED_NODES = 1
"""``NNFORMER_KEEP_UNUSED_NODES``, a flag of ``nnformer_graph_options``."""

NO_BYTE_OFFSET = 2**64 - 1
"""``NNFORMER_NO_BYTE_OFFSET``: what an error says that belongs to no place in a file."""
