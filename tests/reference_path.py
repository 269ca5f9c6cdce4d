# SPDX-License-Identifier: Apache-2.0
"""reference_path - paths and patterns by the words of the semantics: what is below what, and what a glob matches"""
import functools

SPECIAL = "*?[]{}\\"


def raw(text):
    return text.encode().decode("latin-1")


@functools.lru_cache(1 << 17)
def components(path):
    return tuple(c for c in path.split("/") if c)


def join(base, rel):
    return base if not rel else rel if not base else base.rstrip("/") + "/" + rel


def parent(path):
    return path.rsplit("/", 1)[0] or "/"


def within(p, d):
    """p is d, or below it."""
    return p == d or d == "/" or p.startswith(d + "/")


def below(p, d):
    return p != d and within(p, d)


def normal(path):
    out = []
    for c in components(path):
        if c == "..":
            del out[-1:]
        elif c != ".":
            out.append(c)
    return "/" + "/".join(out)


# Patterns

def is_pattern(text):
    i = 0
    while i < len(text):
        if text[i] == "\\" and text[i + 1:i + 2] and text[i + 1] in SPECIAL:
            i += 2
            continue
        if text[i] in SPECIAL:
            return True
        i += 1
    return False


def unescape(text):
    out, i = "", 0
    while i < len(text):
        i += text[i] == "\\"
        out += text[i]
        i += 1
    return out


def escape(text):
    return "".join("\\" + c if c in SPECIAL else c for c in text)


def read_class(text, i):
    """text[i] is "[": the bytes of the class and where it ends, or None where it is not closed."""
    i += 1
    negated = text[i:i + 1] in ("!", "^") and i < len(text)
    i += negated
    members, first, bad = set(), True, False
    while i < len(text) and (text[i] != "]" or first):
        first = False
        i += text[i] == "\\" and i + 1 < len(text)
        low = high = text[i]
        if text[i + 1:i + 2] == "-" and text[i + 2:i + 3] not in ("", "]"):
            i += 2
            i += text[i] == "\\" and i + 1 < len(text)
            high = text[i]
        bad |= low > high or max(low, high) > "\x7f"
        members |= {chr(c) for c in range(ord(low), ord(high) + 1)}
        i += 1
    if i >= len(text):
        return None
    if bad:
        raise ValueError("class")
    return ({chr(c) for c in range(256)} - members if negated else members), i + 1


def read_glob(text, i=0, nested=False):
    """
    A component as a list of alternatives, each a list of sets of bytes and "*"; and where it ends: at the end of
    the text, or at the "," or "}" that ends an alternative.
    """
    seqs = [[]]
    while i < len(text):
        c = text[i]
        if c == "}" and not nested:
            raise ValueError("brace")
        if nested and c in ",}":
            break
        if c == "{":
            inner, i = [], i + 1
            while True:
                alternatives, i = read_glob(text, i, True)
                inner += alternatives
                if i >= len(text):
                    raise ValueError("brace")
                i += 1
                if text[i - 1] == "}":
                    break
            seqs = [s + t for s in seqs for t in inner]
            continue
        piece, i = {c}, i + 1
        if c == "\\":
            if i == len(text):
                raise ValueError("escape")
            piece, i = {text[i]}, i + 1
        elif c == "*":
            piece = "*"
        elif c == "?":
            piece = {chr(b) for b in range(256)}
        elif c == "[" and read_class(text, i - 1):
            piece, i = read_class(text, i - 1)
        for s in seqs:
            s.append(piece)
    return seqs, i


def sequence_matches(seq, name):
    if not seq:
        return not name
    if seq[0] == "*":
        return any(sequence_matches(seq[1:], name[k:]) for k in range(len(name) + 1))
    return bool(name) and name[0] in seq[0] and sequence_matches(seq[1:], name[1:])


@functools.lru_cache(1 << 12)
def glob_alternatives(text):
    return read_glob(text)[0]


@functools.lru_cache(1 << 17)
def glob_matches(text, name):
    return any(sequence_matches(s, name) for s in glob_alternatives(text))


class Pattern:
    """base: literal text; glob: what was written behind it."""

    def __init__(self, base, glob, origin):
        self.origin = origin
        self.steps = [escape(c) for c in components(base)] + list(components(glob))
        literal = []
        for s in self.steps:
            if is_pattern(s):
                break
            literal.append(unescape(s))
        self.literal = "/" + "/".join(literal)
        self.key = tuple(self.steps)

    def matches(self, path):
        """All of the path, not an ancestor."""
        return steps_match(self.key, components(path))

    def progress(self, path):
        """How many steps the path takes at the most."""
        return steps_taken(self.key, components(path))


@functools.lru_cache(1 << 17)
def steps_match(steps, names):
    if not steps:
        return not names
    if steps[0] == "**":
        if len(steps) == 1:
            return len(names) >= 1
        return any(steps_match(steps[1:], names[k:]) for k in range(len(names) + 1))
    return len(names) > 0 and glob_matches(steps[0], names[0]) and steps_match(steps[1:], names[1:])


@functools.lru_cache(1 << 17)
def steps_taken(steps, names):
    """The largest k so that the first k steps match all of the names; "**" may stand for none here; else -1."""
    return max((k for k in range(len(steps) + 1) if prefix_matches(steps[:k], names)), default=-1)


def prefix_matches(steps, names):
    if not steps:
        return not names
    if steps[0] == "**":
        return any(prefix_matches(steps[1:], names[k:]) for k in range(len(names) + 1))
    return len(names) > 0 and glob_matches(steps[0], names[0]) and prefix_matches(steps[1:], names[1:])
