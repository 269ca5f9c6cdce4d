# SPDX-License-Identifier: Apache-2.0
"""Large profiles of every shape that the Seatbelt backend has to take, for tests/bench-seatbelt and
tests/run-seatbelt-large.

A shape is a function of the number of entries that returns a Shape.  Its
places lie below ROOT, which stands for a directory that the caller chooses;
`dirs', `files' and `links' are what has to be there where the profile is bound to it.
"""
import random
from typing import NamedTuple

ROOT = "@ROOT@"
PATTERNS = ("**/.env", "**/*.{key,pem}", "secret/**/id_[rd]sa*")


class Shape(NamedTuple):
    name: str
    profile: str
    host: bool = False      # bound to this host: --host with --cwd, --home and --tmpdir below ROOT
    dirs: tuple = ()
    files: tuple = ()
    links: tuple = ()       # (name, target)


def profile(entries, below="", tables="", extends=None):
    """`below': the entries are subpaths of that place; entries are (path, access)."""
    head = ['default_permissions = "large"', "[permissions.large]"]
    if extends:
        head.append(f'extends = "{extends}"')
    head.append(tables)
    table = f'.filesystem."{below}"' if below else ".filesystem"
    return "\n".join(head + [f"[permissions.large{table}]"] +
                     [f'"{path}" = "{access}"' for path, access in entries]) + "\n"


def accesses(words, n):
    return [words[i % len(words)] for i in range(n)]


def flat(n, words):
    return [(f"/srv/e{i}", a) for i, a in enumerate(accesses(words, n))]


def spread(n):
    """As a generator would write them, over three levels."""
    return [(f"/srv/d{i % 97}/s{i % 1009}/e{i}", a) for i, a in enumerate(accesses(("read", "write", "deny"), n))]


def chains(n, depth, words, name="d"):
    """Places below each other, `depth' deep."""
    out = []
    for i in range(0, n, depth):
        path = f"/srv/c{i}"
        for k in range(min(depth, n - i)):
            out.append((path, words[k % len(words)]))
            path += f"/{name}{k}"
    return out


def tree(n, fan, words):
    """A full tree: every place has `fan' children, whose access is another than its own."""
    out, level = [], [("/srv", 0)]
    while len(out) < n:
        following = []
        for path, k in level:
            for i in range(fan):
                following.append((f"{path}/n{i}", k + 1))
        out += [(path, words[k % len(words)]) for path, k in following]
        level = following
    return out[:n]


