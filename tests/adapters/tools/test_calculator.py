import math
import operator
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.tools.arithmetic import CalculationError
from minibot.adapters.tools.calculator import CalculatorTools, written
from minibot.adapters.tools.expression import MAX_LENGTH, evaluate
from minibot.core.errors import ToolArgumentsInvalid
from tests.adapters.tools.rig import call

(CALCULATE,) = CalculatorTools().tools


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("0.1 + 0.2", "0.3"),
        ("1.10 * 3", "3.3"),
        ("10 / 4", "2.5"),
        ("-1/8", "-0.125"),
        ("1/3", "≈ 0.333333333333333 (exactly 1/3)"),
        ("-2**2", "-4"),
        ("2^3^2", "512"),
        ("2**-1", "0.5"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("7.5 % 2", "1.5"),
        ("15% of 80", "12"),
        ("80 * 15%", "12"),
        ("200 + (10%)", "200.1"),
        ("5! / 3!", "20"),
        ("2 + 2 =", "4"),
        ("3 × 4 ÷ 2 − 1", "5"),
        ("3² + 2³", "17"),
        ("1e3 + .5", "1000.5"),
        ("sqrt(16)", "4"),
        ("sqrt(2)", "≈ 1.4142135623731"),
        ("(4/9) ** 0.5", "≈ 0.666666666666667 (exactly 2/3)"),
        ("round(2.5)", "3"),
        ("round(-2.675, 2)", "-2.68"),
        ("round(1250, -2)", "1300"),
        ("round(pi, 2)", "3.14"),
        ("min(3, 1, 2) + max(3, 1)", "4"),
        ("floor(-1.5) + ceil(1.2)", "0"),
        ("abs(-3/4)", "0.75"),
        ("log10(1000)", "≈ 3"),
        ("log(8, 2)", "≈ 3"),
        ("ln(e)", "≈ 1"),
        ("log(10**400)", "≈ 921.034037197618"),
        ("exp(0) + sin(pi) + cos(0)", "≈ 2"),
        ("tan(0)", "≈ 0"),
        ("mod(-7, 3)", "2"),
        ("factorial(20)", "2432902008176640000"),
        ("2**0.5", "≈ 1.4142135623731"),
        ("0**0", "1"),
        ("(-1)**100001", "-1"),
        ("1.0005**3650", "≈ 6.19996658193555"),
        ("10**400 / 3", "≈ 3.33333333333333e+399"),
        ("factorial(1000)", "≈ 4.02387260077094e+2567 (2,568 digits)"),
        ("2**200", str(2**200)),
        ("PI * 0", "≈ 0"),
    ],
)
async def test_arithmetic_is_worked_out(expression: str, result: str) -> None:
    assert (await call(CALCULATE, expression=expression)).text == result


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "empty"),
        ("2 +", "ends too early"),
        ("2 * * 3", 'a number missing before "*"'),
        ("(1 + 2", "closing bracket is missing"),
        ("1 + 2)", "bracket too many"),
        ("1,5 + 1", "decimals are written 1.5"),
        ("1 000", 'no operator before "000"'),
        ("2pi", 'no operator before "pi"'),
        ("200 + 10%", "two ways"),
        ("10 % -3", "two ways"),
        ("5!!", "two ways"),
        ("sqr(4)", 'did you mean "sqrt"'),
        ("__import__(1)", 'called "__import__"'),
        ("(1).real", '"." cannot be read'),
        ("sqrt 4", "needs brackets"),
        ("sqrt(1, 5)", "sqrt takes one number, not 2"),
        ("min()", "one number or more"),
        ("1 / 0", "division by zero"),
        ("1 // 0", "division by zero"),
        ("1 % 0", "division by zero"),
        ("0 ** -1", "division by zero"),
        ("1 / sin(pi)", "division by zero or something too close"),
        ("sqrt(-1)", "no real number"),
        ("log(0)", "above zero"),
        ("tan(pi/2)", "no value"),
        ("2.5!", "whole numbers"),
        ("round(1, 0.5)", "whole number of decimal places"),
        ("2**2**100", "too large"),
        ("9**9**9", "too large"),
        ("exp(1000)", "too large"),
        ("cos(10**400)", "too large"),
        ("1e999999", "4,000 digits"),
        ("1e99999999999999999999", "4,000 digits"),
        ("1e4000 * 1e4000", "too large"),
        ("100000!", "up to 1,300"),
        ("(" * 400, "nested deeper"),
        ("-" * 400 + "1", "nested deeper"),
        ("2 $ 3", '"$" cannot be read'),
        ("٣ + 1", "cannot be read"),
        ("x" * 300, "nothing called"),
    ],
)
async def test_what_cannot_be_worked_out_is_said_clearly(expression: str, said: str) -> None:
    with pytest.raises(ToolArgumentsInvalid) as caught:
        await call(CALCULATE, expression=expression)
    assert said in str(caught.value)


