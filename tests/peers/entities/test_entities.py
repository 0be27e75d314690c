"""The parsers of the three parse modes."""

from __future__ import annotations

import pytest

from tests.peers import entities


def test_entity_parsers() -> None:
    text, found = entities.parse('😀 <b>a<i>b</i></b> <a href="http://x?a=1&amp;b">l</a>', "HTML")
    assert text == "😀 ab l"
    assert found == [
        {"type": "bold", "offset": 3, "length": 2},
        {"type": "italic", "offset": 4, "length": 1},
        {"type": "text_link", "offset": 6, "length": 1, "url": "http://x?a=1&b"},
    ]
    block = '<pre><code class="language-py">x &lt; 1</code></pre>'
    pre = {"type": "pre", "offset": 0, "length": 5, "language": "py"}
    assert entities.parse(block, "html") == ("x < 1", [pre])
    source = "*b* _i_ __u__ ~s~ ||p|| `c.d` [t](http://u\\)) 1\\.\n>quote\n>more\nrest"
    text, found = entities.parse(source, "MarkdownV2")
    assert text == "b i u s p c.d t 1.\nquote\nmore\nrest"
    kinds = ["bold", "italic", "underline", "strikethrough", "spoiler", "code", "text_link"]
    assert [e["type"] for e in found] == [*kinds, "blockquote"]
    text, found = entities.parse("```py\nprint(1)\n```", "MarkdownV2")
    assert (text, found[0]["language"]) == ("print(1)\n", "py")
    text, found = entities.parse("*b* [t](u) `c` \\*", "Markdown")
    assert (text, [e["type"] for e in found]) == ("b t c *", ["bold", "text_link", "code"])


@pytest.mark.parametrize("text", ["5 < 3 ", "<b", "<span>x</span>", "<a href=>x</a"])
def test_html_that_the_server_refuses(text: str) -> None:
    with pytest.raises(entities.EntityError):
        entities.parse(text, "HTML")
