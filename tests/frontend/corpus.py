"""Markdown that has been trouble somewhere: for comparing both grammars and every way a text can arrive."""

MATHS = {
    "prices": "It costs $5 and $10, or US$7 to $8; from $20-$30. $5M/$10M. A $ sign, $ 5 $, 5$ and $6$7.",
    "formulas in a line": r"Let $x_1 * y_2 * z$ and $\alpha$, \(a_b < c\), $$E=mc^2$$ and \[x\] be; 其中$x$是。",
    "dollars inside": r"$\$5 \cdot 2$ and \$5 and $a\$ and `$x$` and $`x`$",
    "displayed": "text\n$$\na\n= b\n- c\n$$\nmore\n\n\\[\n\\begin{aligned} x &= 1 \\\\ y &= 2 \\end{aligned}\n\\]\n\nend",
    "displayed on one line": "$$a+b$$\n\n$$ x $$ and more\n\n\\[ y \\]\n",
    "displayed in a list": "1. first\n   $$\n   x\n   = y\n   $$\n2. second $$z$$\n\n> $$\n> q\n> = r\n> $$\n\nend",
    "a formula without an end": "$$\na\n= b\n\nafter\n\n\\[\nc\n---\nd",
    "a formula with a gap": "$$\na\n\nb\n$$\n\nend",
    "three dollars": "$$$ is expensive\n$$$\n\n$$ is not",
    "empty formulas": "$$\n\n$$ $$ $ $ \\(\\) \\[ \\] $$$$",
    "formulas in a table": "| a | $x|y$ |\n|---|--:|\n| $z$ | \\(w\\) |\n",
    "formulas in emphasis": "**bold $x*y$ bold** *it \\(a*b\\) it* [link $x$](https://a.example)",
    "a formula that becomes a heading": "text\n$$\na\n=\nb\n$$\nend\n\nmore",
}

NOTES = {
    "footnotes": "a[^1] b[^note] c[^1] d[^missing]\n\n[^1]: One *note*.\n[^note]: Two\n    goes on\n\n    and on\n\nend",
    "footnotes before their use": "[^a]: first\n\n[^b]: second\n\ntext[^b] and[^a].",
    "a note nobody names": "text\n\n[^x]: alone\n\nmore[^9]",
    "notes within notes": "a[^1]\n\n[^1]: see[^2]\n[^2]: [^3]: deep\n[^3]: again[^1]",
    "a note with a list": "a[^l]\n\n[^l]:\n    - one\n    - two\n\n        code\n\nend[^l]",
    "a note twice": "a[^1]\n\n[^1]: one\n\n[^1]: two\n",
    "an empty note": "a[^1]\n\n[^1]:\n\nb",
    "a note in a quote": "> a[^1]\n>\n> [^1]: in here\n\nb[^1]",
    "a note and a link": "[^1](https://a.example) and [x][^1] and [y[^1]](https://b.example)\n\n[^1]: n",
    "classes of characters": "Use `[^abc]` or [^abc] and [^0-9]+ or [^ ] and [^]",
    "notes named as JavaScript's own": "a[^__proto__] b[^constructor] c[^toString]\n\n[^__proto__]: p\n\n[^toString]: s",
}

TASKS = {
    "tasks": "- [ ] to do\n- [x] done **b**\n- [X]\n- [ ]\n- [y] no\n  - [x] inner\n\n1. [ ] numbered\n2. [x](https://a.example)",
    "loose tasks": "- [ ] a\n\n- [x] b\n\n  more\n\nend",
    "tasks by reference": "- [x] a\n\n[x]: https://a.example\n",
}

CORNERS = {
    "a heading that becomes text": "a\n#b\n\nc",
    "a bullet that becomes an underline": "title\n-\n\n-\n\n- x",
    "an underline after two lines": "a\nb\n===\n\nc\n---\nd",
    "a number that becomes a list": "a\n1. b\n2. c\n\n\n3. d\n\nend",
    "a loose list": "- a\n\n- b\n\n  more\n\n- c\n\nend",
    "two kinds of bullets": "- a\n* b\n+ c\n\nend",
    "lazy quotes": "> a\nb\nc\n\n> d\n>\n> e\n\nend",
    "a table under a paragraph": "words\na | b\n--|--:\n1 | 2\n\nend",
    "a table without an end": "| a | b |\n|---|---|\n| 1 | 2 |",
    "broken tables": "| a | b |\n|---|\n| 1 |\n\n|a|b|\n|-|-|\n|1|2|3|\n|\\||`|`|\nx\n\n||\n|-|\n",
    "code in fences": "```py\nx = 1\n\n\ny\n```\nafter\n~~~~\n~~~\n~~~~\nend",
    "a fence that never closes": "text\n\n```js\nlet a = `b`;\n``",
    "a fence inside a list": "1. a\n   ```\n   b\n   ```\n2. c\n\nend",
    "a diagram": "before\n\n```mermaid\ngraph TD\n  A-->B\n```\n\nafter",
    "indented code": "a\n\n    b\n\n    c\n\nd",
    "a link named later": "see [one] and [two]\n\ntext\n\n[one]: https://a.example\n\n[two]: https://b.example 'T'",
    "a link named before": "[one]: https://a.example\n\nsee [one]\n\nand [one] again",
    "windows line ends": "a\r\nb\r\n\r\n```\r\nc\r\n```\r\n\r\nd\rlast",
    "half a link and half a bold": "so [a](https://x.exa and **bo",
    "html as text": "<script>alert(1)</script>\n\n<div>\n\n</div> &amp; <b onclick=x>",
    "images": "![a](https://x.example/i.png) and ![](/j.png 't')",
    "rules": "a\n\n***\n\n---\nb\n- - -\nc",
    "blank lines with spaces": "a\n   \n \t \nb\n\n\n",
    "only code ticks": "`a` ``b ` c`` ```d``` and ` open",
    "escapes": "\\*a\\* \\\\ \\_ \\[x\\] \\<b\\> \\& \\` \\$ \\~ end\\\nnext  \nline",
    "entities": "&lt;b&gt; &#60; &#x3c; &copy; &nope; &#0; &quot;",
    "nested lists": "- a\n  - b\n    1. c\n       - d\n\n         deep\n  - e\n- f\n\n   g",
    "scripts of the world": "**你好**，*世界*。 العربية **غامق** עברית `קוד` हिन्दी ไทย 한국어 日本語 🏛️ 👩‍👩‍👧",
    "emphasis next to CJK": "**强调。**后文 和**“引号”**之间 *x*y __a__b",
    "null and odd blanks": "a\u00a0b \u2003c\u2028d\u0000e\ufefff\u3000g\u0085h\u000bi\u000cj",
    "bidi": "a \u202eevil\u202c b \u2066x\u2069 `\u202ecode\u202c`",
    **MATHS, **NOTES, **TASKS,
}  # fmt: skip


def rich_answer() -> str:
    """This will return an answer that has one of everything."""
    return "\n\n".join(text for name, text in CORNERS.items() if "without an end" not in name and "never" not in name)
