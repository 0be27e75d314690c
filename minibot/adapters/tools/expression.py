"""Arithmetic as people write it, worked out while it is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import NoReturn

from minibot.adapters.tools.arithmetic import (
    CONSTANTS,
    FUNCTIONS,
    CalculationError,
    MathFunction,
    Number,
    add,
    decimal,
    divide,
    factorial,
    floor_divide,
    modulo,
    multiply,
    power,
    subtract,
)

MAX_LENGTH = 1_000
"""Characters."""

MAX_DEPTH = 50
"""Brackets, signs and powers inside each other."""

_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|//|[-+*/%^()!,])"
    r"|(?P<space>\s+)",
    re.ASCII,
)
_SIGNS = str.maketrans(
    {"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "π": " pi ", "²": "**2", "³": "**3"}
)

_SUM, _PRODUCT, _SIGNED, _POWER = 1, 2, 3, 4
"""How strongly operators bind."""

_BINARY: Mapping[str, tuple[int, Callable[[Number, Number], Number]]] = {
    "+": (_SUM, add),
    "-": (_SUM, subtract),
    "*": (_PRODUCT, multiply),
    "/": (_PRODUCT, divide),
    "//": (_PRODUCT, floor_divide),
    "%": (_PRODUCT, modulo),
    "of": (_PRODUCT, multiply),
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


_END = _Token("end", "the end")


def evaluate(text: str) -> Number:
    """Work out an expression.

    Raises:
        CalculationError: it is none, or has no value that can be given.
    """
    if len(text) > MAX_LENGTH:
        raise CalculationError(f"the expression has more than {MAX_LENGTH:,} characters")
    return _Reader(_tokens(text)).whole()


def _tokens(text: str) -> list[_Token]:
    text = text.translate(_SIGNS).rstrip().removesuffix("=")
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise CalculationError(f'"{text[at]}" cannot be read')
        if match.lastgroup != "space":
            tokens.append(_Token(match.lastgroup or "", match[0]))
        at = match.end()
    return tokens


class _Reader:
    """Reads by precedence: each call takes in what binds at least as strongly as it was told."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Number:
        value = self._expression(_SUM)
        if self._next is not _END:
            self._refuse_rest()
        return value

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    @property
    def _after_next(self) -> _Token:
        return self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else _END

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _expression(self, least: int) -> Number:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise CalculationError(f"it is nested deeper than {MAX_DEPTH} levels")
        value = self._operand()
        while (operator := _BINARY.get(self._next.text)) and operator[0] >= least:
            sign = self._take()
            right = self._expression(operator[0] + 1)
            if operator[0] == _SUM and self._tokens[self._at - 1].text == "%":
                raise CalculationError(
                    f'"{sign.text} …%" can be read in two ways: write * (1 {sign.text} 10/100) '
                    f"for a change by 10 percent, and {sign.text} (10%) for 0.1"
                )
            value = operator[1](value, right)
        self._depth -= 1
        return value

    def _operand(self) -> Number:
        token = self._take()
        if token.text in ("-", "+"):
            value = self._expression(_SIGNED)
            return -value if token.text == "-" else value
        value = self._followed(self._atom(token))
        if self._next.text in ("**", "^"):
            self._take()
            value = power(value, self._expression(_POWER))
        return value

    def _followed(self, value: Number) -> Number:
        """Take in the signs that stand behind a number."""
        while True:
            if self._next.text == "!":
                value = factorial(value)
                if self._after_next.text == "!":
                    raise CalculationError('"!!" can be read in two ways: use brackets')
            elif self._next.text == "%" and self._is_percent():
                value = divide(value, Fraction(100))
            else:
                return value
            self._take()

    def _is_percent(self) -> bool:
        """Tell "15%" from "15 % 4" by what comes behind."""
        after = self._after_next
        if after.text in ("+", "-"):
            raise CalculationError(
                '"%" before a sign can be read in two ways: write (10%) - 3 or mod(10, -3)'
            )
        is_operand = after.kind in ("number", "name") and after.text != "of"
        return not is_operand and after.text != "("

    def _atom(self, token: _Token) -> Number:
        if token.kind == "number":
            mantissa, _, exponent = token.text.lower().partition("e")
            return decimal(mantissa, _exponent(exponent))
        if token.kind == "name":
            return self._named(token.text.lower())
        if token.text == "(":
            value = self._expression(_SUM)
            self._close()
            return value
        if token is _END:
            raise CalculationError("the expression is empty or ends too early")
        raise CalculationError(f'there is a number missing before "{token.text}"')

    def _named(self, name: str) -> Number:
        function = FUNCTIONS.get(name)
        if function is not None and self._next.text == "(":
            self._take()
            return self._called(name, function)
        if function is not None:
            raise CalculationError(f"{name} needs brackets: {name}(2)")
        if name in CONSTANTS:
            return CONSTANTS[name]
        known = [*FUNCTIONS, *CONSTANTS]
        near = get_close_matches(name, known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"known are: {', '.join(known)}"
        raise CalculationError(f'there is nothing called "{name[:30]}"; {hint}')

    def _called(self, name: str, function: MathFunction) -> Number:
        values = [] if self._next.text == ")" else [self._expression(_SUM)]
        while self._next.text == ",":
            self._take()
            values.append(self._expression(_SUM))
        self._close()
        if len(values) < function.least or len(values) > (function.most or len(values)):
            raise CalculationError(
                f"{name} takes {function.arity}, not {len(values)}; "
                "a comma parts numbers, a dot begins decimals"
            )
        return function.apply(*values)

    def _close(self) -> None:
        if self._next.text == ")":
            self._take()
        elif self._next is _END:
            raise CalculationError("a closing bracket is missing")
        else:
            self._refuse_rest()

    def _refuse_rest(self) -> NoReturn:
        text = self._next.text
        if text == ",":
            raise CalculationError(
                "a comma stands only between the numbers of a function: "
                "decimals are written 1.5 and thousands 1000"
            )
        if text == ")":
            raise CalculationError("there is a closing bracket too many")
        raise CalculationError(f'there is no operator before "{text}"')


def _exponent(digits: str) -> int:
    """Read an exponent; one that is far too large is cut, and refused by who gets it."""
    return int(digits[:9] or "0")
