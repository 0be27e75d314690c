"""Numbers that stay exact as long as they can, and never grow out of hand."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Number = Fraction | float
"""A fraction is exact; a float came out of something that has no exact value."""

MAX_DIGITS = 4_000
"""Of a number, before or behind the point."""

MAX_FACTORIAL = 1_300

_MAX_BITS = math.floor(MAX_DIGITS * math.log2(10))
_TOO_LARGE = f"it is too large: beyond {MAX_DIGITS:,} digits, or 1e308 where it is not exact"
_LAST_EXACT = 1e15
"""From here on a float has no places behind the point that mean anything."""


class CalculationError(ValueError):
    """It cannot be worked out; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MathFunction:
    """A function by name."""

    apply: Callable[..., Number]
    least: int = 1
    most: int | None = 1
    """Arguments it takes; None for any number."""

    @property
    def arity(self) -> str:
        if self.most is None:
            return "one number or more"
        if self.most == 1:
            return "one number"
        return "two numbers" if self.least == 2 else "one or two numbers"


def bounded(value: Number) -> Number:
    """Give a result, inexact when it is too long to be kept exactly.

    Raises:
        CalculationError: it is too large.
    """
    if isinstance(value, Fraction):
        longest = max(value.numerator.bit_length(), value.denominator.bit_length())
        if longest <= _MAX_BITS:
            return value
        return _approximate(value)
    if not math.isfinite(value):
        raise CalculationError(_TOO_LARGE)
    return value


def decimal(mantissa: str, exponent: int) -> Number:
    """Read a decimal number exactly."""
    if abs(exponent) > MAX_DIGITS:
        raise CalculationError(f"numbers have at most {MAX_DIGITS:,} digits")
    whole, _, places = mantissa.partition(".")
    shift = exponent - len(places)
    digits = int(whole + places)
    return bounded(Fraction(digits * 10**shift) if shift >= 0 else Fraction(digits, 10**-shift))


def add(left: Number, right: Number) -> Number:
    return _apply(lambda a, b: a + b, left, right)


def subtract(left: Number, right: Number) -> Number:
    return _apply(lambda a, b: a - b, left, right)


def multiply(left: Number, right: Number) -> Number:
    return _apply(lambda a, b: a * b, left, right)


def divide(left: Number, right: Number) -> Number:
    return _apply(lambda a, b: a / b, left, _divisor(right))


def floor_divide(left: Number, right: Number) -> Number:
    return floor(divide(left, right))


def modulo(left: Number, right: Number) -> Number:
    return _apply(lambda a, b: a % b, left, _divisor(right))


def power(base: Number, exponent: Number) -> Number:
    """Raise to a power: exactly when the result is not too long, roots of squares included."""
    if base == 0 and exponent < 0:
        raise CalculationError("division by zero")
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        exact = _exact_power(base, exponent)
        if exact is not None:
            return exact
    if base < 0 and not _is_whole(exponent):
        raise CalculationError("a root of a negative number is no real number")
    return _inexact(lambda: math.pow(base, exponent))


def square_root(value: Number) -> Number:
    return power(value, Fraction(1, 2))


def factorial(value: Number) -> Number:
    if not _is_whole(value) or value < 0:
        raise CalculationError("factorial takes whole numbers from 0 on")
    if value > MAX_FACTORIAL:
        raise CalculationError(f"factorial takes numbers up to {MAX_FACTORIAL:,}")
    return Fraction(math.factorial(int(value)))


def floor(value: Number) -> Number:
    return value if _is_coarse(value) else Fraction(math.floor(value))


def ceil(value: Number) -> Number:
    return value if _is_coarse(value) else Fraction(math.ceil(value))


def rounded(value: Number, places: Number = Fraction(0)) -> Number:
    """Round to decimal places as people do it: a half goes away from zero."""
    if not _is_whole(places) or not -MAX_DIGITS <= places <= MAX_DIGITS:
        raise CalculationError("round takes a whole number of decimal places")
    if _is_coarse(value):
        return value
    scale = _whole_power(Fraction(10), int(places))
    shifted = abs(Fraction(value)) * scale
    nearest = Fraction(math.floor(shifted + Fraction(1, 2))) / scale
    return bounded(-nearest if value < 0 else nearest)


