"""How likely something as far off is: tails of distributions, by segment.

A look has some dozen segments, and a fraction or series is over in some dozen steps: plain numbers are faster than
arrays here.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import copysign, exp, lgamma, log, log1p, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST: Final = 1e-300
"""No tail is told as less likely than this."""

STEPS: Final = 10_000
NEAR: Final = 1e-13
TINY: Final = 1e-290


def gamma_tails(a: float, x: float) -> tuple[float, float]:
    """The regularized incomplete gamma functions P(a, x) and Q(a, x), for a > 0 and x ≥ 0.

    By the series below a + 1, by Lentz's continued fraction above (Abramowitz and Stegun 6.5.29 and 6.5.31).
    """
    if x <= 0:
        return LEAST, 1.0
    logged = a * log(x) - x - lgamma(a)
    scale = exp(logged) if logged > -690 else 0.0
    if x < a + 1:
        below = scale * _series(a, x)
        return _likely(below), _likely(1 - below)
    above = scale * _fraction(x + 1 - a, ((-step * (step - a), x + 1 - a + 2 * step) for step in range(1, STEPS)))
    return _likely(1 - above), _likely(above)


def beta_tail(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function I_x(a, b), for a, b > 0 and 0 ≤ x ≤ 1 (Abramowitz and Stegun 26.5.8)."""
    if x <= 0 or x >= 1:
        return LEAST if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return _likely(1 - beta_tail(b, a, 1 - x))
    logged = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    front = exp(logged) / a if logged > -690 else 0.0
    return _likely(front * _fraction(1.0, _beta_steps(a, b, x)))


def poisson_tails(seen: Floats, usual: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """P(as high or higher), P(as low or lower) of counts with mean `usual` and variance `usual` times `spread`."""
    pairs = list(zip(seen.tolist(), np.maximum(usual, 1e-9).tolist(), spread.tolist(), strict=True))
    high = [gamma_tails(y / s, m / s)[0] if y > 0 else 1.0 for y, m, s in pairs]
    return np.array(high), np.array([gamma_tails((y + 1) / s, m / s)[1] for y, m, s in pairs])


def binomial_tails(seen: Floats, of: Floats, usual: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """The same of `seen` out of `of`, each with the chance `usual`, and `spread` times the variance of a binomial."""
    sets = list(zip(seen.tolist(), of.tolist(), usual.tolist(), spread.tolist(), strict=True))
    high = [beta_tail(y / s, (n - y) / s + 1, p) if y > 0 else 1.0 for y, n, p, s in sets]
    return np.array(high), np.array([beta_tail((n - y) / s, y / s + 1, 1 - p) if y < n else 1.0 for y, n, p, s in sets])


def skewed_tails(z: Floats, skew: Floats) -> tuple[Floats, Floats]:
    """The same of numbers that are `z` standard deviations off, by Pearson's type III with that skewness."""
    pairs = [_skewed(off, bent) for off, bent in zip(z.tolist(), skew.tolist(), strict=True)]
    return np.array([high for high, _ in pairs]), np.array([low for _, low in pairs])


def _skewed(z: float, skew: float) -> tuple[float, float]:
    skew = copysign(max(abs(skew), 0.05), skew)
    shape = 4 / skew**2
    below, above = gamma_tails(shape, shape + copysign(1.0, skew) * z * sqrt(shape))
    return (above, below) if skew > 0 else (below, above)


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    for step in range(1, STEPS):
        term *= x / (a + step)
        total += term
        if term < total * NEAR:
            break
    return total


def _beta_steps(a: float, b: float, x: float) -> Iterator[tuple[float, float]]:
    yield -(a + b) * x / (a + 1), 1.0
    for m in range(1, STEPS):
        yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1.0
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1.0


def _fraction(first: float, steps: Iterator[tuple[float, float]]) -> float:
    """1 / (first + a1 / (b1 + a2 / (b2 + …))) by Lentz's way; steps: pairs of a and b."""
    c, d = 1 / TINY, 1 / _not_zero(first)
    found = d
    for a, b in steps:
        d = 1 / _not_zero(a * d + b)
        c = _not_zero(b + a / c)
        found *= c * d
        if abs(c * d - 1) < NEAR:
            break
    return found


def _not_zero(x: float) -> float:
    return x if abs(x) > TINY else TINY


def _likely(p: float) -> float:
    return min(max(p, LEAST), 1.0)
