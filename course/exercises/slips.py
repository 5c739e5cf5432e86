"""Slips that anybody may make in any program: the reference with one of them, made by a machine.

The catalogue of a question holds what people get wrong about its subject. Beside that there are
slips of the pen that every question shares: a `return` one level too deep, a bracket that closes
too early, a sign, a number in place of an argument. They are made here, one at a time, in the
syntax tree of the reference. An answer that does on every input what the reference does with a slip
is told of it; that is true of it whatever its own lines look like.
"""

from __future__ import annotations

import ast
import pickle
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from course.exercises.attempt import Trial, attempt
from course.exercises.bench import Bench, Run
from course.exercises.question import Function, Question
from course.exercises.values import agree

#: seconds that one call may take if slips are to be tried: there are some hundred of them
QUICK = 0.01
MOST = 400
#: numbers that learners write in place of an argument
NUMBERS = (0.0, 1.0, 2.0, 0.5, 0.1, 0.01, 0.001, 0.9, 0.99, 0.999, 1e-8, 1e-6, 1e-5, 1e-4, -1.0)


@dataclass(frozen=True, eq=False)
class Slip:
    """The reference with one slip: what is said of it, and what it does."""

    family: str
    sentence: str
    function: Function


# -------------------------------------------------------------------------------- the kinds
_EARLY = (
    "early return",
    "It gives what there is after the first round of a loop: does the `return` stand inside the "
    "loop, one level too deep?",
)
_LAST = (
    "only the last round",
    "It gives what the last round of a loop alone adds: something is set anew in each round (`=`) "
    "that should be added up (`+=`), or is set to its start inside the loop.",
)
_SIGN = (
    "one sign",
    "It does what comes out with one plus and minus exchanged. Go through the signs term by term.",
)
_TIMES = (
    "times or divided",
    "It does what comes out with one product and quotient exchanged: what is multiplied, and what "
    "is divided?",
)
_BRACKET = (
    "brackets",
    "It does what comes out if a pair of brackets is missing or closes too early: × and / bind "
    "before + and −, and a power before a minus sign.",
)
_SQUARE = (
    "a square",
    "It does what comes out if a square is left out, or is made of the wrong part.",
)
_ROOT = (
    "inside the root",
    "It does what comes out if a root ends in the wrong place: what belongs under it, and what is "
    "added after it?",
)
_AXIS = (
    "axis",
    "It does what comes out if one sum, mean or maximum runs over the wrong axis. Which axis "
    "counts the examples?",
)
_MEAN = ("sum or mean", "It does what comes out with one sum and one mean exchanged.")
_LOST = (
    "a lost step",
    "It does what comes out if one step is left out, or is computed and assigned to nothing.",
)
_ORDER = ("order of steps", "It does what comes out if two steps are made in the other order.")
_COMPARE = (
    "comparison",
    "It does what comes out if one comparison is the other way round, or treats equality "
    "differently.",
)
_COUNT = (
    "off by one",
    "It does what comes out if a count, an index or a loop is off by one: where does it begin, and "
    "where does it end?",
)
_EXTREME = ("min or max", "It does what comes out with a minimum and a maximum exchanged.")
_MISSING = (
    "a lost part",
    "It does what comes out if one factor or term is left out. Compare your formula with the one "
    "in the task, part by part.",
)


def _fixed(name: str, number: float) -> tuple[str, str]:
    shown = f"{number:g}".replace("-", "−")
    return (
        "fixed argument",
        f"`{name}` makes no difference: it does what comes out with {shown} in its place, whatever "
        "is given.",
    )


#: families that say more than a wrong shape or sign does, and such that say less than most
TELLING = frozenset(
    (_EARLY[0], _LAST[0], _AXIS[0], _ROOT[0], _LOST[0], _ORDER[0], "transpose", "fixed argument")
)
WEAK = frozenset((_MEAN[0], _TIMES[0], _MISSING[0]))


# ----------------------------------------------------------------------- changes of a tree
Node = TypeVar("Node", bound=ast.AST)
_SWAPPED: dict[type, tuple[tuple[str, str], type]] = {
    ast.Add: (_SIGN, ast.Sub), ast.Sub: (_SIGN, ast.Add),
    ast.Mult: (_TIMES, ast.Div), ast.Div: (_TIMES, ast.Mult),
    ast.Lt: (_COMPARE, ast.Gt), ast.Gt: (_COMPARE, ast.Lt),
    ast.LtE: (_COMPARE, ast.GtE), ast.GtE: (_COMPARE, ast.LtE),
    ast.Eq: (_COMPARE, ast.NotEq), ast.NotEq: (_COMPARE, ast.Eq),
}  # fmt: skip
_EQUALITY: dict[type, type] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_CALLS = {
    "sum": (_MEAN, "mean"), "mean": (_MEAN, "sum"),
    "max": (_EXTREME, "min"), "min": (_EXTREME, "max"),
    "maximum": (_EXTREME, "minimum"), "minimum": (_EXTREME, "maximum"),
    "argmax": (_EXTREME, "argmin"), "argmin": (_EXTREME, "argmax"),
}  # fmt: skip


