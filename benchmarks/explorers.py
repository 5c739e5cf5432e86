"""The explorers against the same views with `interact`, in real JupyterLab.

Both stand in one notebook, with one kernel, and take turns: so many slider steps each, then a
dragged slider each, then ours plays and has its handle dragged. A frame counts when the browser
paints a picture that the kernel has computed; what the handle does by itself does not count.
Steps go one way and back again; from the second on the kernel has been asked ahead for ours, so
that moves which nobody foresees are measured too: jumps of two steps, pulls of the handle.

Lesson 2's explorers are measured twice: with the course's server extension, and with that switched
off; those of the other lessons with it only. Frames a second are judged only when the machine had
two free cores at the start.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import math
import shutil
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.table import Row, quiet

HERE = Path(__file__).parent
OFF = "--ServerApp.jpserver_extensions=course.server=False"
LATENCY, LATENCY_ELSEWHERE, KERNEL, PLAYING = 10.0, 8.0, 5.0, 0.95
UNFORESEEN = {True: 8.0, False: None}
DRAGGING = {True: 35.0, False: 25.0}

CLOCKS = """
import time
import ipywidgets
from course.explorers.stage import Stage

spent = {"ours": [], "interact": []}

def timed(function, name):
    def wrapped(*args, **kwargs):
        begin = time.thread_time()
        result = function(*args, **kwargs)
        spent[name].append(time.thread_time() - begin)
        return result
    return wrapped

