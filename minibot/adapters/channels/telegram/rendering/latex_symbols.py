"""The names TeX has for signs, and the signs Unicode has for raised and lowered text."""

_NAMED = """
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι
kappa κ lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ
upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ
Upsilon Υ Phi Φ Psi Ψ Omega Ω
sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂
bigvee ⋁ bigwedge ⋀ bigsqcup ⨆
leq ≤ le ≤ leqslant ≤ geq ≥ ge ≥ geqslant ≥ neq ≠ ne ≠ equiv ≡ approx ≈ sim ∼ simeq ≃ cong ≅
propto ∝ ll ≪ gg ≫ prec ≺ succ ≻ preceq ⪯ succeq ⪰ doteq ≐ asymp ≍ models ⊨ vdash ⊢ dashv ⊣
perp ⊥ parallel ∥ mid ∣ nmid ∤ triangleq ≜ coloneqq ≔ lesssim ≲ gtrsim ≳ bowtie ⋈
in ∈ notin ∉ ni ∋ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ cup ∪ cap ∩
setminus ∖ emptyset ∅ varnothing ∅ sqsubseteq ⊑ sqsupseteq ⊒ uplus ⊎ sqcup ⊔ sqcap ⊓
forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ land ∧ wedge ∧ lor ∨ vee ∨ top ⊤ bot ⊥ therefore ∴
because ∵
to → rightarrow → longrightarrow ⟶ gets ← leftarrow ← longleftarrow ⟵ leftrightarrow ↔
longleftrightarrow ⟷ Rightarrow ⇒ Longrightarrow ⟹ implies ⟹ Leftarrow ⇐ Longleftarrow ⟸
impliedby ⟸ Leftrightarrow ⇔ Longleftrightarrow ⟺ iff ⟺ mapsto ↦ longmapsto ⟼ uparrow ↑
downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖
hookrightarrow ↪ hookleftarrow ↩ rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼
rightleftharpoons ⇌ leadsto ⇝ rightsquigarrow ⇝ twoheadrightarrow ↠
times × div ÷ cdot · ast ∗ star ⋆ circ ∘ bullet • pm ± mp ∓ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘
odot ⊙ dagger † ddagger ‡ amalg ⨿ wr ≀ diamond ⋄ ltimes ⋉ rtimes ⋊ bigcirc ◯
infty ∞ partial ∂ nabla ∇ hbar ℏ ell ℓ Re ℜ Im ℑ wp ℘ aleph ℵ beth ℶ imath ı jmath ȷ angle ∠
measuredangle ∡ triangle △ square □ Box □ blacksquare ■ qed ∎ prime ′ degree ° checkmark ✓
clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠ sharp ♯ flat ♭ natural ♮ complement ∁ eth ð
mho ℧ surd √ S § P ¶ copyright © pounds £ euro € yen ¥ dag † ddag ‡ AA Å aa å ss ß o ø O Ø ae æ
ldots … dots … dotsc … dotsb ⋯ dotsm ⋯ dotso … cdots ⋯ vdots ⋮ ddots ⋱ textellipsis …
langle ⟨ rangle ⟩ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lbrace { rbrace } lbrack [ rbrack ] vert |
lvert | rvert | Vert ‖ lVert ‖ rVert ‖ backslash \\ textbackslash \\ colon : lt < gt >
textdegree ° textquoteright ’ textendash – textemdash —
"""

SYMBOLS = dict(zip(_NAMED.split()[::2], _NAMED.split()[1::2], strict=True))

_FUNCTIONS = """
sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth log ln lg exp lim limsup
liminf max min sup inf arg argmax argmin det dim ker deg gcd lcm hom Pr mod bmod rank tr Tr
diag sgn sign softmax erf
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())

SPACES = {
    ",": " ",
    ":": " ",
    ">": " ",
    ";": " ",
    " ": " ",
    "!": "",
    "/": "",
    "quad": "  ",
    "qquad": "    ",
    "thinspace": " ",
    "enspace": " ",
    "space": " ",
    "medspace": " ",
}

_SILENT = """
left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm middle limits
nolimits displaystyle textstyle scriptstyle scriptscriptstyle nonumber notag hline hfill
centering boldmath rm bf it sf tt cal mathstrut strut allowbreak protect relax
"""
SILENT = frozenset(_SILENT.split())
"""Commands about looks alone."""

FORGOTTEN = frozenset(
    {"label", "color", "hspace", "vspace", "phantom", "hphantom", "vphantom", "nocite"}
)
"""Commands whose argument nobody is to see."""

_WRAPPERS = """
text textrm textbf textit textsf texttt textnormal textup emph mbox hbox mathrm mathbf mathit
mathsf mathtt mathnormal operatorname boldsymbol bm pmb boxed fbox underbrace overbrace cancel
bcancel xcancel smash mathop mathrel mathbin mathord mathopen mathclose mathpunct textcolor
ensuremath substack overrightarrow
"""
WRAPPERS = frozenset(_WRAPPERS.split())
"""Commands of whose argument only the look changes."""

_VERBATIM = """
text textrm textbf textit textsf texttt textnormal emph mbox hbox
"""
VERBATIM = frozenset(_VERBATIM.split())

ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "check": "\u030c",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "acute": "\u0301",
    "grave": "\u0300",
    "dot": "\u0307",
    "ddot": "\u0308",
    "breve": "\u0306",
    "bar": "\u0304",
    "vec": "\u20d7",
    "mathring": "\u030a",
    "overline": "\u0305",
    "underline": "\u0332",
    "not": "\u0338",
}

_DOUBLE_STRUCK = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))
_SCRIPT = dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True))
_FRAKTUR = dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True))


def _alphabet(capital: int, small: int, holes: dict[str, str]) -> dict[int, str]:
    letters = {ord("A") + nth: chr(capital + nth) for nth in range(26)}
    letters |= {ord("a") + nth: chr(small + nth) for nth in range(26)}
    return letters | {ord(letter): sign for letter, sign in holes.items()}


ALPHABETS = {
    "mathbb": _alphabet(0x1D538, 0x1D552, _DOUBLE_STRUCK),
    "mathcal": _alphabet(0x1D49C, 0x1D4B6, _SCRIPT),
    "mathscr": _alphabet(0x1D49C, 0x1D4B6, _SCRIPT),
    "mathfrak": _alphabet(0x1D504, 0x1D51E, _FRAKTUR),
}
"""Letters of other shapes, for `str.translate`."""

RAISED = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφχ′∘",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᵠᵡ′°",
        strict=True,
    )
)
LOWERED = dict(
    zip(
        "0123456789+-−=()aehijklmnoprstuvxβγρφχ",
        "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
        strict=True,
    )
)

FRACTIONS = {
    "1/2": "½",
    "1/3": "⅓",
    "2/3": "⅔",
    "1/4": "¼",
    "3/4": "¾",
    "1/5": "⅕",
    "1/6": "⅙",
    "1/8": "⅛",
}

NEGATED = {"=": "≠", "∈": "∉", "⊂": "⊄", "⊆": "⊈", "≡": "≢", "∼": "≁", "≈": "≉", "∃": "∄", "|": "∤"}