def logarithm(value: Number, base: Number | None = None) -> Number:
    """Take a logarithm, the natural one when no base is given."""
    if value <= 0 or (base is not None and (base <= 0 or base == 1)):
        raise CalculationError("logarithms take numbers above zero, and no base of 1")
    if base is None:
        return _log(value)
    if base == 10 and isinstance(value, Fraction) and value.denominator == 1:
        return math.log10(value.numerator)
    if base == 2 and isinstance(value, Fraction) and value.denominator == 1:
        return math.log2(value.numerator)
    return _inexact(lambda: _log(value) / _log(base))


def exponential(value: Number) -> Number:
    return _inexact(lambda: math.exp(value))


def tangent(value: Number) -> Number:
    angle = _approximate(value)
    if abs(math.cos(angle)) < 1e-15:
        raise CalculationError("tan has no value there")
    return _near_zero(math.tan(angle))


FUNCTIONS: Mapping[str, MathFunction] = {
    "sqrt": MathFunction(apply=square_root),
    "abs": MathFunction(apply=abs),
    "round": MathFunction(apply=rounded, most=2),
    "min": MathFunction(apply=lambda *values: min(values), most=None),
    "max": MathFunction(apply=lambda *values: max(values), most=None),
    "floor": MathFunction(apply=floor),
    "ceil": MathFunction(apply=ceil),
    "log": MathFunction(apply=logarithm, most=2),
    "ln": MathFunction(apply=logarithm),
    "log2": MathFunction(apply=lambda value: logarithm(value, Fraction(2))),
    "log10": MathFunction(apply=lambda value: logarithm(value, Fraction(10))),
    "exp": MathFunction(apply=exponential),
    "sin": MathFunction(apply=lambda value: _near_zero(math.sin(_approximate(value)))),
    "cos": MathFunction(apply=lambda value: _near_zero(math.cos(_approximate(value)))),
    "tan": MathFunction(apply=tangent),
    "mod": MathFunction(apply=modulo, least=2, most=2),
    "factorial": MathFunction(apply=factorial),
}

CONSTANTS: Mapping[str, Number] = {"pi": math.pi, "e": math.e}


def _apply(operation: Callable[[Number, Number], Number], left: Number, right: Number) -> Number:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return bounded(operation(left, right))
    return bounded(operation(_approximate(left), _approximate(right)))


def _inexact(operation: Callable[[], float]) -> Number:
    try:
        return bounded(operation())
    except OverflowError:
        raise CalculationError(_TOO_LARGE) from None


def _approximate(value: Number) -> float:
    try:
        return float(value)
    except OverflowError:
        raise CalculationError(_TOO_LARGE) from None


def _divisor(value: Number) -> Number:
    if value == 0:
        nearly = " or something too close to it" if isinstance(value, float) else ""
        raise CalculationError(f"division by zero{nearly}")
    return value


def _exact_power(base: Fraction, exponent: Fraction) -> Fraction | None:
    if exponent.denominator == 2:
        root = _exact_root(base)
        return None if root is None else _exact_power(root, Fraction(exponent.numerator))
    if exponent.denominator != 1:
        return None
    if abs(base) == 1:
        return _whole_power(base, exponent.numerator % 2)
    longest = max(base.numerator.bit_length(), base.denominator.bit_length())
    if base and (longest - 1) * abs(exponent) > _MAX_BITS:
        return None
    result = bounded(_whole_power(base, exponent.numerator))
    return result if isinstance(result, Fraction) else None


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    return base**exponent


def _exact_root(value: Fraction) -> Fraction | None:
    if value < 0:
        return None
    above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)
    exact = above * above == value.numerator and below * below == value.denominator
    return Fraction(above, below) if exact else None


def _log(value: Number) -> float:
    """Take the natural logarithm, of numbers beyond the reach of floats too."""
    if isinstance(value, Fraction):
        return math.log(value.numerator) - math.log(value.denominator)
    return math.log(value)


def _near_zero(value: float) -> float:
    """Take off what is but the error of the angle: sin(pi) is 0."""
    return round(value, 15) + 0.0


def _is_whole(value: Number) -> bool:
    return value == math.floor(value)


def _is_coarse(value: Number) -> bool:
    return isinstance(value, float) and abs(value) >= _LAST_EXACT