Stage._receive = timed(Stage._receive, "ours")
ipywidgets.interactive.update = timed(ipywidgets.interactive.update, "interact")
"""


@dataclass
class Found:
    """What was measured of one explorer: milliseconds, or frames a second."""

    latency: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    jumps: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    pulls: list[float] = field(default_factory=list)
    sliding: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    dragging: list[float] = field(default_factory=list)
    playing: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    kernel: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Amount:
    """How much to measure: rounds, and in each round slider steps and seconds of dragging."""

    rounds: int
    ours: int
    interact: int
    seconds: float


FULL, SHORT, QUICK = Amount(5, 12, 5, 3.0), Amount(3, 8, 4, 2.0), Amount(1, 3, 2, 1.0)


def what_is_missing() -> str:
    """Say what this benchmark needs and this machine has not."""
    for package in ("playwright", "jupyterlab", "ipywidgets", "matplotlib"):
        if importlib.util.find_spec(package) is None:
            return f"no {package} in this environment"
    from tests.browser.lab import find_chromium

    return "" if find_chromium() else "no Chromium on this machine"


def rows(
    quick: bool = False, names: Sequence[str] = (), extensions: Sequence[bool] = (True, False)
) -> Iterator[Row]:
    """Measure every explorer (or those with these names), with and without the extension."""
    if missing := what_is_missing():
        yield Row("explorers", "", missing, None)
        return
    from benchmarks.interact_views import PAIRS, other_lessons
    from tests.browser.lab import running_chromium, running_lab

    for extension in extensions:
        everything = [*PAIRS, *other_lessons()] if extension else PAIRS
        pairs = [pair for pair in everything if not names or pair.explorer in names]
        free = quiet()
        with (
            tempfile.TemporaryDirectory() as folder,
            tempfile.TemporaryDirectory() as config,
            running_lab(Path(folder), Path(config), extra=() if extension else (OFF,)) as lab,
            running_chromium() as browser,
        ):
            is_on = any("course.server | extension was success" in line for line in lab.log)
            if is_on != extension:
                raise RuntimeError("the server extension could not be switched")
            shutil.copy(HERE / "interact_views.py", folder)
            for pair in pairs:
                amount = QUICK if quick else FULL if pair in PAIRS else SHORT
                found = measured(pair, lab, browser, amount)
                target = LATENCY if pair in PAIRS else LATENCY_ELSEWHERE
                yield from judged(pair.explorer, extension, found, free, target)


def notebook_of(pair: Any) -> dict[str, Any]:
    """Return a notebook with an explorer and the same view by `interact`."""
    start, low, high, step = pair.limits
    if pair.log:
        low, high = math.log10(low), math.log10(high)
    kind = "FloatLogSlider" if pair.log else "IntSlider" if isinstance(step, int) else "FloatSlider"
    sliders = [f"{pair.slider}=ipywidgets.{kind}({start}, min={low}, max={high}, step={step})"]
    sliders += [f"{name}=(-2.0, 2.0, 0.05)" for name in pair.others]
    draw = pair.draw.__name__ if pair.draw else f"same_view({pair.explorer}())"
    sources = {
        "clocks": CLOCKS.strip(),
        "ours": f"from course.explorers.{pair.package} import {pair.explorer}\n{pair.explorer}()",
        "interact": "%matplotlib inline\nimport interact_views\n"
        f"view = ipywidgets.interact(interact_views.{draw}, {', '.join(sliders)})",
    }
    cells = [
        {
            "cell_type": "code",
            "id": name,
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for name, source in sources.items()
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def measured(pair: Any, lab: Any, browser: Any, amount: Amount) -> Found:
    """Open the notebook of a pair and measure both views in turn."""
    from tests.browser.page import Notebook

    name = f"{pair.explorer}.ipynb"
    (lab.root / name).write_text(json.dumps(notebook_of(pair)), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 1500})
    with contextlib.closing(page):
        notebook = Notebook(page, lab, name)
        notebook.run_all()
        if errors := notebook.errors():
            raise RuntimeError(f"{pair.explorer}: {errors[0]}")
        page.evaluate((HERE / "explorers.js").read_text(encoding="utf-8"))
        stage = notebook.stage("ours")
        stage.root.locator("svg").first.wait_for()
        roots = {"ours": stage.root.element_handle()}
        output = notebook.cell("interact").locator(".widget-interact")
        output.locator(".jp-OutputArea img").wait_for()
        roots["interact"] = output.element_handle()
        found = Found()
        counts = {"ours": amount.ours, "interact": amount.interact}
        spent: dict[str, list[float]] = defaultdict(list)
        page.wait_for_timeout(1000)
        for _ in range(amount.rounds):
            afresh(stage, pair)
            for kind, root in roots.items():
                root.scroll_into_view_if_needed()
                notebook.kernel("[each.clear() for each in spent.values()]")
                found.latency[kind] += page.evaluate(
                    "a => measure.latency(...a)", [kind, root, pair.slider, counts[kind]]
                )
                if kind == "ours":
                    found.jumps += page.evaluate(
                        "a => measure.latency(...a)", [kind, root, pair.slider, 4, 2]
                    )
                rate = page.evaluate(
                    "a => measure.sliding(...a)", [kind, root, pair.slider, amount.seconds]
                )
                found.sliding[kind].append(rate["shown"])
                page.wait_for_timeout(800)  # what is under way arrives
                if kind == "ours":
                    if stage.labels():
                        afresh(stage, pair)
                        found.keys += page.evaluate(
                            "a => measure.latency(...a)", ["handle", root, "", counts[kind]]
                        )
                        pulls, shown = dragged(stage, amount.seconds)
                        found.pulls += pulls
                        found.dragging.append(shown)
                    page.wait_for_timeout(500)
                    if rate := page.evaluate("a => measure.playing(a)", root):
                        found.playing.append(rate["shown"])
                        found.idle.append(rate["frames"])
                spent[kind] += notebook.kernel(f"spent[{kind!r}]")
        found.kernel = {kind: statistics.median(times) * 1e3 for kind, times in spent.items()}
        return found


def afresh(stage: Any, pair: Any) -> None:
    """Take both views back to the start: what was measured last may have left no step to take."""
    stage.button("Reset").click()
    stage.notebook.kernel(f"setattr(view.widget.children[0], 'value', {pair.limits[0]})")
    stage.page.wait_for_timeout(1000)


def dragged(stage: Any, seconds: float) -> tuple[list[float], float]:
    """Drag the first handle of an explorer: a few moves with pauses, then without.

    Return the milliseconds from each move to its picture, and the frames a second.
    """
    x, y = stage.middle(stage.root.locator(".course-hit").first)
    root = stage.root.element_handle()
    stage.page.mouse.move(x, y)
    stage.page.mouse.down()
    pulls = stage.page.evaluate("a => measure.latency(...a)", ["pulled", root, "", 6])
    rate = stage.page.evaluate("a => measure.dragging(...a)", [root, x, y, seconds])
    stage.page.mouse.up()
    return pulls, rate["shown"]


def middle(times: Sequence[float]) -> str:
    """Write median and 95th percentile of milliseconds."""
    p95 = sorted(times)[min(len(times) - 1, round(0.95 * len(times)))]
    return f"{statistics.median(times):.0f} ms (p95 {p95:.0f})"


def judged(
    name: str, extension: bool, found: Found, free: bool, target: float = LATENCY
) -> Iterator[Row]:
    """Return the rows of one explorer; frames a second are judged only if cores were free."""
    busy = "" if free else " (machine too busy to judge)"
    what = f"{name}, {'with' if extension else 'without'} the server extension: "
    other = statistics.median(found.latency["interact"])
    for move, times, goal in (
        ("slider", found.latency["ours"], target),
        ("slider jump", found.jumps, UNFORESEEN[extension]),
        ("handle step", found.keys, target),
        ("handle pull", found.pulls, UNFORESEEN[extension]),
    ):
        if times:
            yield Row(
                f"{what}{move} to pixel",
                middle(times),
                f"interact {middle(found.latency['interact'])}",
                other / statistics.median(times),
                at_least=goal,
            )
    ours, other = (statistics.median(found.sliding[kind]) for kind in ("ours", "interact"))
    yield Row(
        what + "dragged slider",
        f"{ours:.0f} frames/s",
        f"interact {other:.1f} frames/s",
        ours / other if other else None,
    )
    if found.dragging:
        yield Row(
            what + "dragged handle" + busy,
            f"{min(found.dragging):.0f} to {max(found.dragging):.0f} frames/s",
            "",
            statistics.median(found.dragging),
            " frames/s",
            at_least=DRAGGING[extension] if free else None,
        )
    yield Row(
        what + "kernel per frame",
        f"{found.kernel['ours']:.2g} ms",
        f"interact {found.kernel['interact']:.0f} ms",
        found.kernel["ours"],
        " ms",
        at_most=KERNEL,
    )
    if extension and found.playing:
        ours, idle = statistics.median(found.playing), statistics.median(found.idle)
        yield Row(
            what + "playing" + busy,
            f"{ours:.0f} frames/s",
            f"the browser, idle: {idle:.0f} frames/s",
            ours / idle,
            at_least=PLAYING if free else None,
        )
