"""What the assertions of a page demand, as ranges of numbers, and the literals of its code.

``x == 3`` demands 3 to 3, ``0.8 < x < 0.9`` demands 0.8 to 0.9, ``x > 0.8`` demands 0.8 to
infinity. Only literals count, and what plain arithmetic, or a name for a table of literals,
makes of them: that two computed values agree pins no number.
"""

import ast
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

INF = math.inf
# What is drawn is neither a setting nor a size of what is computed.
DRAWING = {"ax", "axes", "fig", "plt", "sns", "left", "right"}
STYLE = {"figsize", "fontsize", "linewidth", "lw", "zorder", "markersize", "ms", "resolution"}
TOLERANCE = {"isclose": (1e-5, 1e-8), "allclose": (1e-5, 1e-8), "assert_allclose": (1e-7, 0.0)}
EQUAL = {"array_equal", "assert_array_equal"}
OPERATIONS = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}
Numbers = list["float | Numbers"]


@dataclass(frozen=True)
class Guard:
    """A range that an assertion demands, and the index of the cell where it stands."""

    low: float
    high: float
    cell: int = 0


@dataclass(frozen=True)
class Literal:
    """A number written in code that is no assertion, its cell, and whether it serves a figure."""

    value: float
    cell: int = 0
    drawing: bool = False


def name_of(node: ast.AST) -> str:
    """Return the last part of a dotted name, or an empty string."""
    return getattr(node, "attr", getattr(node, "id", ""))


def flat(value: "float | Numbers | None") -> list[float]:
    """Return the numbers of nested lists."""
    if isinstance(value, list):
        return [x for part in value for x in flat(part)]
    return [] if value is None else [value]


def bands(value: "float | Numbers | None") -> Iterator[tuple[float, float]]:
    """Yield the pairs, low and high, of nested lists."""
    if isinstance(value, list) and len(value) == 2 and flat(value) == value:
        yield min(value), max(value)
    elif isinstance(value, list):
        for part in value:
            yield from bands(part)


def combined(operation, a, b):
    """Apply an operation to numbers, or to nested lists and a number; else return None."""
    if isinstance(a, list) and isinstance(b, list):
        return None
    if isinstance(a, list):
        return [combined(operation, x, b) for x in a]
    if isinstance(b, list):
        return [combined(operation, a, x) for x in b]
    try:
        return operation(a, b)
    except ArithmeticError:
        return None


