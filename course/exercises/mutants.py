"""Programs with one slip each, made in the syntax tree, as mutation testing makes its mutants."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeVar

#: numbers that learners write in place of an argument
NUMBERS: Final = (
    0.0, 1.0, 2.0, 0.5, 0.1, 0.01, 0.001, 0.9, 0.99, 0.999, 1e-8, 1e-6, 1e-5, 1e-4, -1.0,
)  # fmt: skip


FIXED: Final = "fixed argument"


class Kind(NamedTuple):
    """What a slip is called, and what is said of it."""

    family: str
    sentence: str


# -------------------------------------------------------------------------------- the kinds
EARLY = Kind(
    "early return",
    "It gives what there is after the first round of a loop: does the `return` stand inside the "
    "loop, one level too deep?",
)
LAST = Kind(
    "only the last round",
    "It gives what the last round of a loop alone adds: something is set anew in each round (`=`) "
    "that should be added up (`+=`), or is set to its start inside the loop.",
)
SIGN = Kind(
    "one sign",
    "It does what comes out with one plus and minus exchanged. Go through the signs term by term.",
)
TIMES = Kind(
    "times or divided",
    "It does what comes out with one product and quotient exchanged: what is multiplied, and what "
    "is divided?",
)
BRACKET = Kind(
    "brackets",
    "It does what comes out if a pair of brackets is missing or closes too early: × and / bind "
    "before + and −, and a power before a minus sign.",
)
SQUARE = Kind(
    "a square",
    "It does what comes out if a square is left out, or is made of the wrong part.",
)
ROOT = Kind(
    "inside the root",
    "It does what comes out if a root ends in the wrong place: what belongs under it, and what is "
    "added after it?",
)
AXIS = Kind(
    "axis",
    "It does what comes out if one sum, mean or maximum runs over the wrong axis. Which axis "
    "counts the examples?",
)
MEAN = Kind("sum or mean", "It does what comes out with one sum and one mean exchanged.")
LOST = Kind(
    "a lost step",
    "It does what comes out if one step is left out, or is computed and assigned to nothing.",
)
ORDER = Kind("order of steps", "It does what comes out if two steps are made in the other order.")
COMPARE = Kind(
    "comparison",
    "It does what comes out if one comparison is the other way round, or treats equality "
    "differently.",
)
COUNT = Kind(
    "off by one",
    "It does what comes out if a count, an index or a loop is off by one: where does it begin, and "
    "where does it end?",
)
EXTREME = Kind("min or max", "It does what comes out with a minimum and a maximum exchanged.")
MISSING = Kind(
    "a lost part",
    "It does what comes out if one factor or term is left out. Compare your formula with the one "
    "in the task, part by part.",
)


TRANSPOSE = Kind("transpose", "It does what comes out if a transpose is left out.")


def _fixed(name: str, number: float) -> Kind:
    shown = f"{number:g}".replace("-", "−")
    return Kind(
        FIXED,
        f"`{name}` makes no difference: it does what comes out with {shown} in its place, whatever "
        "is given.",
    )


# ---------------------------------------------------------------------------- expressions
Node = TypeVar("Node", bound=ast.AST)
_SWAPPED: dict[type, tuple[Kind, type]] = {
    ast.Add: (SIGN, ast.Sub), ast.Sub: (SIGN, ast.Add),
    ast.Mult: (TIMES, ast.Div), ast.Div: (TIMES, ast.Mult),
    ast.Lt: (COMPARE, ast.Gt), ast.Gt: (COMPARE, ast.Lt),
    ast.LtE: (COMPARE, ast.GtE), ast.GtE: (COMPARE, ast.LtE),
    ast.Eq: (COMPARE, ast.NotEq), ast.NotEq: (COMPARE, ast.Eq),
}  # fmt: skip
_ARITHMETIC = ast.Add | ast.Sub | ast.Mult | ast.Div
_REDUCTIONS: Final = frozenset(
    ("sum", "mean", "max", "min", "argmax", "argmin", "cumsum", "norm", "any", "all", "prod")
)
_EQUALITY: dict[type, type] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_CALLS = {
    "sum": (MEAN, "mean"), "mean": (MEAN, "sum"),
    "max": (EXTREME, "min"), "min": (EXTREME, "max"),
    "maximum": (EXTREME, "minimum"), "minimum": (EXTREME, "maximum"),
    "argmax": (EXTREME, "argmin"), "argmin": (EXTREME, "argmax"),
}  # fmt: skip


def _expressions(node: ast.AST) -> Iterator[tuple[Kind, ast.expr]]:
    """Yield what may stand in place of an expression through a slip."""
    match node:
        case ast.BinOp(left, op, right):
            if type(op) in _SWAPPED:
                about, other = _SWAPPED[type(op)]
                yield about, ast.BinOp(left, other(), right)
            yield from _regrouped(node)
            if isinstance(op, ast.Pow):
                yield SQUARE, left
                yield SQUARE, ast.BinOp(left, ast.Mult(), right)
                if isinstance(left, ast.BinOp):  # the power takes hold of the last part alone
                    last = ast.BinOp(left.right, ast.Pow(), right)
                    yield SQUARE, ast.BinOp(left.left, left.op, last)
            elif isinstance(op, _ARITHMETIC):
                yield MISSING, left
                if not isinstance(op, ast.Div):
                    yield MISSING, right
        case ast.UnaryOp(ast.USub(), operand):
            yield SIGN, operand
        case ast.Compare(left, [op], [right]):
            if type(op) in _SWAPPED:
                yield COMPARE, ast.Compare(left, [_SWAPPED[type(op)][1]()], [right])
            if type(op) in _EQUALITY:
                yield COMPARE, ast.Compare(left, [_EQUALITY[type(op)]()], [right])
        case ast.Call(function, [*arguments], keywords):
            yield from _calls(node, function, arguments, keywords)
        case ast.Subscript(value, index):
            for near in _near(index):
                yield COUNT, ast.Subscript(value, near, ast.Load())
        case ast.Attribute(value, "T"):
            yield TRANSPOSE, value


def _near(index: ast.expr) -> Iterator[ast.expr]:
    """Yield an index, or the ends of a slice, off by one."""
    match index:
        case ast.Constant(int() as value) if type(value) is int:
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.UnaryOp(ast.USub(), ast.Constant(int() as value)):
            yield from (ast.Constant(-value - 1), ast.Constant(-value + 1))
        case ast.Slice(lower, upper, step):
            for one in _near(lower) if lower else ():
                yield ast.Slice(one, upper, step)
            for one in _near(upper) if upper else ():
                yield ast.Slice(lower, one, step)
        case ast.Name() | ast.BinOp():
            for sign in (ast.Add(), ast.Sub()):
                yield ast.BinOp(index, sign, ast.Constant(1))


def _regrouped(node: ast.BinOp) -> Iterator[tuple[Kind, ast.expr]]:
    """Yield a product or quotient as it is read without the brackets around one of its sides."""
    if not isinstance(node.op, ast.Mult | ast.Div):
        return
    left, right = node.left, node.right
    if isinstance(right, ast.BinOp) and isinstance(right.op, _ARITHMETIC):  # a * (b + c)
        outer = ast.BinOp(ast.BinOp(left, node.op, right.left), right.op, right.right)
        if not (isinstance(node.op, ast.Mult) and isinstance(right.op, ast.Mult)):
            yield BRACKET, outer
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add | ast.Sub):  # (a + b) / c
        yield BRACKET, ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right))


def _calls(
    node: ast.Call, function: ast.expr, arguments: list[ast.expr], keywords: list[ast.keyword]
) -> Iterator[tuple[Kind, ast.expr]]:
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
        if keyword.arg == "axis" and name in _REDUCTIONS:
            rest = [one for i, one in enumerate(keywords) if i != number]
            yield AXIS, ast.Call(function, arguments, rest)
            for axis in (0, 1, -1):
                new = ast.keyword("axis", ast.Constant(axis))
                yield AXIS, ast.Call(function, arguments, [*rest, new])
    if name in ("sum", "mean") and not any(k.arg == "axis" for k in keywords):
        for axis in (0, 1):
            new = ast.keyword("axis", ast.Constant(axis))
            yield AXIS, ast.Call(function, arguments, [*keywords, new])
    if name == "range":
        for number, argument in enumerate(arguments):
            for sign in (ast.Add(), ast.Sub()):
                count = ast.BinOp(argument, sign, ast.Constant(1))
                counts = [*arguments[:number], count, *arguments[number + 1 :]]
                yield COUNT, ast.Call(function, counts, [])
        if len(arguments) == 1:
            yield COUNT, ast.Call(function, [ast.Constant(1), *arguments], [])
    if name == "sqrt" and len(arguments) == 1:
        yield ROOT, arguments[0]
        inner = arguments[0]
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add | ast.Sub):
            root = ast.Call(function, [inner.left], [])
            yield ROOT, ast.BinOp(root, inner.op, inner.right)
    if name in ("abs", "exp", "log", "float", "ravel") and len(arguments) == 1:
        yield MISSING, arguments[0]


class _At(ast.NodeTransformer):
    """Puts something in place of one node, by its number in the order of `_Order`."""

    def __init__(self, number: int, new: ast.AST) -> None:
        self.number, self.new, self.seen = number, new, -1

    def visit(self, node: ast.AST) -> ast.AST:
        """Visit a node."""
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


def mutants(tree: ast.FunctionDef) -> Iterator[tuple[Kind, ast.FunctionDef]]:
    """Yield the function with one slip each."""
    order = _Order()
    order.visit(tree)
    for number, node in enumerate(order.nodes):
        for about, new in _expressions(node):
            yield about, _replaced(tree, number, new)
        root = _root_with_epsilon(node)
        if root is not None:
            yield ROOT, _replaced(tree, number, root)
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


def _with_statements(tree: ast.FunctionDef) -> Iterator[tuple[Kind, ast.FunctionDef]]:
    """Yield the function with statements lost, exchanged, moved into or out of a loop."""
    counts = [len(block) for block in _blocks(tree)]
    loops_of = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    looped = {id(block) for loop in loops_of for block in _blocks(loop)}
    in_loops = {place for place, block in enumerate(_blocks(tree)) if id(block) in looped}
    for place, length in enumerate(counts):
        for i in range(length):
            changed = _copied(tree)
            block = list(_blocks(changed))[place]
            statement = block[i]
            if isinstance(statement, ast.AugAssign) and place in in_loops:
                other = _copied(changed)
                again = list(_blocks(other))[place]
                again[i] = ast.Assign([statement.target], statement.value)
                yield LAST, other
            if isinstance(statement, ast.Assign | ast.AugAssign | ast.If | ast.Expr):
                block[i : i + 1] = [ast.Pass()]
                yield LOST, changed
            if i + 1 < length and not isinstance(block[i], ast.Return):
                changed = _copied(tree)
                block = list(_blocks(changed))[place]
                if not isinstance(block[i + 1], ast.Return):
                    block[i], block[i + 1] = block[i + 1], block[i]
                    yield ORDER, changed
    changed = _copied(tree)
    last = changed.body[-1]
    loops = [node for node in changed.body if isinstance(node, ast.For | ast.While)]
    if isinstance(last, ast.Return) and loops:
        loops[-1].body.append(_copied(last))
        yield EARLY, changed
    for number, node in enumerate(tree.body):  # what is set before a loop is set in each round
        if isinstance(node, ast.For | ast.While):
            for before, start in enumerate(tree.body[:number]):
                if isinstance(start, ast.Assign):
                    changed = _copied(tree)
                    loop = changed.body[number]
                    assert isinstance(loop, ast.For | ast.While)
                    loop.body.insert(0, _copied(changed.body[before]))
                    yield LAST, changed
