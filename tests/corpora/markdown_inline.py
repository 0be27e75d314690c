"""Styles, links, HTML and formulas within a line."""

from tests.corpora.markdown import Sample

INLINE = [
    Sample(
        "nested styles",
        "***both*** **a *b* c** ~~gone *x*~~ __strong__ _it_",
        "<b><i>both</i></b> <b>a <i>b</i> c</b> <s>gone <i>x</i></s> <b>strong</b> <i>it</i>",
    ),
    Sample(
        "styles inside words",
        "un**believ**able snake_case_name 2*3*4",
        "un<b>believ</b>able snake_case_name 2<i>3</i>4",
    ),
    Sample(
        "spoilers",
        "||secret **bold** `code`|| if (a || b || c) and ||x",
        "<spoiler>secret <b>bold</b> code</spoiler> if (a || b || c) and ||x",
    ),
    Sample(
        "escapes",
        r"\*no\* \||not\|| C:\new\\x \# 1\. a",
        r"*no* ||not|| C:\new\x # 1. a",
    ),
    Sample(
        "code with backticks",
        "`` a ` b `` and ``` `` ``` and `  c  `",
        "<code>a ` b</code> and <code>``</code> and  <code>c</code>",
    ),
    Sample(
        "code in bold and links",
        "**see `x` now** [`code` here](https://example.org)",
        "<b>see</b> <code>x</code> <b>now</b> <a https://example.org>code here</a>",
    ),
    Sample(
        "link with parentheses",
        "[C](https://en.wikipedia.org/wiki/C_(language)) end",
        "<a https://en.wikipedia.org/wiki/C_(language)>C</a> end",
    ),
    Sample(
        "reference links",
        """\
[docs][d] and [d] and [none][x]

[d]: https://example.org/d "Title"
[unused]: https://example.org/u""",
        """\
<a https://example.org/d>docs</a> and <a https://example.org/d>d</a> and [none][x]
[unused]: https://example.org/u""",
    ),
    Sample(
        "autolinks",
        "<https://example.org/a_b> <me@example.org> https://example.org/_a_/*b* www.example.org",
        (
            "<a https://example.org/a_b>https://example.org/a_b</a> me@example.org "
            "https://example.org/_a_/*b* www.example.org"
        ),
    ),
    Sample(
        "bare address in bold",
        "**https://example.org/a_b_c**, (https://example.org/x_(y)).",
        "<b>https://example.org/a_b_c</b>, (https://example.org/x_(y)).",
    ),
    Sample(
        "dangerous schemes",
        "[press](javascript:alert(1)) [d](data:text/html,x) [f](file:///etc/passwd)",
        "press (javascript:alert(1)) d (data:text/html,x) f (file:///etc/passwd)",
    ),
    Sample(
        "paths",
        "[main.py](src/main.py) and [top](#top) [src/a.py](src/a.py)",
        "main.py (src/main.py) and top src/a.py",
    ),
    Sample(
        "images",
        (
            "![chart](https://example.org/c.png) ![](https://example.org/d.png) ![l"
            "ocal](img/c.png) [![alt](https://a.example/i.png)](https://b.example)"
        ),
        (
            "<a https://example.org/c.png>🖼 chart</a> 🖼 https://example.org/d.png 🖼"
            " local (img/c.png) <a https://b.example>🖼 alt</a>"
        ),
    ),
    Sample(
        "moments",
        (
            'At ![22:45](tg://time?unix=1647531900&format=wDT) or <tg-time unix="16'
            '47531900">then</tg-time> or ![bad](tg://time?unix=x)'
        ),
        "At <time 1647531900 wDT>22:45</time> or <time 1647531900>then</time> or bad",
    ),
    Sample(
        "html styles",
        (
            "<b>b</b> <em>i</em> <u>u</u> <s>s</s> <code>x &lt; y</code> <kbd>Ctrl<"
            '/kbd> <span class="tg-spoiler">h</span> <mark>m</mark> <a href="https:'
            '//example.org">l</a>'
        ),
        (
            "<b>b</b> <i>i</i> <u>u</u> <s>s</s> <code>x < y</code> <code>Ctrl</cod"
            "e> <spoiler>h</spoiler> <b>m</b> <a https://example.org>l</a>"
        ),
    ),
    Sample(
        "html that is none",
        "List<String> a<b>c Map<K, V> use <b> and </b> or the <div> tag, 5 < 6 && x > y, <T>",
        "List<String> a<b>c Map<K, V> use <b> and </b> or the <div> tag, 5 < 6 && x > y, <T>",
    ),
    Sample(
        "sub and sup",
        "H<sub>2</sub>O x<sup>n+1</sup> m<sup>**b**</sup>",
        "H₂O xⁿ⁺¹ m<b>b</b>",
    ),
    Sample(
        "html breaks and comments",
        "a<br>b<br/>c <!-- hidden --> d &amp; &lt;e&gt; &copy; &nope;",
        """\
a
b
c d & <e> © &nope;""",
    ),
    Sample(
        "inline formulas",
        r"$x_i^2$, $\alpha \to \beta$, \(\sqrt{x+1}\), $e^{i\pi}+1=0$, $\mathbb{R}^n$, $n$",
        "xᵢ², α → β, √(x+1), e^(iπ)+1=0, ℝⁿ, n",
    ),
    Sample(
        "fractions and roots",
        r"$\frac{1}{2}$ $\frac{x+1}{2y}$ $\sqrt[3]{8}$ $\binom{n}{k}$ $\hat{x} \neq \vec v$",
        "½ (x+1)/(2y) ∛8 C(n, k) x̂ ≠ v⃗",
    ),
    Sample(
        "limits",
        r"$\lim_{x \to 0} \frac{\sin x}{x} = 1$ and $\int_0^\infty e^{-x^2}\,dx$",
        "lim_(x → 0) (sin x)/x = 1 and ∫₀^∞ e^(−x²) dx",
    ),
    Sample(
        "money",
        r"It costs $400 and $500, or $3.50/$4.20, 7$ each, US$5, \$6",
        "It costs $400 and $500, or $3.50/$4.20, 7$ each, US$5, $6",
    ),
    Sample(
        "shell",
        "$HOME/bin:$PATH and ${x}_$y `$a_b$`",
        "$HOME/bin:$PATH and ${x}_$y <code>$a_b$</code>",
    ),
    Sample(
        "unknown tex",
        r"$\foo{a_1} + \bar x$ and \(a\) \[b\]",
        r"\foo{a₁} + x̄ and (a) [b]",
    ),
    Sample(
        "hard and soft breaks",
        "one  \ntwo\\\nthree\nfour",
        """\
one
two
three
four""",
    ),
    Sample(
        "dunders",
        '`__init__` and __init__ and __name__ == "__main__"',
        '<code>__init__</code> and __init__ and __name__ == "__main__"',
    ),
    Sample(
        "crossing",
        "||a **b|| c** *d __e* f__",
        "<spoiler>a <b>b</b></spoiler> <b>c</b> <i>d __e</i> f__",
    ),
    Sample(
        "emoji and styles",
        "👨‍👩‍👧‍👦 **👍🏽 ok** 🇩🇪 `😀` [🎉](https://example.org)",
        "👨‍👩‍👧‍👦 <b>👍🏽 ok</b> 🇩🇪 <code>😀</code> <a https://example.org>🎉</a>",
    ),
    Sample(
        "right to left",
        """\
**שלום** עולם ||סוד||

- مرحبا **بالعالم**""",
        """\
<b>שלום</b> עולם <spoiler>סוד</spoiler>

• مرحبا <b>بالعالم</b>""",
    ),
    Sample(
        "tildes",
        "~5 km or ~6 km, ~~gone~~, H~2~O",
        "~5 km or ~6 km, <s>gone</s>, H~2~O",
    ),
    Sample(
        "unfinished",
        "**bold and `code and [link](https://exa",
        "**bold and `code and [link](https://exa",
    ),
    Sample(
        "prices in styles",
        "**$5** to *$10*, between $5-$10 (or $1,000$)",
        "<b>$5</b> to <i>$10</i>, between $5-$10 (or $1,000$)",
    ),
    Sample(
        "entities in code",
        "`&lt;b&gt;` &lt;b&gt; `<b>`",
        "<code>&lt;b&gt;</code> <b> <code><b></code>",
    ),
]
