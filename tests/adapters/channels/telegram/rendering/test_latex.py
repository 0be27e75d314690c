"""Formulas in signs that any chat can show."""

import pytest

from minibot.adapters.channels.telegram.rendering.latex import lowered, raised, unicode_formula


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"x_i^2 + y_{12}", "xᵢ² + y₁₂"),
        (r"x_{max} y_{best} z_q", "xₘₐₓ y_best z_q"),
        (r"e^{i\pi} + 1 = 0", "e^(iπ) + 1 = 0"),
        (r"a^{-1} - b", "a⁻¹ − b"),
        (r"\frac{1}{2} \frac{a}{b} \frac{a+b}{2c}", "½ a/b (a+b)/(2c)"),
        (r"\frac{n(n+1)}{2}", "n(n+1)/2"),
        (r"\frac{\frac{a}{b}}{c}", "(a/b)/c"),
        (r"\sqrt2 \sqrt{x+1} \sqrt[3]{8} \sqrt[n]{x}", "√2 √(x+1) ∛8 ⁿ√x"),
        (r"\sum_{i=1}^{n} i \quad \int_0^\infty", "∑ᵢ₌₁ⁿ i ∫₀^∞"),
        (r"\lim_{x \to 0} \sin x", "lim_(x → 0) sin x"),
        (r"\alpha \in \mathbb{R}, \mathcal{L} \subseteq \mathfrak g", "α ∈ ℝ, ℒ ⊆ 𝔤"),
        (r"\hat{x} \vec v \overline{ab} \not= \not\in", "x̂ v⃗ a̅b̅ ≠ ∉"),
        (r"\text{if } x \geq 0 \Rightarrow y", "if x ≥ 0 ⇒ y"),
        (r"\left( \frac{1}{2} \right) \left. x \right|", "(½) x |"),
        (r"A \xrightarrow{f} B \pmod{n}", "A ─[f]→ B (mod n)"),
        (r"90^\circ \% \{a\} \|x\|", "90° % {a} ‖x‖"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "(a b; c d)"),
        (r"\unknown{x_1} \other", r"\unknown{x₁} \other"),
        (r"f'(x) \label{eq} \tag{1}", "f′(x) (1)"),
        (r"\text{a_b {c}}", "a_b {c}"),
    ],
)
def test_a_formula_in_a_line(tex: str, shown: str) -> None:
    assert unicode_formula(tex) == shown


@pytest.mark.parametrize(
    ("tex", "lines"),
    [
        (r"a = b \\ c = d", ["a = b", "c = d"]),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", ["a = b", "= c"]),
        (
            r"A = \begin{bmatrix} 1 & 20 \\ 3 & 4 \\ 5 & 6 \end{bmatrix} x",
            ["    ⎡ 1  20 ⎤", "A = ⎢ 3  4  ⎥ x", "    ⎣ 5  6  ⎦"],
        ),
        (r"\begin{vmatrix} a & b \end{vmatrix}", ["| a b |"]),
        (r"\begin{array}{c|c} a & b \\ c \end{array}", ["  a  b", "  c"]),
    ],
)
def test_a_formula_by_itself(tex: str, lines: list[str]) -> None:
    assert unicode_formula(tex, display=True) == "\n".join(lines)


@pytest.mark.parametrize("tex", ["{" * 100, r"\sqrt[" * 100, "x^" * 2000, r"\frac{" * 50])
def test_a_formula_beyond_reading_stays_as_it_is(tex: str) -> None:
    assert unicode_formula(tex) == tex


@pytest.mark.parametrize(
    "tex", ["", "}", r"\frac", r"\frac{a", r"\begin{x}", r"\end{x}", "\\", "^", r"\left", r"\sqrt["]
)
def test_half_a_formula_is_no_error(tex: str) -> None:
    for display in (False, True):
        assert isinstance(unicode_formula(tex, display=display), str)


def test_what_has_no_sign_of_its_own_is_marked() -> None:
    assert [raised("n+1"), raised("q!"), lowered("12"), lowered("b/c")] == [
        "ⁿ⁺¹",
        "^(q!)",
        "₁₂",
        "_(b/c)",
    ]
