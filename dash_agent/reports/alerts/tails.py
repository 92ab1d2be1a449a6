"""How likely something as far off is: tails of distributions, element by element."""

from __future__ import annotations

from collections.abc import Callable
from math import erfc, lgamma, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST: Final = 1e-300
"""No tail is told as less likely than this."""

STEPS: Final = 10_000
NEAR: Final = 1e-13
TINY: Final = 1e-290

_lgamma = np.vectorize(lgamma, otypes=[np.float64])
_erfc = np.vectorize(erfc, otypes=[np.float64])


def gamma_tails(a: Floats, x: Floats) -> tuple[Floats, Floats]:
    """The regularized incomplete gamma functions P(a, x) and Q(a, x), for a > 0; x below 0 is taken as 0.

    By the series below a + 1, by Lentz's continued fraction above (Abramowitz and Stegun 6.5.29 and 6.5.31).
    """
    a, x = (np.asarray(part, dtype=np.float64) for part in np.broadcast_arrays(a, x))
    below = np.full(a.shape, LEAST)
    above = np.ones(a.shape)
    near = (x > 0) & (x < a + 1)
    below[near] = _gamma_scale(a[near], x[near]) * _series(a[near], x[near])
    above[near] = 1 - below[near]
    far = x >= a + 1
    above[far] = _gamma_scale(a[far], x[far]) * _gamma_fraction(a[far], x[far])
    below[far] = 1 - above[far]
    return _likely(below), _likely(above)


def beta_tail(a: Floats, b: Floats, x: Floats) -> Floats:
    """The regularized incomplete beta function I_x(a, b), for a, b > 0, x in 0 to 1 (Abramowitz and Stegun 26.5.8)."""
    a, b, x = (np.asarray(part, dtype=np.float64) for part in np.broadcast_arrays(a, b, x))
    other = x > (a + 1) / (a + b + 2)
    p, q, at = np.where(other, b, a), np.where(other, a, b), np.where(other, 1 - x, x)
    found = np.where(other, 1.0, 0.0)
    inside = (x > 0) & (x < 1)
    p, q, at = p[inside], q[inside], at[inside]
    logged = _lgamma(p + q) - _lgamma(p) - _lgamma(q) + p * np.log(at) + q * np.log1p(-at) if len(at) else at
    part = np.exp(np.maximum(logged, -690.0)) / p * _beta_fraction(p, q, at)
    found[inside] = np.where(other[inside], 1 - part, part)
    found[x <= 0], found[x >= 1] = LEAST, 1.0
    return _likely(found)


def poisson_tails(seen: Floats, usual: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """P(as high or higher), P(as low or lower) of counts with mean `usual` and variance `usual` times `spread`."""
    mean = np.maximum(usual, 1e-9) / spread
    high = np.where(seen > 0, gamma_tails(np.maximum(seen, 1e-9) / spread, mean)[0], 1.0)
    return high, gamma_tails((seen + 1) / spread, mean)[1]


def binomial_tails(seen: Floats, of: Floats, usual: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """The same of `seen` out of `of`, each with the chance `usual`, and `spread` times the variance of a binomial."""
    inside = np.clip(seen, 0, of)
    high = beta_tail(np.maximum(inside, 1e-9) / spread, (of - inside) / spread + 1, usual)
    low = beta_tail(np.maximum(of - inside, 1e-9) / spread, inside / spread + 1, 1 - usual)
    high = np.where(seen <= 0, 1.0, np.where(seen > of, LEAST, high))
    return high, np.where(seen >= of, 1.0, np.where(seen < 0, LEAST, low))


def skewed_tails(z: Floats, skew: Floats) -> tuple[Floats, Floats]:
    """The same of numbers that are `z` standard deviations off, by Pearson's type III with that skewness."""
    z, skew = np.broadcast_arrays(z, skew)
    sign = np.where(skew < 0, -1.0, 1.0)
    shape = 4 / np.maximum(np.abs(skew), 0.05) ** 2
    below, above = gamma_tails(shape, shape + sign * z * np.sqrt(shape))
    return np.where(sign > 0, above, below), np.where(sign > 0, below, above)


def normal_tail(z: Floats) -> Floats:
    """P(as high or higher)."""
    return _likely(_erfc(z / sqrt(2)) / 2)


def deviates(p: Floats) -> Floats:
    """How far off a normal number is that is as likely, in standard deviations, within 0.0005.

    By a ratio of polynomials (Abramowitz and Stegun 26.2.23).
    """
    low = np.minimum(p, 1 - p)
    t = np.sqrt(-2 * np.log(np.clip(low, LEAST, 0.5)))
    z = t - (2.515517 + 0.802853 * t + 0.010328 * t**2) / (1 + 1.432788 * t + 0.189269 * t**2 + 0.001308 * t**3)
    found: Floats = np.where(p <= 0.5, z, -z)
    return found


def _gamma_scale(a: Floats, x: Floats) -> Floats:
    return np.exp(np.maximum(a * np.log(x) - x - _lgamma(a), -690.0)) if len(a) else a


def _series(a: Floats, x: Floats) -> Floats:
    term = total = 1 / a
    for step in range(1, STEPS):
        term = term * x / (a + step)
        total = total + term
        if not np.any(term >= total * NEAR):
            break
    return total


def _gamma_fraction(a: Floats, x: Floats) -> Floats:
    return _fraction(x + 1 - a, lambda step: (-step * (step - a), x + 1 - a + 2 * step))


def _beta_fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    def step(at: int) -> tuple[Floats, Floats]:
        m = at // 2
        if at % 2:
            return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), np.ones_like(x)
        return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), np.ones_like(x)

    return _fraction(np.ones_like(x), step)


def _fraction(first: Floats, step: Callable[[int], tuple[Floats, Floats]]) -> Floats:
    """1 / (first + a1 / (b1 + a2 / (b2 + …))) by Lentz's way; step: a and b of each."""
    c, d = np.full(first.shape, 1 / TINY), 1 / _not_zero(first)
    found = d
    for at in range(1, STEPS):
        a, b = step(at)
        d = 1 / _not_zero(a * d + b)
        c = _not_zero(b + a / c)
        found = found * c * d
        if not np.any(np.abs(c * d - 1) >= NEAR):
            break
    return found


def _not_zero(x: Floats) -> Floats:
    return np.where(np.abs(x) > TINY, x, TINY)


def _likely(p: Floats) -> Floats:
    found: Floats = np.clip(p, LEAST, 1.0)
    return found
