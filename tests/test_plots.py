import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from course import plots
from course.descent import descend
from course.explorers.gradient_descent.figure import WORDS, figure_bowl
from course.optimizers import GradientDescent
from course.plots import marks as mk
from course.plots.fonts import label_fonts
from course.plots.palette import BASINS, PALETTE, THEMES
from course.surfaces import cosine_valleys, himmelblau, quadratic, saddle, two_valleys

PAGE = {"light": "#ffffff", "dark": "#111111"}


def canvas():
    figure = Figure(figsize=(3, 2))
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot(xlim=(0, 10), ylim=(0, 10))


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


# ------------------------------------------------------------------------- palette
def test_contrast_as_published():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", PALETTE)
def test_every_role_stands_out_from_the_page(role, theme):
    assert contrast(plots.colour(role, theme), PAGE[theme]) >= 4.5


def test_basins_have_different_colours():
    assert len(set(BASINS)) == len(BASINS) > len(himmelblau.minima)


def test_unknown_role_and_theme_are_named():
    with pytest.raises(ValueError, match="role must be one of .* not 'pink'"):
        plots.colour("pink")
    with pytest.raises(ValueError, match="theme must be one of .* not 'sepia'"):
        plots.colour("path", "sepia")


def test_browser_has_the_same_colours():
    css = plots.css_variables()
    for theme in THEMES:
        block = css.split(f'[data-theme="{theme}"]')[1].split("}")[0]
        for role in PALETTE:
            assert f"--course-{role}: {plots.colour(role, theme)};" in block


# --------------------------------------------------------------------------- marks
XY = np.arange(8.0).reshape(4, 2)
BOXES = np.arange(16.0).reshape(4, 4)
MAKERS = (mk.line, mk.points, mk.arrows, mk.bars, mk.region)


def of(maker, **style):
    data = BOXES if maker in (mk.arrows, mk.bars) else XY
    if style.get("timing") == "frames":
        data = np.stack([data, data + 1, data + 2])
    return maker(data, "p", "path", **style)


@pytest.mark.parametrize("maker", MAKERS)
def test_timings(maker):
    data = of(maker).data
    assert np.array_equal(of(maker).at(2), data)
    assert np.array_equal(of(maker, timing="reveal").at(2), data[:3])
    assert np.array_equal(of(maker, timing="current").at(2), data[2:3])
    assert np.array_equal(of(maker, timing="frames").at(2), data + 2)
    assert of(maker).frames == 1
    assert of(maker, timing="reveal").frames == 4
    assert of(maker, timing="frames").frames == 3


@pytest.mark.parametrize("timing", ["reveal", "current", "frames"])
@pytest.mark.parametrize("step", [-5, 99])
def test_steps_outside_show_the_first_or_last(timing, step):
    mark = of(mk.points, timing=timing)
    assert np.array_equal(mark.at(step), mark.at(0 if step < 0 else mark.frames - 1))


def test_words_follow_their_timing():
    def words(timing):
        return mk.text(XY, list("abcd"), "p", "ink", timing=timing).texts_at(1)

    assert [words(t) for t in ("static", "reveal", "current")] == [
        tuple("abcd"),
        ("a", "b"),
        ("b",),
    ]


@pytest.mark.parametrize("timing", mk.TIMINGS)
@pytest.mark.parametrize("maker", MAKERS)
def test_meta_is_json_and_has_the_shape(maker, timing):
    mark = of(maker, timing=timing)
    meta = json.loads(json.dumps(mark.meta()))
    assert tuple(meta["dims"]) == mark.data.shape
    assert meta["kind"] in mk.WIDTHS


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mk.Mark("blob", XY, "p", "path"), "kind must be one of"),
        (lambda: mk.line(XY, "p", "path", timing="later"), "timing must be one of"),
        (lambda: mk.line(XY, "p", "pink"), "role must be one of"),
        (lambda: mk.line(BOXES, "p", "path"), r"line needs data of shape \(n, 2\), not \(4, 4\)"),
        (lambda: mk.line(XY[0], "p", "path"), r"not \(2,\)"),
        (lambda: mk.line(XY, "p", "path", timing="frames"), r"\(T, n, 2\)"),
        (lambda: mk.text(XY, ["one"], "p", "ink"), "4 places need as many texts, not 1"),
    ],
)
def test_wrong_marks_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("timing", mk.TIMINGS)
@pytest.mark.parametrize("maker", MAKERS)
def test_matplotlib_draws_every_mark(maker, timing):
    figure, ax = canvas()
    assert plots.draw_marks({"p": ax}, [of(maker, timing=timing, dash=True)], 1)
    figure.canvas.draw()


@pytest.mark.parametrize("shape", mk.SHAPES)
def test_matplotlib_draws_every_shape(shape):
    figure, ax = canvas()
    (artist,) = plots.draw_marks({"p": ax}, [mk.points(XY, "p", "path", shape=shape)], 0, "dark")
    figure.canvas.draw()
    assert artist.get_color() == plots.colour("path", "dark")


