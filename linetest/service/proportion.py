"""What a sample proves about a share, such as the packets that are lost: exact bounds of a binomial proportion.

Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26
(1934). The distribution function is the regularized incomplete beta function, by its continued fraction (NIST Digital
Library of Mathematical Functions, 8.17.22); a bound is found by halving.
"""

from math import exp, expm1, lgamma, log, log1p

CONFIDENCE = 0.95
_TINY = 1e-300
_SMALL = 1e-15
_MOST_TERMS = 20_000
_HALVINGS = 70


def proved(hits: int, of: int) -> tuple[float, float]:
    """Return what `hits` of `of` prove at 95 %: the share lies between the two.

    The upper bound holds at 95 % in any case. Of no hit it is one-sided, 1 - 0.05^(1/of) or nearly 3/of, as nothing
    lies below; of some, both are two-sided. Read together they hold at 95 %, but for a share near 3/of, where it is
    93.8 %.

    Args:
        hits: 0 or more, at most `of`.
        of: 1 or more.
    """
    if not 0 <= hits <= of or of < 1:
        raise ValueError(f"{hits} of {of}")
    if hits == 0:
        return 0.0, -expm1(log(1.0 - CONFIDENCE) / of)
    return interval(hits, of)


def interval(hits: int, of: int) -> tuple[float, float]:
    """Return the two-sided interval of Clopper and Pearson at 95 %."""
    tail = (1.0 - CONFIDENCE) / 2.0
    low = 0.0 if hits == 0 else _quantile(tail, hits, of - hits + 1)
    high = 1.0 if hits == of else _quantile(1.0 - tail, hits + 1, of - hits)
    return low, high


def beta_share(x: float, a: float, b: float) -> float:
    """Return the regularized incomplete beta function I_x(a, b)."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):  # where the fraction converges fast
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the function, by the method of Lentz."""
    c, d = 1.0, 1.0 / _nonzero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, _MOST_TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _nonzero(1.0 + term * d)
            c = _nonzero(1.0 + term / c)
            value *= c * d
        if abs(c * d - 1.0) < _SMALL:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _quantile(share: float, a: float, b: float) -> float:
    """Return the x with I_x(a, b) = `share`."""
    low, high = 0.0, 1.0
    for _halving in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if beta_share(middle, a, b) < share else (low, middle)
    return (low + high) / 2.0
