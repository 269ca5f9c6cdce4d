# SPDX-License-Identifier: Apache-2.0
"""Searches for paths at which two policies differ, by the reference evaluator alone: through a small universe, and by samples."""
import bisect, itertools, math, random

import reference as ref
from reference import components, join, parent, within
from reference_path import glob_matches

OPS = ("read", "write", "rename", "traverse")
NAMES = ["a", "b", "ab", "c", "tmp", ".git"]


# The same formulas over all paths of a small alphabet at once: a set of paths is the bits of a number, level by level.

class Universe:
    DEPTH = 4

    def __init__(self, names):
        self.names = names
        self.levels = [["/"]]
        for _ in range(self.DEPTH):
            self.levels.append([join(p, n) for p in self.levels[-1] for n in names])
        self.paths = [p for level in self.levels for p in level]
        self.index = {p: i for i, p in enumerate(self.paths)}
        self.start = [0]
        for level in self.levels:
            self.start.append(self.start[-1] + len(level))
        self.all = (1 << len(self.paths)) - 1
        self.cache, self.globs = {}, {}
        self.order, self.order_bits = [], []    # of each level: sorted, and the sets of the first n
        for level in self.levels:
            level = sorted(level, key=witness_order)
            self.order.append([witness_order(p) for p in level])
            self.order_bits.append(list(itertools.accumulate((self.bit(p) for p in level), int.__or__, initial=0)))

    def bit(self, p):
        return 1 << self.index[p] if p in self.index else 0

    def below(self, p):
        """p and what is below it: one run of bits on each level."""
        if p not in self.cache:
            out, depth = 0, len(components(p))
            if p in self.index:
                at, n = self.index[p] - self.start[depth], 1
                for d in range(depth, self.DEPTH + 1):
                    out |= (1 << n) - 1 << self.start[d] + at * n
                    n *= len(self.names)
            self.cache[p] = out
        return self.cache[p]

    def above(self, p, itself):
        out = self.bit(p) if itself else 0
        while p != "/":
            p = parent(p)
            out |= self.bit(p)
        return out

    def children(self, s):
        """Children of the members."""
        out, k = 0, len(self.names)
        for d in range(self.DEPTH):
            n = self.start[d + 1] - self.start[d]
            level = s >> self.start[d] & (1 << n) - 1
            if level:
                spread = format(level, "b").replace("0", "0" * k).replace("1", "1" * k)
                out |= int(spread, 2) << self.start[d + 1]
        return out

    def globbed(self, g):
        if len(self.globs) > 10000:
            self.globs.clear()
        if g.key not in self.globs:
            out, left = 0, self.below(g.literal)
            while left:
                i = (left & -left).bit_length() - 1
                under = self.below(self.paths[i]) if g.matches(self.paths[i]) else 0
                out |= under
                left &= ~(under | 1 << i)
            self.globs[g.key] = out
        return self.globs[g.key]

    def before(self, p):
        """Those that come before p in the order of witnesses."""
        level = len(components(p))
        if level > self.DEPTH:
            return self.all
        at = bisect.bisect_left(self.order[level], witness_order(p))
        return self.order_bits[level][at] | (1 << self.start[level]) - 1

    def evaluate(self, b):
        """The sets of readable, writable and renamable paths of a policy."""
        if b.free:
            w = self.all
            for s in b.policy_files:
                w &= ~self.below(s)
            return self.all, w, w
        access = {"read": 0, "write": 0, "deny": self.all}
        for e in sorted(b.E, key=lambda e: (len(components(e.path)), not e.platform, ref.RANK[e.access])):
            for a in access:
                access[a] = access[a] | self.below(e.path) if a == e.access else access[a] & ~self.below(e.path)
        globbed = shielded = 0
        for g in b.patterns:
            globbed |= self.globbed(g)
        for s in b.shields:
            under = self.below(s)
            for f in b.E:
                if f.access == "write" and within(f.path, s):
                    under &= ~self.below(f.path)
            shielded |= under
        for s in b.policy_files:
            shielded |= self.below(s)
        readable = (self.all & ~access["deny"]) & ~globbed
        for l in b.links:
            readable |= self.bit(l) & ~globbed
        writable = access["write"] & ~globbed & ~shielded
        pinned = self.bit("/") | ~self.children(writable)
        for e in b.E:
            pinned |= self.bit(e.path)
        for q in [e.path for e in b.E] + b.shields + b.policy_files:
            if not b.tree_writable(q):
                pinned |= self.above(q, False)
        for g, found in b.found:
            pinned |= self.above(g.literal, True)
            for m in found:
                pinned |= self.above(m, False)
        for p in b.host.nodes if not b.host.generic else ():
            if self.bit(p) & writable and b.pinned(p):
                pinned |= self.bit(p)
        return readable, writable, writable & ~pinned