def test_what_is_not_finite_is_left_out_without_a_warning():
    figure, ax = canvas()
    bad = np.array([[1.0, np.nan], [np.inf, 2.0], [3.0, 3.0]])
    boxes = np.array([[0, 0, 1, 1], [0, 0, np.nan, np.inf]])
    words = mk.text(bad, ["no", "no", "yes"], "p", "ink")
    marks = [mk.line(bad, "p", "path"), mk.points(bad, "p", "path"), mk.arrows(boxes, "p", "path")]
    artists = plots.draw_marks({"p": ax}, [*marks, words], 0)
    figure.canvas.draw()
    assert [a.get_text() for a in artists if hasattr(a, "get_text")] == ["yes"]


def test_empty_marks_draw_nothing():
    figure, ax = canvas()
    nothing = np.zeros((0, 2))
    plots.draw_marks({"p": ax}, [mk.line(nothing, "p", "path"), mk.points(nothing, "p", "path")], 3)
    figure.canvas.draw()


# ---------------------------------------------------------------------------- axes
@pytest.mark.parametrize("theme", THEMES)
def test_axes_functions_draw_on_the_axes_given(theme):
    figure, ax = canvas()
    assert plots.style(ax, theme, title="t", x="w₁", y="L") is ax
    assert plots.curve(ax, cosine_valleys, theme)
    assert plots.contours(ax, two_valleys, theme)
    assert len(plots.critical_points(ax, two_valleys, theme)) == 3
    run = descend(two_valleys, GradientDescent(0.1), np.array([0.5, 1.0]), 5)
    assert plots.path(ax, run, theme)
    assert plots.loss_curve(ax, run, theme)
    assert plots.basins(ax, np.ravel(two_valleys.bounds), np.array([[0, 1], [-1, 0]]))
    figure.canvas.draw()


@pytest.mark.parametrize("surface", [himmelblau, saddle, two_valleys], ids=lambda s: s.name)
def test_grid_covers_the_bounds(surface):
    w1, w2, theta = plots.grid(surface, 5)
    assert theta.shape == (5, 5, 2)
    assert (w1[0], w1[-1]) == surface.bounds[0]
    assert (w2[0], w2[-1]) == surface.bounds[1]
    assert np.array_equal(theta[1, 2], [w1[2], w2[1]])


def test_chinese_labels_have_their_glyphs():
    figure, ax = canvas()
    words = WORDS["中文"]
    plots.draw_marks({"p": ax}, [mk.text(XY, words, "p", "ink")], 0)
    figure.canvas.draw()  # a missing glyph is a warning, and warnings are errors here


def test_a_missing_glyph_would_be_noticed():
    figure, ax = canvas()
    ax.set_title("龘", fontfamily=label_fonts())
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        figure.canvas.draw()
    assert any("missing from" in str(w.message) for w in seen)


# ---------------------------------------------------------------------------- bowl
@pytest.fixture(scope="module")
def bowl():
    return figure_bowl((880, 400))


def test_bowl_finds_what_it_projected(bowl):
    w1, w2 = bowl.mesh[20, 10]
    assert bowl.under(*bowl.project([w1, w2])) == pytest.approx((w1, w2), abs=1e-9)


def test_bowl_projects_any_shape_and_any_number(bowl):
    wild = np.array([[0.0, 0.0], [np.nan, 1.0], [np.inf, -np.inf], [1e300, 0.0]])
    pixels = bowl.project(wild)
    assert pixels.shape == wild.shape
    assert np.isfinite(pixels).all()
    assert np.array_equal(bowl.project(wild[0]), pixels[0])


def test_bowl_stands_inside_its_panel(bowl):
    left, bottom, width, height = bowl.rect
    x, y = np.moveaxis(bowl.project(bowl.mesh), -1, 0)
    assert left * 880 <= x.min() <= x.max() <= (left + width) * 880
    assert (1 - bottom - height) * 400 <= y.min() <= y.max() <= (1 - bottom) * 400


def test_pictures_do_not_load_pyplot():
    code = (
        "import sys, course.explorers.gradient_descent; print('matplotlib.pyplot' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def test_decades_label_an_axis_of_logarithms():
    ax = Figure().subplots()
    plots.decades(ax, "y", -12.5, 3.2)
    assert ax.get_ylim() == (-12.5, 3.2)
    assert [t.get_text() for t in ax.get_yticklabels()][-2:] == ["1", "10²"]
    plots.decades(ax, "x", -2, 1)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["10⁻²", "10⁻¹", "1", "10¹"]


def test_level_lines_run_where_the_loss_has_that_value():
    bowl = quadratic([1.0, 4.0])
    lines = plots.level_lines(bowl, [0.5, 1.0], count=200)
    parts = np.flatnonzero(np.isnan(lines[:, 0]))
    assert len(parts) == 2
    for level, points in zip(
        (0.5, 1.0), (lines[: parts[0]], lines[parts[0] + 1 : -1]), strict=True
    ):
        np.testing.assert_allclose(bowl.value(points), level, rtol=1e-3)
    assert plots.level_lines(bowl, [-1.0]).shape == (0, 2)
