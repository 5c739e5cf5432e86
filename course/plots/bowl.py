"""A loss of two parameters seen from the side, cut off at a rim: a bowl with its valleys."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D, proj3d  # type: ignore[import-untyped]
from numpy.typing import ArrayLike, NDArray

from course.plots.palette import colour
from course.surfaces import Surface

Array = NDArray[Any]


class Bowl:
    """Draw a surface once in perspective and know where each of its points stands in the picture.

    Parameters
    ----------
    surface
        A loss of two parameters.
    size
        Width and height of the whole picture in pixels.
    rect
        Left, bottom, width, height of the panel, as shares of the picture.
    rim
        The loss at which the bowl is cut off.
    """

    def __init__(
        self,
        surface: Surface,
        size: tuple[int, int],
        rect: tuple[float, float, float, float],
        rim: float,
        view: tuple[float, float] = (28.0, -66.0),
    ) -> None:
        self.surface, self.size, self.rect, self.rim, self.view = surface, size, rect, rim, view
        self.mesh = self._mesh()
        figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
        ax = self._axes(figure)
        figure.canvas.draw()
        self._matrix = ax.get_proj()
        self._to_pixels = ax.transData.frozen()
        self._mesh_pixels = self.project(self.mesh)

    def _mesh(self, rings: int = 34, spokes: int = 97) -> Array:
        """Return parameters ``(rings, spokes, 2)`` from the middle to the rim, where L = rim."""
        phi = np.linspace(0, 2 * np.pi, spokes)
        ray = np.column_stack([np.cos(phi), np.sin(phi)])
        low, high = np.zeros(spokes), np.full(spokes, 6.0)
        for _ in range(50):  # bisection for the outermost crossing: beyond the valleys L grows
            middle = (low + high) / 2
            outside = self.surface.value(middle[:, None] * ray) > self.rim
            low, high = np.where(outside, low, middle), np.where(outside, middle, high)
        return np.linspace(0, 1, rings)[:, None, None] * (high[:, None] * ray)

    def _axes(self, figure: Figure) -> Axes3D:
        ax: Axes3D = figure.add_axes(self.rect, projection="3d", computed_zorder=False)
        ax.view_init(*self.view)
        reach = np.abs(self.mesh).max(axis=(0, 1))
        ax.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]), zlim=(0, self.rim))
        ax.set_box_aspect((1.25, 1.25, 1.0), zoom=1.08)
        ax.set_facecolor("none")
        ax.set_axis_off()
        return ax

    def draw(self, figure: Figure, theme: str = "light") -> Axes:
        """Draw the bowl and return a flat Axes over it whose coordinates are pixels."""
        ax = self._axes(figure)
        ink, muted = colour("ink", theme), colour("muted", theme)
        w1, w2 = np.moveaxis(self.mesh, -1, 0)
        loss = self.surface.value(self.mesh)
        blue = colour("loss", theme)
        ax.plot_surface(
            w1, w2, loss, color=blue, alpha=0.14, linewidth=0, rstride=1, cstride=1, zorder=1
        )
        ax.plot_wireframe(
            w1, w2, loss, color=blue, alpha=0.35, linewidth=0.5, rstride=3, cstride=4, zorder=2
        )
        ax.plot(w1[-1], w2[-1], loss[-1], color=blue, linewidth=1.8, zorder=3)
        # the cut w2 = 0 through both valleys, as in the usual drawing
        cut = np.linspace(w1.min(), w1.max(), 120)
        cut_loss = self.surface.value(np.column_stack([cut, np.zeros_like(cut)]))
        ax.plot(cut, np.zeros_like(cut), cut_loss, color=blue, linewidth=1.8, zorder=3)
        corner = np.array([w1.min(), w2.min(), 0.0])
        reach = np.array([np.ptp(w1), np.ptp(w2), self.rim])
        for axis, name in enumerate(("w₁", "w₂", "L")):
            end = corner.copy()
            end[axis] += reach[axis]
            line = np.array([corner, end]).T
            ax.plot(*line, color=muted, linewidth=1.4, zorder=0, clip_on=False)
            ax.text(
                *(corner + 1.07 * (end - corner)),
                name,
                color=ink,
                fontsize=11,
                ha="center",
                zorder=0,
            )
        return self._overlay(figure)

    def _overlay(self, figure: Figure) -> Axes:
        (width, height), (left, bottom, w, h) = self.size, self.rect
        over = figure.add_axes(self.rect)
        over.set_axis_off()
        over.set(
            xlim=(left * width, (left + w) * width),
            ylim=((1 - bottom) * height, (1 - bottom - h) * height),
        )
        return over

    def project(self, theta: ArrayLike) -> Array:
        """Return the pixels ``(…, 2)``, right and down, of the surface above theta ``(…, 2)``."""
        theta = np.asarray(theta, dtype=np.float64)
        flat = np.nan_to_num(theta.reshape(-1, 2), nan=1e3, posinf=1e3, neginf=-1e3).clip(-1e3, 1e3)
        height = np.clip(self.surface.value(flat), -1e3, 1e3)
        x, y, _ = proj3d.proj_transform(flat[:, 0], flat[:, 1], height, self._matrix)
        pixels = self._to_pixels.transform(np.column_stack([x, y]))
        pixels[:, 1] = self.size[1] - pixels[:, 1]
        return pixels.reshape(theta.shape)

    def under(self, x: float, y: float) -> tuple[float, float]:
        """Return the parameters of the mesh point that stands nearest to a pixel."""
        distance = np.linalg.norm(self._mesh_pixels - (x, y), axis=-1)
        ring, spoke = np.unravel_index(np.argmin(distance), distance.shape)
        w1, w2 = self.mesh[ring, spoke]
        return float(w1), float(w2)
