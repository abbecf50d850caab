"""k-means to the same bits in every process."""

from __future__ import annotations

import numpy as np


def k_means(points: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return the centres of (n, d) points, (count, d) float32.

    Where there are no more different points than centres, the points themselves are the centres, some of them more
    than once.

    Args:
        points: (n, d) float32.
        count: How many centres, <= n.
        seed: Of the first centres.
    """
    distinct = list({row.tobytes(): row for row in points}.values())  # np.unique would sort, which takes longer
    if len(distinct) <= count:
        return np.stack([distinct[index % len(distinct)] for index in range(count)])

    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    # On several threads the partial sums are added in any order, and the last bits of the centres change.
    with threadpool_limits(limits=1):
        centres = KMeans(n_clusters=count, n_init=1, random_state=seed).fit(points).cluster_centers_
    return centres.astype(np.float32)
