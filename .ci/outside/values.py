# Values that some reader of env files somewhere gets wrong, and many random ones.

import json
import random
import string

# Printed with the results: the same seed gives the same values.
SEED = 20261122
RANDOM = 4000
# What means something to a reader stands in a third of all places of a random value.
SPECIAL = "'\"`$\\#{}()=;&|!~*? \t\n%:,@[]<>"
USUAL = string.ascii_letters + string.digits + "._-/+" + "äß€日本🐘\u00a0\u2028"

WRITTEN = [
    "",
    " ",
    "\t",
    "\n",
    "a\n",
    "\na",
    "a\n\n\nb",
    "a\rb",
    "a\r\nb",
    " both ends ",
    "'",
    '"',
    "`",
    "\\",
    "\\\\",
    "\\\\\\",
    "'quoted'",
    '"quoted"',
    "`id`",
    "it's",
    "'\"`",
    "it's \"both\"",
    "it's \"both\" and `three`",
    "$",
    "$$",
    "$x",
    "${x}",
    "${x:-y}",
    "$(id)",
    "$((1+1))",
    "$1 $@ $! $#",
    "pa$$w0rd${x}",
    "it's $5",
    "#",
    "#a",
    "a#b",
    "a #b",
    "a # b",
    "'a' # b",
    "end\\",
    "end\\\\",
    "\\'",
    '\\"',
    "\\$x",
    "\\n",
    "\\t\\r\\0\\x41",
    "C:\\dir\\new\\table",
    "a=b",
    "=a",
    "export A=b",
    "# not a comment",
    "FIRST=1\nSECOND=2",
    "a\nB='c",
    '{"a": "$5", "b": [1, "é", null], "c": "it\'s \\"d\\""}',
    "-----BEGIN KEY-----\nMIIB+/==\n-----END KEY-----\n",
    "p@ss:/?#[]w'\"d %$&+\\",
    "ünïcödé 日本 🐘",
    "\u00a0no-break\u2028line\u0085next",
    "\x1b[31m\x07\x7f",
    "!history !! ^x^y",
    "~ ~root * ? [a-z] {a,b}",
    "a;b&c|d>e<f(g)",
    "%s %d %% %PATH%",
    "true",
    "null",
    "0123",
    "x" * 10_000,
]


def all_values():
    """Every value under a name of its own."""
    values = [*WRITTEN, *at_every_place(), *at_random()]
    return {f"V{number:04}": value for number, value in enumerate(values)}


def at_every_place():
    """Each printable character of ASCII at the start, in the middle, at the end, and twice."""
    for code in range(0x20, 0x7F):
        character = chr(code)
        yield from (f"{character}ab", f"a{character}b", f"ab{character}", f"{character}a{character}")


def at_random():
    source = random.Random(SEED)
    for _ in range(RANDOM):
        length = source.randint(1, 24)
        yield "".join(source.choice(SPECIAL if source.random() < 0.33 else USUAL) for _ in range(length))


def toml(value):
    """A value as a string of TOML."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
