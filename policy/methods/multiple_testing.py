"""False discovery rate for many tests at once."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Adjusted p-values (q-values) that control the false discovery rate.

    p: (tests,) in [0, 1]; NaN where a test could not be made. Returns (tests,) in [0, 1]: NaN stays
    NaN and does not count as a test. Raises ValueError for another shape or a value outside [0, 1].
    Source: Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289, the step-up procedure.
    """
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"p-values must be one-dimensional; got {values.ndim} dimensions.")
    tested = ~np.isnan(values)
    made = values[tested]
    if ((made < 0) | (made > 1)).any():
        raise ValueError("A p-value must lie between 0 and 1.")
    order = np.argsort(made, kind="stable")
    scaled = made[order] * made.size / np.arange(1, made.size + 1)
    adjusted = np.empty_like(made)
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    q = np.full_like(values, np.nan)
    q[tested] = np.minimum(adjusted, 1.0)
    return q