def _expressions(node: ast.AST, number: int) -> Iterator[tuple[tuple[str, str], ast.expr]]:
    """Yield what may stand in place of an expression through a slip."""
    match node:
        case ast.BinOp(left, op, right):
            if type(op) in _SWAPPED:
                about, other = _SWAPPED[type(op)]
                yield about, ast.BinOp(left, other(), right)
            yield from _regrouped(node)
            if isinstance(op, ast.Pow):
                yield _SQUARE, left
                yield _SQUARE, ast.BinOp(left, ast.Mult(), right)
                if isinstance(left, ast.BinOp):  # the power takes hold of the last part alone
                    last = ast.BinOp(left.right, ast.Pow(), right)
                    yield _SQUARE, ast.BinOp(left.left, left.op, last)
            elif isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div):
                yield _MISSING, left
                if not isinstance(op, ast.Div):
                    yield _MISSING, right
        case ast.UnaryOp(ast.USub(), operand):
            yield _SIGN, operand
        case ast.Compare(left, [op], [right]):
            if type(op) in _SWAPPED:
                yield _COMPARE, ast.Compare(left, [_SWAPPED[type(op)][1]()], [right])
            if type(op) in _EQUALITY:
                yield _COMPARE, ast.Compare(left, [_EQUALITY[type(op)]()], [right])
        case ast.Call(function, [*arguments], keywords):
            yield from _calls(node, function, arguments, keywords)
        case ast.Constant(value) if type(value) is int and 0 <= value <= 4:
            for near in (value + 1, value - 1):
                yield _COUNT, ast.Constant(near)
        case ast.Attribute(value, "T"):
            yield ("transpose", "It does what comes out if a transpose is left out."), value


def _regrouped(node: ast.BinOp) -> Iterator[tuple[tuple[str, str], ast.expr]]:
    """Yield a product or quotient as it is read without the brackets around one of its sides."""
    if not isinstance(node.op, ast.Mult | ast.Div):
        return
    left, right = node.left, node.right
    if isinstance(right, ast.BinOp):  # a * (b + c), a / (b * c)
        outer = ast.BinOp(ast.BinOp(left, node.op, right.left), right.op, right.right)
        if not (isinstance(node.op, ast.Mult) and isinstance(right.op, ast.Mult)):
            yield _BRACKET, outer
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add | ast.Sub):  # (a + b) / c
        yield _BRACKET, ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right))


def _calls(
    node: ast.Call, function: ast.expr, arguments: list[ast.expr], keywords: list[ast.keyword]
) -> Iterator[tuple[tuple[str, str], ast.expr]]:
    """Yield a call of another function, over another axis, or with a root that ends elsewhere."""
    name = getattr(function, "attr", getattr(function, "id", ""))
    if name in _CALLS:
        about, other = _CALLS[name]
        if isinstance(function, ast.Attribute):
            called: ast.expr = ast.Attribute(function.value, other, ast.Load())
        else:
            called = ast.Name(other, ast.Load())
        if other != "mean" or isinstance(function, ast.Attribute):
            yield about, ast.Call(called, arguments, keywords)
    for number, keyword in enumerate(keywords):
        if keyword.arg == "axis":
            others = [one for i, one in enumerate(keywords) if i != number]
            yield _AXIS, ast.Call(function, arguments, others)
            for axis in (0, 1, -1):
                new = ast.keyword("axis", ast.Constant(axis))
                yield _AXIS, ast.Call(function, arguments, [*others, new])
    if name in ("sum", "mean") and not any(k.arg == "axis" for k in keywords):
        for axis in (0, 1):
            new = ast.keyword("axis", ast.Constant(axis))
            yield _AXIS, ast.Call(function, arguments, [*keywords, new])
    if name == "sqrt" and len(arguments) == 1:
        yield _ROOT, arguments[0]
        inner = arguments[0]
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add | ast.Sub):
            root = ast.Call(function, [inner.left], [])
            yield _ROOT, ast.BinOp(root, inner.op, inner.right)
    if name in ("abs", "exp", "log", "float", "ravel") and len(arguments) == 1:
        yield _MISSING, arguments[0]


class _At(ast.NodeTransformer):
    """Puts something in place of the node that is visited as this number."""

    def __init__(self, number: int, new: ast.AST) -> None:
        self.number, self.new, self.seen = number, new, -1

    def visit(self, node: ast.AST) -> ast.AST:
        """Visit a node, in the order of `_walk`."""
        self.seen += 1
        if self.seen == self.number:
            return self.new
        return self.generic_visit(node)


def _replaced(tree: ast.FunctionDef, number: int, new: ast.AST) -> ast.FunctionDef:
    """Return a function with something else in the place of this number."""
    changed = _At(number, _copied(new)).visit(_copied(tree))
    assert isinstance(changed, ast.FunctionDef)
    return changed