async def test_long_expression_is_refused() -> None:
    with pytest.raises(ToolArgumentsInvalid, match="at most 1000 characters"):
        await call(CALCULATE, expression="1+" * 5_000 + "1")


@pytest.mark.parametrize(
    "expression",
    [
        "*".join(["1200!"] * 150),
        "+".join(["7**4700/3**8000"] * 60),
        "/".join(["9**4000"] * 100),
        "+".join(f"{n}**-900" for n in range(11, 88)),
        "sqrt(" * 40 + "9**4000" + ")" * 40,
        "1/3e-3999+" * 99 + "1",
        "round(1/3,4000)+" * 60 + "1",
        "9" * MAX_LENGTH,
    ],
)
def test_work_is_bounded(expression: str) -> None:
    began = time.process_time()
    try:
        text = written(evaluate(expression))
    except CalculationError as error:
        text = str(error)
    assert len(text) < 1_000
    assert time.process_time() - began < 10


OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> tuple[str, Fraction]:
    """Write an expression with all brackets, beside its value."""
    if depth == 0 or draw(st.booleans()):
        number = draw(st.decimals(0, 10**6, places=3))
        return f"{number:f}", Fraction(number)
    left, first = draw(expressions(depth=depth - 1))
    sign = draw(st.sampled_from(sorted(OPERATORS)))
    right, second = draw(expressions(depth=depth - 1).filter(lambda pair: pair[1] != 0))
    value = Fraction(OPERATORS[sign](first, second))
    if draw(st.booleans()):
        return f"({left} {sign} {right})", value
    return f"(-({left} {sign} {right}))", -value


@given(expressions())
def test_it_agrees_with_exact_fractions(pair: tuple[str, Fraction]) -> None:
    expression, value = pair
    assert evaluate(expression) == value


@given(st.lists(st.tuples(st.sampled_from("+-*"), st.integers(0, 99)), max_size=8))
def test_precedence_is_that_of_python(rest: list[tuple[str, int]]) -> None:
    expression = "7" + "".join(f" {sign} {number}" for sign, number in rest)
    assert evaluate(expression) == eval(expression)  # noqa: S307 - digits and signs


@given(st.sampled_from(["sqrt", "ln", "exp", "sin", "cos", "log10"]), st.floats(0.01, 300))
def test_functions_agree_with_floats(name: str, value: float) -> None:
    function = {"ln": math.log}.get(name) or getattr(math, name)
    assert float(evaluate(f"{name}({value!r})")) == pytest.approx(function(value), abs=1e-12)


@given(st.text("0123456789.+-*/%^!(),eE piofsqrtm", max_size=60) | st.text(max_size=60))
def test_any_text_is_worked_out_or_refused(text: str) -> None:
    try:
        result = written(evaluate(text))
    except CalculationError as error:
        result = str(error)
    assert result


@given(st.fractions())
def test_what_is_written_is_near_the_value(value: Fraction) -> None:
    text = written(value).removeprefix("≈ ").partition(" ")[0]
    assert Fraction(text) == pytest.approx(value, rel=1e-13)
