"""Words that tell how hard a question is, in English, German, French, Spanish, Chinese and Japanese.

Words without a space are looked for among a text's words; phrases, and all of Chinese and Japanese, anywhere in it.
"""

# They ask for thought: a comparison, a reason, a plan.
REASONING_WORDS = frozenset(
    "why explain compare analyze analyse evaluate assess design plan strategy argue justify critique "
    "optimize optimise diagnose investigate contrast implications consequences reconcile synthesize "
    "warum wieso weshalb erkläre erklären vergleiche vergleichen analysiere analysieren bewerte bewerten "
    "entwirf entwerfen plane planen begründe begründen optimiere optimieren untersuche abwägen "
    "pourquoi explique expliquer compare comparer analyse analyser évalue évaluer conçois concevoir "
    "planifie planifier justifie justifier optimise optimiser "
    "explica explicar compara comparar analiza analizar evalúa evaluar diseña diseñar planifica "
    "planificar justifica justificar optimiza optimizar".split()
)
REASONING_PHRASES = (
    "为什么", "为何", "解释", "分析", "比较", "评估", "设计", "规划", "论证", "优化",
    "なぜ", "どうして", "説明", "比較", "評価", "設計", "計画", "最適化", "por qué",
)  # fmt: skip

# They ask for a chain of thought that small models lose.
HARD_WORDS = frozenset(
    "prove proof derive derivation disprove theorem counterexample architecture tradeoff tradeoffs concurrency "
    "beweise beweisen beweis herleiten leite herleitung satz gegenbeispiel architektur nebenläufigkeit "
    "prouve prouver démontre démontrer démonstration théorème contre-exemple "
    "demuestra demostrar demostración teorema contraejemplo arquitectura".split()
)
HARD_PHRASES = (
    "step by step", "step-by-step", "trade-off", "pros and cons", "root cause", "edge case", "from first principles",
    "schritt für schritt", "vor- und nachteile", "vor und nachteile", "étape par étape", "le pour et le contre",
    "paso a paso", "pros y contras", "证明", "推导", "一步一步", "逐步", "权衡", "利弊", "根本原因",
    "証明", "導出", "段階的", "一歩ずつ", "トレードオフ", "長所と短所",
)  # fmt: skip

# Short work with one answer.
SIMPLE_WORDS = frozenset(
    "hi hello hey thanks thank translate define spell capital synonym rephrase summarize summarise "
    "hallo danke übersetze übersetzen definiere zusammenfassen fasse hauptstadt "
    "bonjour salut merci traduis traduire définis résume résumer capitale "
    "hola gracias traduce traducir define resume resumir".split()
)
SIMPLE_PHRASES = ("你好", "谢谢", "翻译", "总结", "是什么", "こんにちは", "ありがとう", "翻訳", "要約", "とは何")

CODE_WORDS = frozenset(
    "python javascript typescript java kotlin golang rust ruby php perl haskell scala sql postgres html css bash "
    "regex regexp api json yaml dockerfile kubernetes django react function method compiler "
    "refactor debug traceback exception segfault deadlock endpoint unittest pytest algorithm recursion bug "
    "funktion methode klasse algorithmus rekursion fonction méthode algorithme función método algoritmo".split()
)
CODE_PHRASES = (
    "stack trace",
    "unit test",
    "代码",
    "函数",
    "算法",
    "编程",
    "コード",
    "関数",
    "アルゴリズム",
    "プログラム",
)
# What stands in source text and hardly in prose; looked for in lower case, with a line break before the text.
CODE_MARKS = (
    "```", ";\n", "{\n", "}\n", ")\n{", "=>", "->", "()", "</", "::", " == ", " != ", " && ", " || ", "#include",
    "\nimport ", "\nfrom ", "\ndef ", "\nclass ", "\nconst ", "\nlet ", "\nfunction ", "\npublic ", "\nfn ",
    "\nselect ", "\nif (", "    return ", "self.", "console.log", "printf(", "traceback (most",
)  # fmt: skip

MATHS_WORDS = frozenset(
    "integral derivative equation matrix eigenvalue eigenvalues probability theorem lemma polynomial calculus "
    "sqrt logarithm irrational modulo determinant converge converges prime primes "
    "ableitung gleichung wahrscheinlichkeit eigenwert eigenwerte primzahl primzahlen wurzel irrational "
    "intégrale dérivée équation matrice probabilité polynôme "
    "derivada ecuación matriz probabilidad polinomio".split()
)
MATHS_PHRASES = (
    "\\frac", "\\int", "\\sum", "\\sqrt", "\\begin{", "$$", "^2", "^n", "积分", "导数", "方程", "矩阵", "概率",
    "積分", "微分", "方程式", "行列", "確率",
)  # fmt: skip
MATHS_SIGNS = "∫∑∏√∂∇≤≥≠≈∞∈∉⊂∀∃→⇒±÷πλθ"

CONSTRAINT_WORDS = frozenset(
    "must exactly without except unless only always never maximum minimum "
    "muss müssen genau ohne außer nur immer niemals höchstens mindestens "
    "doit doivent exactement sans sauf seulement toujours jamais maximum minimum "
    "debe deben exactamente sin excepto solo siempre nunca máximo mínimo".split()
)
CONSTRAINT_PHRASES = (
    "at least", "at most", "no more than", "au moins", "au plus", "al menos", "como máximo",
    "必须", "至少", "最多", "不超过", "必ず", "少なくとも", "以内", "以下の条件",
)  # fmt: skip
QUESTION_MARKS = "?？؟"
