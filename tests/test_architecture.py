"""The shape of the package: imports point down, `import course` is light, names are public."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "course"

# Each module or room may import from lower floors only. Floors 0 and 1 are the mathematics; a
# module that is not named here belongs to floor 1, where what the lessons compute grows.
FLOORS = {
    0: "data activations losses surfaces numeric graph optimizers schedules",
    1: "network backprop descent accumulation counterexamples cycles differences effective "
    "learning_curve least_squares minibatch momentum neuron noise_floor recursion turning",
    2: "plots keeping",
    3: "explorers exercises",
    4: "grading",
    5: "cli commands teaching server live_views build doctor layout fonts __main__",
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms.split()}
# any floor may import these: argument checks, how the command begins, and the package itself
COMMON = {"_check", "_start", "__init__"}
MODULES = {path.stem for path in PACKAGE.glob("*.py")} - COMMON
MATHEMATICS = sorted(room for room, floor in FLOOR.items() if floor <= 1)
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "material" not in path.parts)

every_source = pytest.mark.parametrize(
    "path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix()
)


def room_of(path):
    """Return the module, or for a file in a folder the folder, directly below course."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def is_type_checking(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imported(path):
    """Return (line, dotted name) of everything that a file imports, wherever it does so."""
    names, skipped = [], set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if is_type_checking(node):
            skipped.update(id(inner) for inner in ast.walk(node))
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                folder = path.relative_to(PACKAGE.parent).parts[: -node.level]
                base = ".".join([*folder, *([base] if base else [])])
            names += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return names


@every_source
def test_imports_point_down(path):
    room = room_of(path)
    assert room in FLOOR or room in COMMON, f"give {room} a floor in {Path(__file__).name}"
    for line, name in imported(path):
        parts = name.split(".")
        if parts[0] != "course" or room == "__init__":
            continue
        target = parts[1] if len(parts) > 1 else "__init__"
        if target in COMMON or target == room or target.startswith("__version__"):
            continue
        assert room not in COMMON, f"{path.name}:{line}: {room} serves every floor, imports none"
        assert target in FLOOR, f"{path.name}:{line} imports {name}, which has no floor"
        # floor 0 stands alone; above it, neighbours of a floor may build on one another
        allowed = FLOOR[target] < FLOOR[room] or FLOOR[target] == FLOOR[room] > 0
        assert allowed, f"{path.name}:{line}: {room} must not import {target}"


@pytest.mark.parametrize("room", MATHEMATICS)
def test_the_mathematics_needs_numpy_and_the_standard_library_alone(room):
    path = PACKAGE / f"{room}.py"
    if not path.exists():
        pytest.skip(f"course/{room}.py does not exist yet")
    allowed = {"numpy", "course", *sys.stdlib_module_names}
    assert {name.split(".")[0] for _, name in imported(path)} <= allowed


@pytest.mark.parametrize("room", [*MATHEMATICS, "_check"])
def test_a_module_of_mathematics_can_be_read_in_one_sitting(room):
    path = PACKAGE / f"{room}.py"
    if path.exists():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 375


def test_neighbours_do_not_import_in_a_circle():
    below = {
        room: {
            name.split(".")[1]
            for _, name in imported(PACKAGE / f"{room}.py")
            if name.startswith("course.") and name.split(".")[1] in MATHEMATICS
        }
        for room in MATHEMATICS
        if (PACKAGE / f"{room}.py").exists()
    }
    while below:
        ready = {room for room, needs in below.items() if not needs & below.keys()}
        assert ready, f"these modules import one another in a circle: {sorted(below)}"
        below = {room: needs for room, needs in below.items() if room not in ready}


def test_importing_course_loads_no_drawing_and_no_widgets():
    code = "import course, sys; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    loaded = set(result.stdout.split())
    assert "numpy" in loaded
    heavy = {"matplotlib", "ipywidgets", "anywidget", "traitlets", "IPython", "jupyter_server"}
    assert not loaded & {*heavy, "torch", "scipy", "pandas", "PIL"}


PUBLIC = {
    "activations": "Activation sigmoid tanh relu identity ACTIVATIONS",
    "losses": "Loss mse mae half_squared_error bce bce_with_logits cross_entropy softmax LOSSES",
    "surfaces": "Surface cosine_valleys two_valleys rosenbrock beale himmelblau styblinski_tang "
    "saddle quadratic rotated SURFACES",
    "numeric": "numeric_gradient numeric_hessian relative_error check_gradient",
    "graph": "Value",
    "optimizers": "Rule GradientDescent Momentum Nesterov AdaGrad RMSProp Adam AMSGrad RULES",
    "schedules": "Schedule Constant StepDecay Exponential InverseTime Cosine WarmUp SCHEDULES",
    "data": "Dataset split digits moons spirals blobs line_with_outliers",
    "network": "Layer Network ForwardPass mlp forward accuracy",
    "backprop": "Gradients backward",
    "descent": "Trajectory Training descend train minibatches",
}


@pytest.mark.parametrize("module", PUBLIC)
def test_public_names(module):
    loaded = importlib.import_module(f"course.{module}")
    for name in PUBLIC[module].split():
        assert hasattr(loaded, name), f"course.{module}.{name} is missing"


def test_menus_hold_everything_of_their_kind():
    from course import activations, losses, optimizers, schedules, surfaces

    for module, kind, menu in (
        (activations, activations.Activation, activations.ACTIVATIONS),
        (losses, losses.Loss, losses.LOSSES),
    ):
        assert set(menu) == {x for x in vars(module).values() if isinstance(x, kind)}
    for module, kind, menu in (
        (optimizers, optimizers.Rule, optimizers.RULES),
        (schedules, schedules.Schedule, schedules.SCHEDULES),
    ):
        classes = {x for x in vars(module).values() if isinstance(x, type) and issubclass(x, kind)}
        assert set(menu) == classes - {kind}
    named = {s.name for s in vars(surfaces).values() if isinstance(s, surfaces.Surface)}
    assert named <= {s.name for s in surfaces.SURFACES}


def test_the_package_names_its_modules_and_version():
    import course

    for name in course.__all__:
        assert hasattr(course, name)
    assert set(PUBLIC) <= set(course.__all__)
    assert course.__version__.count(".") == 2
