"""How the makers of networks round a scaled number of channels."""

from __future__ import annotations


def make_divisible(channels: float, divisor: int = 8) -> int:
    """The nearest multiple of the divisor (at least one) that is not below 90 % of ``channels``, MobileNet's rule."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded
