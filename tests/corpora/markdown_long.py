"""A usual answer, and texts made to hold a parser up."""

ANSWER = """\
## How to back up SQLite

You can copy the database **while it is running**, but not with `cp`. Use one of these:

1. **The online backup API** – safe, copies page by page.
2. **`VACUUM INTO`** – makes a compact copy in one go:

   ```sql
   VACUUM INTO '/backup/minibot.db';
   ```

3. *Litestream* – streams changes to S3, see [litestream.io](https://litestream.io/guides/).

| Method | Locks | Size |
|---|---|--:|
| backup API | short | same |
| VACUUM INTO | reads | smaller |

> Remember: a copy made with `cp` while a writer is active can be *torn*.

After that check it with `PRAGMA integrity_check`. It should print `ok`; anything else means \
that the copy is damaged and you should make another one. The size of the file is about $n \
\\cdot 4096$ bytes, where $n$ is the number of pages. Most people schedule this once a night, \
keep seven copies and delete the oldest one. If you want, I can set up a reminder for that.
"""

TANGLED = {
    "stars": "*a ",
    "bold": "**a** ",
    "brackets": "[",
    "links": "[a](b)",
    "dollars": "$",
    "tags": '<a "',
    "bars": "||a|| ",
    "quotes": "> - ",
    "deep list": "1) ",
    "fences": "```\n",
    "tex": "\\(x^2",
    "fractions": "$\\frac{",
    "nested fractions": "$" + "\\frac{a}{" * 40 + "}" * 40 + "$ ",
    "headings": "# a\n",
    "cells": "|",
    "prose": "One **bold** word, `code` and plain text.\n\n",
    "emoji": "😀",
    "marks upon marks": "\u0301",
    "white space": " \n",
    "backticks": "`",
    "code": "`a",
    "bars alone": "||",
    "bare stars": "*",
    "bare quotes": ">",
    "bullets": "- ",
    "bare tags": "<div>",
    "tags in lines": "<div>\n",
    "styles": "<b>",
    "details": "<details>\n",
    "details closed": "<details>\n</details>\n",
    "comments": "<!-- ",
    "declarations": "<!-- --> ",
    "environments": "\\begin{a}",
    "pictures": "![",
    "definitions": "[a]: b\n",
    "footnotes": "[^1]: a\n",
    "addresses": "https://a_b.c/_x_ ",
    "tables": "| a | b |\n|---|---|\n",
    "underscores": "_a",
    "tildes": "~~a",
}
"""Repeated until a text is as long as it should be."""
