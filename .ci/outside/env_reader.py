# Env files as Docker Compose reads them, written from its rules and not from Backstay's code.

import re

KEY = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=[ \t]*")


def read_file(path):
    # As bytes: a carriage return is a character like any other.
    return read(path.read_bytes().decode("utf-8"))


def read(text):
    """Keys and values, in order. Takes quoted values over several lines; interpolates nothing."""
    values = {}
    at = 0
    while at < len(text):
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
        found = KEY.match(text, at, line_end)
        if not found:
            rest = text[at:line_end].strip()
            if rest and not rest.startswith("#"):
                raise ValueError(f"neither a comment nor an assignment: {rest!r}")
            at = line_end + 1
            continue
        value, at = value_at(text, found.end(), line_end)
        values[found.group(1)] = value
    return values


def value_at(text, start, line_end):
    quote = text[start : start + 1]
    if quote == "'":
        return quoted(text, start + 1, quote, {"'": "'"})
    if quote == '"':
        return quoted(text, start + 1, quote, {"\\": "\\", '"': '"', "$": "$", "n": "\n", "r": "\r", "t": "\t"})
    raw = text[start:line_end]
    if "$" in raw or "`" in raw:
        raise ValueError(f"an unquoted value with a special character: {raw!r}")
    return raw.split(" #")[0].strip(), line_end + 1


def quoted(text, at, quote, escapes):
    value = []
    while text[at] != quote:
        if text[at] == "\\" and text[at + 1] in escapes:
            value.append(escapes[text[at + 1]])
            at += 2
        elif text[at] == "$" and quote == '"':
            raise ValueError("an unescaped dollar sign between double quotes")
        else:
            value.append(text[at])
            at += 1
    rest_end = text.find("\n", at)
    rest_end = len(text) if rest_end < 0 else rest_end
    if text[at + 1 : rest_end].strip():
        raise ValueError(f"text after a closing quote: {text[at + 1 : rest_end]!r}")
    return "".join(value), rest_end + 1


def written(value):
    """A value as a person who knows the rules writes it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'