def shapes(n=10000):
    """Every shape of n entries."""
    yield Shape("flat-all", profile(flat(n, ("read", "write", "deny"))))
    yield Shape("flat-read", profile(flat(n, ("read",))))
    yield Shape("flat-write", profile(flat(n, ("write",))))
    yield Shape("flat-deny", profile([("/srv", "write")] + flat(n - 1, ("deny",))))
    yield Shape("flat-kept", profile([("/srv", "write")] + flat(n - 1, ("read",))))
    yield Shape("spread", profile(spread(n)))
    yield Shape("root-deny", profile([(":root", "read")] + spread(n - 1)))
    yield Shape("root-write", profile([(":root", "write")] + spread(n - 1)))
    for depth in (5, 20, 60):
        yield Shape(f"chain-{depth}", profile(chains(n, depth, ("write", "read"))))
        yield Shape(f"chain-{depth}-all", profile(chains(n, depth, ("write", "deny", "read", "deny"))))
    yield Shape("chain-same", profile(chains(n, 20, ("write",))))
    yield Shape("chain-down", profile(chains(n, 3, ("read", "write", "deny"))))
    yield Shape("read-deny", profile(chains(n, 20, ("read", "deny"))))
    yield Shape("tree-2", profile(tree(n, 2, ("write", "read"))))
    yield Shape("tree-3", profile(tree(n, 3, ("write", "read", "deny"))))
    yield Shape("tree-10", profile(tree(n, 10, ("write", "deny", "read"))))
    yield Shape("tree-100", profile(tree(n, 100, ("read", "write"))))
    yield Shape("workspace", profile([(p[1:], a) for p, a in spread(n)], below=":workspace_roots", extends=":workspace"))
    roots = "[permissions.large.workspace_roots]\n" + "".join(f'"/work/r{i}" = true\n' for i in range(n // 100))
    yield Shape("roots-100", profile([(f"d{i}/e{i}", a) for i, a in enumerate(accesses(("read", "deny"), 100))],
                                     below=":workspace_roots", extends=":workspace", tables=roots))
    roots = "[permissions.large.workspace_roots]\n" + "".join(f'"/work/r{i}" = true\n' for i in range(n))
    yield Shape("roots-only", profile([(".", "write")], below=":workspace_roots", tables=roots))
    yield Shape("tops", profile([(f"/t{i}/a/b", a) for i, a in enumerate(accesses(("read", "write"), n))]))
    yield Shape("home", profile([("~" + p, a) for p, a in spread(n)]))
    yield Shape("home-files", profile([("~", "write")] + [(f"~/.config/a{i}/key", "deny") for i in range(n - 1)]))
    yield Shape("patterns", profile([(p[1:], a) for p, a in spread(n - 3)] + [(p, "deny") for p in PATTERNS],
                                    below=":workspace_roots", extends=":workspace"))
    yield Shape("patterns-many", profile([(f"s{i}/**/.env", "deny") for i in range(min(n, 60))] +
                                         [(p[1:], a) for p, a in flat(n - 60, ("read", "deny"))],
                                         below=":workspace_roots", extends=":workspace"))
    yield Shape("patterns-roots", profile([(f"/srv/w{i}", "write") for i in range(n // 3)] +
                                          [(f"/opt/r{i}", "read") for i in range(n - n // 3 - 3)] +
                                          [("/srv/**/.env", "deny"), ("/opt/**/*.key", "deny"), ("/x/**/b/*.pem", "deny")]))
    yield Shape("names", profile([(f"/srv/p{i}{end}", a) for i in range(n // 3)
                                  for end, a in (("", "write"), ("/.git/hooks", "write"), ("/.git/config", "deny"))]))
    yield Shape("names-depths", profile([(f"/srv/{'x/' * (i % 30)}p{i}", "write") for i in range(n)]))
    yield Shape("nested", profile([(f"/srv/a{i // 8}" + "".join(f"/p{k}" for k in range(i % 8)), a)
                                   for i, a in enumerate(accesses(("read", "deny"), n))]))
    some = random.Random(2)
    yield Shape("tree-random", profile(list({"/srv" + "".join("/" + some.choice("abcdef") for _ in range(some.randint(1, 9))):
                                             some.choice(("read", "write", "deny")) for _ in range(3 * n)}.items())[:n]))
    yield Shape("patterns-60", profile([(f"**/x{i}*.pem", "deny") for i in range(min(n, 60))] +
                                       [(p[1:], a) for p, a in flat(n - 60, ("read", "deny"))],
                                       below=":workspace_roots", extends=":workspace"))
    yield Shape("long-names", profile([(f"/srv/{'n' * 60}-{i}", a) for i, a in
                                       enumerate(accesses(("read", "write", "deny"), n))]))
    yield Shape("utf-8", profile([(f"/srv/\u00e9t\u00e9 \u65e5\u672c{i}", a) for i, a in
                                  enumerate(accesses(("read", "write", "deny"), n))]))

    # Bound to a host: places that are there, and places that are not.
    every = accesses(("read", "write", "deny"), n)
    there = tuple(f"d{i % 97}/e{i}" for i in range(n))
    yield Shape("host-there", profile([(f"{ROOT}/ws/{p}", a) for p, a in zip(there, every)]), True,
                dirs=tuple("ws/" + p for p in there))
    yield Shape("host-missing", profile([(f"{ROOT}/ws/{p}", a) for p, a in zip(there, every)]), True,
                dirs=tuple(f"ws/d{i}" for i in range(97)))
    yield Shape("host-all-missing", profile([(f"{ROOT}/ws/none/{p}", a) for p, a in zip(there, every)]), True)
    yield Shape("host-missing-denied", profile([(f"{ROOT}/ws", "write")] +
                                               [(f"{ROOT}/ws/e{i}", "deny") for i in range(n - 1)]), True)
    yield Shape("host-missing-kept", profile([(f"{ROOT}/ws", "write")] +
                                             [(f"{ROOT}/ws/{p}", "read") for p in there[1:]]), True)
    yield Shape("host-missing-patterns", profile([(p, a) for p, a in zip(there, every)] +
                                                 [(p, "deny") for p in PATTERNS],
                                                 below=":workspace_roots", extends=":workspace"), True)
    yield Shape("host-missing-deep", profile([(ROOT + "/ws" + p, a) for p, a in chains(n, 10, ("write", "read", "deny"))]),
                True)
    letters = random.Random(1)
    odd = ["".join(letters.choice("abcdefghijklmnopqrstuvwxyzABC-_. 0123") for _ in range(12)) + "x" for _ in range(n)]
    yield Shape("host-missing-odd", profile([(f"{ROOT}/ws/d{i % 97}/{name}", a) for i, (name, a) in enumerate(zip(odd, every))]),
                True, dirs=tuple(f"ws/d{i}" for i in range(97)))
    yield Shape("host-missing-apart", profile([(f"{ROOT}/ws/d{i}/{name}", a) for i, (name, a) in enumerate(zip(odd, every))]),
                True, dirs=tuple(f"ws/d{i}" for i in range(n)))
    yield Shape("host-write", profile([(f"{ROOT}/ws/d{i}", "write") for i in range(n)]), True,
                dirs=tuple(f"ws/d{i}" for i in range(n)))
    yield Shape("host-links", profile([(f"{ROOT}/l{i}/x", a) for i, a in enumerate(accesses(("read", "deny"), n))]), True,
                dirs=("t",), links=tuple((f"l{i}", "t") for i in range(n)))
    yield Shape("host-depths", profile([(f"{ROOT}/ws/{'k/' * (i % 12)}m{i}", a) for i, a in enumerate(every)]), True,
                dirs=("ws" + "/k" * 12,))
    yield Shape("host-patterns", profile([(p, a) for p, a in zip(there[3:], every)] + [(p, "deny") for p in PATTERNS],
                                         below=":workspace_roots", extends=":workspace"), True,
                dirs=tuple("ws/" + p for p in there))
    yield Shape("host-mixed", profile([(f"{ROOT}/ws/{p}", a) for p, a in zip(there, every)]), True,
                dirs=tuple("ws/" + p for p in there[::2]))


def make(shape, root):
    """Its tree below an existing directory; returns the profile's text."""
    import os
    for d in ("ws", "home", "tmp") + shape.dirs:
        os.makedirs(f"{root}/{d}", exist_ok=True)
    for f in shape.files:
        open(f"{root}/{f}", "w").close()
    for name, target in shape.links:
        if not os.path.islink(f"{root}/{name}"):
            os.symlink(target, f"{root}/{name}")
    return shape.profile.replace(ROOT, root)


def command(shape, cdxpc, root, source, out):
    host = ["--host", f"--cwd={root}/ws", f"--home={root}/home", f"--tmpdir={root}/tmp"] if shape.host else []
    return [cdxpc, "compile", "-q", "--emit=seatbelt"] + host + ["-o", out, source]


def argument_bytes(text):
    """Of `-D NAME=VALUE' for each parameter, as execve(2) counts them."""
    return sum(len(b"-D") + 1 + len(line[6:]) + 1 for line in text.split(b"\n") if line.startswith(b";; -D "))
