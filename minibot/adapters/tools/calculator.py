"""A calculator."""

import math
from decimal import Context, Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from minibot.adapters.tools.arithmetic import CalculationError, Number
from minibot.adapters.tools.expression import MAX_LENGTH, evaluate
from minibot.adapters.tools.family import NO_UNDO
from minibot.adapters.tools.function import function_tool
from minibot.core.errors import ToolArgumentsInvalid
from minibot.core.tools import ToolContext

DIGITS = 15
"""Of what is not exact."""

MAX_SHOWN = 500
"""Digits of an exact number that are shown."""

MAX_PLACES = 40
"""Decimal places of an exact number that are shown; longer ones are cut to `DIGITS`."""

_ROUNDED = Context(prec=DIGITS, Emax=999_999, Emin=-999_999)


class CalculatorTools:
    """Works out arithmetic."""

    undo = NO_UNDO

    def __init__(self) -> None:
        self.tools = (function_tool(self.calculate),)

    async def calculate(
        self, context: ToolContext, expression: Annotated[str, Field(max_length=MAX_LENGTH)]
    ) -> str:
        """Work out arithmetic exactly. Use it for every calculation that is not trivial.

        Args:
            expression: numbers such as 1.5 or 2e3 with + - * / // % ** ! ( ), "15% of 80", pi, e,
                sqrt, abs, round(x, places), min, max, floor, ceil, ln, log(x, base), log10, log2,
                exp, sin, cos, tan (radians), mod, factorial.
        """
        try:
            return written(evaluate(expression))
        except CalculationError as error:
            raise ToolArgumentsInvalid(f'"expression": {error}.') from None


def written(value: Number) -> str:
    """Write a result: a sign before it says when it is not exact."""
    if isinstance(value, float):
        return f"≈ {value + 0.0:.{DIGITS}g}"
    if value.denominator == 1:
        return _whole(value.numerator)
    places = _places(value.denominator)
    if places is not None and len(str(abs(value.numerator))) <= MAX_SHOWN:
        return _with_places(value, places)
    exactly = f" (exactly {value})" if len(str(value)) <= MAX_PLACES else ""
    return f"≈ {_cut(value)}{exactly}"


def _whole(value: int) -> str:
    text = str(value)
    if len(text) <= MAX_SHOWN:
        return text
    return f"≈ {_cut(Fraction(value))} ({len(text.lstrip('-')):,} digits)"


def _places(denominator: int) -> int | None:
    """Say how many decimal places make a fraction exact; None when none do, or too many."""
    twos = (denominator & -denominator).bit_length() - 1
    rest = denominator >> twos
    fives = round(math.log(rest, 5))
    if rest != 5**fives or max(twos, fives) > MAX_PLACES:
        return None
    return max(twos, fives)


def _with_places(value: Fraction, places: int) -> str:
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _cut(value: Fraction) -> str:
    quotient = _ROUNDED.divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{quotient.normalize(_ROUNDED):g}"
