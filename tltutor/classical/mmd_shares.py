"""Label shift by MMD (Iyer, Nath & Sarawagi, 2014): the class shares whose mixture of the source's classes is nearest to the target."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.optimize import lsq_linear

from tltutor.classical.kernels import WIDTH, gaussian_kernel, median_distance
from tltutor.classical.weights import Weights
from tltutor.settings import Setting

RIDGE = 1e-10  # of the mean of A's diagonal: A of two equal classes has no inverse
SUM = 1e3  # weight of the row that says that the shares add up to 1


def mmd_shares(k_ss: np.ndarray, k_st: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the q (k,), q >= 0 and sum q = 1, with the least MMD^2 = q'A q - 2 b'q + const of sum_y q_y p_s(x | y) and p_t(x).

    k_ss (n_s, n_s) and k_st (n_s, n_t): kernels; codes (n_s,): classes 0..k-1, each there. A_yz is the mean kernel of the
    classes y and z, b_y that of class y and the target. It is a problem of k numbers and asks no classifier.
    (Iyer, Nath & Sarawagi, 2014, eq. 5; Zhang et al., 2013, section 3.1, where the weights are those of points.)
    """
    each = np.eye(codes.max() + 1)[codes]
    each = each / each.sum(0)  # (n_s, k): the mean over a class
    A, b = each.T @ k_ss @ each, each.T @ k_st.mean(1)
    unit = float(np.diag(A).mean())
    R = np.linalg.cholesky(
        A / unit + RIDGE * np.eye(len(A))
    ).T  # A = R'R, so that ||R q - z||^2 is the MMD^2
    z = np.linalg.solve(R.T, b / unit)
    rows, wanted = np.vstack([R, np.full(len(A), SUM)]), np.append(z, SUM)
    # scipy.optimize.nnls of SciPy 1.14 goes in circles where the answer lies on the border
    q = lsq_linear(rows, wanted, bounds=(0, np.inf), method="bvls", tol=1e-14, max_iter=1000).x
    return np.asarray(q / q.sum())


class MMDShares(Weights):
    """Weights q_y / p_y by `mmd_shares` (Iyer, Nath & Sarawagi, 2014): for label shift alone, without a classifier.

    Where p(x | y) moves, the mixture follows how the classes look, and its shares mean nothing, without a sign of it.
    Fitted: `classes_`, `target_shares_` (k,).
    """

    name = "mmd_shares"
    title = "MMD (label shift, by mixed classes)"
    needs_labels = True
    settings: ClassVar[tuple[Setting, ...]] = (WIDTH,)

    def __init__(self, width: float = 1.0) -> None:
        self.width = width

    def _raw(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> np.ndarray:
        self.classes_, codes = np.unique(ys, return_inverse=True)
        sigma = self.width * median_distance(Xs, Xt)
        kernels = gaussian_kernel(Xs, Xs, sigma), gaussian_kernel(Xs, Xt, sigma)
        self.target_shares_ = mmd_shares(*kernels, codes)
        return np.asarray((self.target_shares_ * len(codes) / np.bincount(codes))[codes])