def witness_order(p):
    return len(components(p)) if p != "/" else 0, len(p), [(not (c.isascii() and c.isalpha()), c) for c in p]


UNIVERSES = {}


def universe(generic):
    if generic not in UNIVERSES:
        UNIVERSES[generic] = Universe(["A", "a", "b", "ab", "tmp", ".git"] + (
            ["@cwd", "@home", "@tmpdir"] if generic else ["c", "AA"]))
    return UNIVERSES[generic]


def sample_names(step, names, inner):
    """Some names that a step of a pattern takes, "" for none; inner: places below the pattern's literal."""
    if step == "**":
        return ["", "0", "a", ".A"] + inner
    made = []
    for alternative in ref.glob_alternatives(step):
        pieces = [("", "0", "b", ".") if piece == "*" else sorted(piece) if len(piece) <= 4 else [c for c in "0Ab.*?" if c in piece] or
                  sorted(piece - {"/", "\0"})[-2:] for piece in alternative]
        made += map("".join, itertools.islice(itertools.product(*pieces), 36))
    return [n for n in dict.fromkeys(made + [n for n in names if glob_matches(step, n)][:48]) if n not in ("", ".", "..")]


SAMPLES = 20000


def sample_paths(g, places, names):
    """Some paths that a pattern takes: all that its samples make, or a draw from them."""
    inner = [p[len(g.literal):].strip("/") for p in places if p != g.literal and within(p, g.literal)]
    steps = [sample_names(s, names, inner) for s in g.steps]
    if math.prod(map(len, steps)) <= SAMPLES:
        picked = itertools.product(*steps)
    else:
        rng = random.Random(0)
        picked = ([rng.choice(s) for s in steps] for _ in range(SAMPLES))
    return {"/" + "/".join(c for c in p if c) for p in picked}


def search(policies, want_a):
    """A path that one policy allows and the other does not, with names that the universe lacks."""
    a, b = policies
    bytes_ = sorted({c for x in policies for g in x.patterns for s in g.steps for c in s} | set("aAbz0."))
    bytes_ = [c for c in bytes_ if c != "/"]
    names = bytes_ + [c + d for c in bytes_ for d in bytes_] + ["a" + c + d for c in bytes_ for d in "ab."]
    names = [c for x in policies for q in [e.path for e in x.E] + x.shields for c in components(q)] + [
        n for n in names if n not in (".", "..")]
    places = sorted({q for x in policies for q in [e.path for e in x.E] + x.shields})
    likely = {p for g in a.patterns + b.patterns for p in sample_paths(g, places, names + NAMES)}
    heads = {p for x in policies for q in [e.path for e in x.E] + x.shields + [g.literal for g in x.patterns] + ["/"]
             for p in (q, join(q, "a"), join(q, "A"), join(q, "b"), join(q, "0"))} | {parent(p) for p in likely}
    for p in itertools.chain(sorted(likely), sorted(heads), (join(h, n) for h in sorted(heads) for n in names)):
        for op in OPS[:3]:
            x = a.may(op, p)
            if x == want_a and x != b.may(op, p):
                return p
    return None