def constant(node: ast.AST, names: dict[str, Numbers]) -> "float | Numbers | None":
    """Return the number, or the nested lists of numbers, that an expression is; else None."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = constant(operand, names)
            return None if value is None else combined(OPERATIONS[ast.Mult], value, -1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            a, b = constant(left, names), constant(right, names)
            return None if a is None or b is None else combined(OPERATIONS[type(op)], a, b)
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            pass
        case ast.Dict(values=items):
            pass
        case ast.Call(args=[argument, *_]) if name_of(node.func) in {"array", "set", "sqrt", "log"}:
            value = constant(argument, names)
            if name_of(node.func) in {"array", "set"}:
                return value
            positive = isinstance(value, int | float) and value > 0
            return getattr(math, node.func.attr)(value) if positive else None
        case ast.Subscript(value=ast.Name() | ast.Dict() as value):
            return constant(value, names)
        case ast.IfExp(body=body, orelse=other):
            items = [body, other]
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(attr="pi"):
            return math.pi
        case _:
            return None
    return [v for v in (constant(item, names) for item in items) if v is not None] or None


class Reader(ast.NodeVisitor):
    """Reads the cells of a page in order and collects guards and literals."""

    def __init__(self) -> None:
        self.guards: list[Guard] = []
        self.literals: list[Literal] = []
        self.names: dict[str, Numbers] = {}
        self.bands: dict[str, list[tuple[float, float]]] = {}
        self.cell, self.drawing = 0, False
        self.sides: dict[str, tuple[list[float], list[float]]] = {}

    def read(self, source: str, cell: int = 0) -> None:
        """Read one cell; one assertion on each side of an expression make one range."""
        self.cell, self.sides = cell, {}
        self.visit(ast.parse(re.sub(r"\A%%.*\n", "", source)))  # a cell that writes a script
        for lows, highs in self.sides.values():
            if len(lows) == len(highs) == 1:
                self.add(lows[0], highs[0])

    def add(self, low: float, high: float) -> None:
        """Keep a guard."""
        if low <= high:
            self.guards.append(Guard(low, high, self.cell))

    # -- literals and names --

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            self.literals.append(Literal(node.value, self.cell, self.drawing))

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(value := constant(node, {}), int | float):
            self.literals.append(Literal(value, self.cell, self.drawing))
        self.generic_visit(node)

    def draw(self, node: ast.AST, *, style: bool) -> None:
        """Visit what may serve a figure only."""
        before, self.drawing = self.drawing, self.drawing or style
        self.generic_visit(node)
        self.drawing = before

    def visit_keyword(self, node: ast.keyword) -> None:
        self.draw(node, style=node.arg in STYLE)

    def visit_Call(self, node: ast.Call) -> None:
        if name_of(node.func).startswith("assert_"):
            self.called(node)
            return
        base = node.func
        while isinstance(base, ast.Attribute | ast.Subscript):
            base = base.value
        self.draw(node, style=name_of(base) in DRAWING)

    def visit_Assign(self, node: ast.Assign) -> None:
        for part in ast.walk(node.value):
            for key, value in (
                zip(part.keys, part.values, strict=True) if isinstance(part, ast.Dict) else ()
            ):
                if isinstance(key, ast.Constant):
                    self.bands.setdefault(key.value, []).extend(bands(constant(value, {})))
        value = constant(node.value, self.names)
        if isinstance(node.targets[0], ast.Name):
            self.names.pop(node.targets[0].id, None)
            if value is not None:
                self.names[node.targets[0].id] = value
        self.generic_visit(node)

    # -- assertions --

    def visit_Assert(self, node: ast.Assert) -> None:
        for part in ast.walk(node.test):
            if isinstance(part, ast.Compare):
                operands = [part.left, *part.comparators]
                for left, op, right in zip(operands, part.ops, operands[1:], strict=False):
                    self.compare(left, op, right)
                self.chain(operands, part.ops)
            elif isinstance(part, ast.Call):
                self.called(part)
            elif isinstance(part, ast.BinOp) and constant(part, {}) is not None:
                self.visit(part)  # inputs of a calculation, not bounds

    def called(self, node: ast.Call) -> None:
        """Read a call inside an assertion, or one that asserts."""
        name, args = name_of(node.func), node.args
        sides = [flat(constant(argument, self.names)) for argument in args[:2]]
        if name in TOLERANCE:
            given = dict(zip(("rtol", "atol"), TOLERANCE[name], strict=True))
            for keyword in node.keywords:
                given[keyword.arg] = max(flat(constant(keyword.value, self.names)), default=0)
            for argument in args if all(sides) else ():
                self.visit(argument)  # inputs of a demonstration
            for value in sides[1] or sides[0]:
                slack = given["atol"] + given["rtol"] * abs(value)
                self.add(value - slack, value + slack)
            if not any(sides):
                self.add(-INF, max(given["atol"], given["rtol"]))
        elif name in EQUAL:
            for value in sides[1] or sides[0]:
                self.add(value, value)
        elif name == "between" and [len(side) for side in sides] == [1, 1]:
            self.add(sides[0][0], sides[1][0])
        elif name == "approx" and sides and sides[0]:
            slack = [constant(k.value, self.names) for k in node.keywords if k.arg == "abs"]
            for value in sides[0]:
                self.add(value - (slack or [0])[0], value + (slack or [0])[0])
        elif args and isinstance(args[0], ast.Constant | ast.UnaryOp) and flat(sides[0]):
            self.generic_visit(node)  # what the asserted function is called with
        elif args and isinstance(args[0], ast.Constant):  # the name of a band of the page's table
            for low, high in self.bands.get(args[0].value, []):
                self.add(low, high)

    def compare(self, left: ast.AST, op: ast.AST, right: ast.AST) -> None:
        """Read one comparison."""
        a, b = (constant(side, self.names) for side in (left, right))
        if isinstance(op, ast.Eq | ast.In):
            for value in flat(a if b is None else b):
                self.add(value, value)
        elif isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            less = isinstance(op, ast.Lt | ast.LtE)
            for bound, expression, upper in ((b, left, less), (a, right, not less)):
                for value in flat(bound):
                    self.bound(expression, value, upper=upper)
            if a is None and b is None:
                self.relation(right, upper=less)
                self.relation(left, upper=not less)

    def chain(self, operands: list[ast.AST], ops: list[ast.AST]) -> None:
        """Read ``0.8 < x < y < 0.9``: x and y lie between the two."""
        if not all(isinstance(op, ast.Lt | ast.LtE) for op in ops):
            return
        values = [constant(operand, self.names) for operand in operands]
        known = [(i, v) for i, v in enumerate(values) if isinstance(v, int | float)]
        for (i, low), (j, high) in pairwise(known):
            if j > i + 1:
                self.add(low, high)

    def bound(self, expression: ast.AST, value: float, *, upper: bool) -> None:
        """Read a bound; that of a distance to a literal is a range around the literal."""
        self.add(*((-INF, value) if upper else (value, INF)))
        lows, highs = self.sides.setdefault(ast.dump(expression), ([], []))
        (highs if upper else lows).append(value)
        distances = (
            part.args[0]
            for part in ast.walk(expression)
            if isinstance(part, ast.Call) and name_of(part.func) == "abs" and part.args
        )
        for part in distances if upper else ():
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub):
                for side in (part.left, part.right):
                    for centre in flat(constant(side, self.names)):
                        self.add(centre - value, centre + value)

    def relation(self, expression: ast.AST, *, upper: bool) -> None:
        """Read ``x < 2 * y`` as a bound of the ratio, ``x < y + 2`` as one of the difference."""
        if isinstance(expression, ast.BinOp):
            sides = [constant(side, self.names) for side in (expression.left, expression.right)]
            for value in (abs(side) for side in sides if isinstance(side, int | float) and side):
                less = upper ^ isinstance(expression.op, ast.Sub)  # y > x + 2 if x < y - 2
                self.add(*((-INF, value) if less else (value, INF)))
                if isinstance(expression.op, ast.Mult | ast.Div):
                    self.add(*((1 / value, INF) if upper else (-INF, 1 / value)))


def javascript_guards(source: str) -> list[Guard]:
    """Return the guards of a JavaScript test: what its assertions compare with literals."""
    found, number = [], r"\d+(?:\.\d+)?(?:e-?\d+)?"
    for statement in re.findall(r"assert\.[^;]*;", source):
        for sign, literal in re.findall(rf"([<>]=?|===) (-?{number})", statement):
            value = float(literal)
            found.append(Guard(-INF if "<" in sign else value, INF if ">" in sign else value))
        for sign, middle, slack in re.findall(rf" ([-+]) ({number})\) < ({number})", statement):
            value = float(middle) if sign == "-" else -float(middle)
            found.append(Guard(value - float(slack), value + float(slack)))
        if statement.startswith(("assert.equal", "assert.deepEqual")):
            exact = re.findall(rf"[\[ ](-?{number})(?=[],) ])", statement)
            found += [Guard(float(x), float(x)) for x in exact]
    return found
