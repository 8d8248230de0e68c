"""Text that wants to be more than text: for every place that shows words of people and models."""

_RUN = "window.ran=1"
_IMG = f'<img src=x onerror="{_RUN}">'

HOSTILE = {
    "a script": f"<script>{_RUN}</script>",
    "an image that fails": _IMG,
    "an SVG": f'<svg onload="{_RUN}"><script>{_RUN}</script></svg>',
    "MathML that hides": f"<math><mtext><table><mglyph><style><!--</style>{_IMG}--></style></mglyph></table></mtext></math>",
    "a template": f"<template>{_IMG}</template><noscript><p title='</noscript>{_IMG}'></noscript>",
    "a style": "<style>*{display:none}</style><link rel=stylesheet href=//evil.example/x.css>",
    "a frame": f'<iframe srcdoc="<script>{_RUN}</script>"></iframe><object data=//evil.example></object><base href=//evil.example>',
    "script links": f"[a](javascript:{_RUN}) [b](JaVaScRiPt:{_RUN}) [c](&#106;avascript:{_RUN}) <javascript:{_RUN}>",
    "data links": "[a](data:text/html;base64,PHNjcmlwdD53aW5kb3cucmFuPTE8L3NjcmlwdD4=) [b](vbscript:x) [c](blob:x) [d](file:///etc/passwd)",
    "links by reference": f"[a][x]\n\n[x]: javascript:{_RUN}\n[x2]: <data:text/html,{_RUN}>",
    "out of an attribute": f'[a](https://a.example/"onmouseover="{_RUN}) [b](https://a.example "\\"onmouseover=\\"{_RUN}")',
    "out of a language": f'```x"onmouseover="{_RUN}\ncode\n```\n\n```<img/src=x/onerror={_RUN}>\ncode\n```',
    "images of strangers": "![x](https://evil.example/pixel.png) ![y](//evil.example/p) ![z](data:image/svg+xml;base64,PHN2Zz4=)",
    "in a table": f"| {_IMG} | b |\n|---|---|\n| <script>{_RUN}</script> | [x](javascript:{_RUN}) |",
    "in a footnote": f"a[^x]\n\n[^x]: {_IMG} [b](javascript:{_RUN})",
    "in a formula": f"$\\href{{javascript:{_RUN}}}{{x}}$ $\\url{{javascript:{_RUN}}}$ $\\htmlClass{{a}}{{b}}$ $\\includegraphics{{//evil.example/x.png}}$ $</code>{_IMG}$",
    "formulas without end": "$\\def\\a{\\a\\a}\\a$ $\\rule{99999em}{99999em}$ $" + "{" * 400 + "x" + "}" * 400 + "$ $$\\frac{1}{$$",
    "in a diagram": f"```mermaid\ngraph TD\n  a[\"{_IMG}\"]-->b\n  click a \"javascript:{_RUN}\"\n```",
    "a diagram's settings": '```mermaid\n%%{init: {"securityLevel": "loose", "themeCSS": "*{background:url(https://evil.example)}"}}%%\ngraph TD\n  a-->b\n```',
    "turned letters": "user\u202egpj.exe\u202c \u2066\u2067x\u2069 ```\n\u202e } \u2066if (isAdmin)\u2069 \u2066\n```",
    "nothing to see": "a\u200b\u200c\u200d\u2060\ufeff\u00adb \u115f\u3164 pay\u0440al",
    "heaps of accents": "Z" + "\u0301\u0316\u0489" * 300,
    "odd code points": "\ufffe \uffff \U000e0041 \ue000 \ufdd0 \x07\x1b[31m",
    "every script": "Ελληνικά Кириллица العربية עברית हिन्दी ไทย 中文 日本語 한국어 ქართული አማርኛ ᚠᚢᚦ 𓀀 𝔘𝔫𝔦 👩‍👩‍👧‍👦🏳️‍🌈",
    "names of the page": '<p id="turns"></p> <form name="cookie"> [x](#composer "id=said")',
    "nested quotes": "> " * 3000 + "deep",
    "nested lists": "- " * 3000 + "deep",
    "nested brackets": "[" * 3000 + "x" + "](y)" * 3000,
    "nested emphasis": "*_" * 3000 + "x",
    "a wide table": "|a" * 2000 + "|\n" + "|-" * 2000 + "|\n" + "|b|\n" * 20,
    "a broken table": "| a | b\n|--|--|--|\n| c\n\n|---\n|||\n",
    "a long line": "x" * 60_000,
    "an endless fence": "````\n```\n~~~\n````x\n",
    "JavaScript's own names": "[^__proto__] [constructor] `toString`\n\n[constructor]: /x\n\n```__proto__\ncode\n```\n\n```constructor\ncode\n```",
}  # fmt: skip


def hostile_text() -> str:
    """This will return all of it as one text."""
    return "\n\n".join(HOSTILE.values())