class _Order(ast.NodeVisitor):
    """Lists nodes in the order in which `_At` visits them."""

    def __init__(self) -> None:
        self.nodes: list[ast.AST] = []

    def visit(self, node: ast.AST) -> None:
        """Visit a node."""
        self.nodes.append(node)
        self.generic_visit(node)


def _copied(node: Node) -> Node:
    """Return a copy of a part of a syntax tree, four times faster than `copy.deepcopy`."""
    return pickle.loads(pickle.dumps(node, pickle.HIGHEST_PROTOCOL))


def _trees(tree: ast.FunctionDef) -> Iterator[tuple[tuple[str, str], ast.FunctionDef]]:
    """Yield the function with one slip each."""
    order = _Order()
    order.visit(tree)
    for number, node in enumerate(order.nodes):
        for about, new in _expressions(node, number):
            yield about, _replaced(tree, number, new)
        root = _root_with_epsilon(node)
        if root is not None:
            yield _ROOT, _replaced(tree, number, root)
    yield from _with_statements(tree)
    for name in [argument.arg for argument in tree.args.args]:
        for value in NUMBERS:
            changed = _copied(tree)
            changed.body.insert(_first(changed), _assigned(name, value))
            yield _fixed(name, value), changed


def _root_with_epsilon(node: ast.AST) -> ast.expr | None:
    """Return √(a + ε) for √a + ε."""
    match node:
        case ast.BinOp(ast.Call(function, [inner], []) as call, ast.Add(), right) if (
            getattr(function, "attr", "") == "sqrt"
        ):
            return ast.Call(call.func, [ast.BinOp(inner, ast.Add(), right)], [])
    return None


def _first(tree: ast.FunctionDef) -> int:
    """Return where the code of a function begins, behind its docstring."""
    return int(ast.get_docstring(tree) is not None)


def _assigned(name: str, value: float) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], ast.Constant(value))


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _with_statements(tree: ast.FunctionDef) -> Iterator[tuple[tuple[str, str], ast.FunctionDef]]:
    """Yield the function with statements lost, exchanged, moved into or out of a loop."""
    counts = [len(block) for block in _blocks(tree)]
    for place, length in enumerate(counts):
        for i in range(length):
            changed = _copied(tree)
            block = list(_blocks(changed))[place]
            statement = block[i]
            if isinstance(statement, ast.AugAssign):
                other = _copied(changed)
                again = list(_blocks(other))[place]
                again[i] = ast.Assign([statement.target], statement.value)
                yield _LAST, other
            if isinstance(statement, ast.Assign | ast.AugAssign | ast.If | ast.Expr):
                block[i : i + 1] = [ast.Pass()]
                yield _LOST, changed
            if i + 1 < length and not isinstance(block[i], ast.Return):
                changed = _copied(tree)
                block = list(_blocks(changed))[place]
                if not isinstance(block[i + 1], ast.Return):
                    block[i], block[i + 1] = block[i + 1], block[i]
                    yield _ORDER, changed
    changed = _copied(tree)
    last = changed.body[-1]
    loops = [node for node in changed.body if isinstance(node, ast.For | ast.While)]
    if isinstance(last, ast.Return) and loops:
        loops[-1].body.append(_copied(last))
        yield _EARLY, changed
    for number, node in enumerate(tree.body):  # what is set before a loop is set in each round
        if isinstance(node, ast.For | ast.While):
            for before, start in enumerate(tree.body[:number]):
                if isinstance(start, ast.Assign):
                    changed = _copied(tree)
                    loop = changed.body[number]
                    assert isinstance(loop, ast.For | ast.While)
                    loop.body.insert(0, _copied(changed.body[before]))
                    yield _LAST, changed


# ----------------------------------------------------------------------------- recognition
@lru_cache(maxsize=128)
def slips(question: Question) -> tuple[Slip, ...]:
    """Return the reference with every slip that makes a program, at most `MOST` of them."""
    (tree,) = ast.parse(question.source).body
    if not isinstance(tree, ast.FunctionDef):
        return ()
    found = []
    for (family, sentence), changed in _trees(tree):
        module = ast.fix_missing_locations(ast.Module([changed], []))
        try:
            found.append(Slip(family, sentence, question.compiled(module)))
        except (SyntaxError, ValueError):
            continue
        if len(found) == MOST:
            break
    return tuple(found)


def like(table: Bench, run: Run) -> Iterator[Slip]:
    """Yield the slips that do on every input what a run does.

    What stops with an error, or gives one and the same value every time, tells nothing.
    """
    drawn = run[table.edges :]
    if any(trial.error is not None for trial in drawn) or _one_value(drawn):
        return
    begin = time.monotonic()
    attempt(table.question, table.question.reference, table.inputs[-1])
    if time.monotonic() - begin > QUICK:
        return
    for slip in slips(table.question):
        if table.alike(run[-1], attempt(table.question, slip.function, table.inputs[-1])):
            trials: list[Trial] = table.run(slip.function)
            if table.all_alike(run, trials):
                yield slip


def _one_value(run: Run) -> bool:
    return all(agree(trial.value, run[0].value) for trial in run)
