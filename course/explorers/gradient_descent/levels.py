"""Level lines of a quadratic form."""

from __future__ import annotations

import numpy as np

from course.explorers.gradient_descent.paths import Array


def level_lines(eigenvalues: Array, count: int = 8, points: int = 120) -> Array:
    """Return level lines of ½ Σ λᵢ wᵢ² for any signs of λ, separated by NaN rows ``(m, 2)``.

    On the ray (cos φ, sin φ) the form is ½ r² (λ₁ cos² φ + λ₂ sin² φ), so a level c is met at
    r² = 2c / (λ₁ cos² φ + λ₂ sin² φ) where that is positive: ellipses, hyperbolas or lines.
    """
    phi = np.linspace(0, 2 * np.pi, points + 1)
    first, second = eigenvalues
    if first * second < 0:
        # hyperbolas run off along the rays where the form is zero: look there more closely
        along = np.arctan(np.sqrt(-first / second)) * np.array([1, -1])
        near = np.geomspace(2e-3, 0.04, 6)
        close = np.add.outer(along, np.concatenate([-near, near])).ravel()
        phi = np.sort(np.concatenate([phi, close % (2 * np.pi), (close + np.pi) % (2 * np.pi)]))
    ray = np.column_stack([np.cos(phi), np.sin(phi)])
    form = ray**2 @ eigenvalues
    peak = 0.5 * np.abs(eigenvalues).max() * 2.0**2
    levels = peak * np.linspace(0.15, 1.2, count) ** 2
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        squared = 2 * np.concatenate([levels, -levels])[:, None] / form
        r = np.where((squared > 0) & (squared < 60), np.sqrt(np.abs(squared)), np.nan)
    lines = (r[:, :, None] * ray)[np.isfinite(r).any(axis=1)]
    gaps = np.full((len(lines), 1, 2), np.nan)
    return np.concatenate([lines, gaps], axis=1).reshape(-1, 2)
