# SPDX-License-Identifier: Apache-2.0
"""windows_case - a made-up host and a profile for Windows: what should be there, and a plan judged on every path

What should be is said by the evaluator of profiles in reference.py, and the deviations that the plan names; what is, by
an evaluator of DACLs, under the strict and the measured reading of write-restricted tokens.
"""
import json, os, subprocess
from pathlib import Path

import acl_reference as acl
import reference as ref
from reference import below, join, parent, within

BUILD = Path(os.environ.get("top_builddir", ".")).resolve()
COMPILE = BUILD / "cdxpc"
PLATFORM = ["/C:/Windows", "/C:/Program Files", "/C:/Program Files (x86)", "/C:/ProgramData"]
PRIVATE = ".ssh .tsh .brev .gnupg .aws .azure .kube .docker .config .npm .pki .terraform.d".split()
HOME, CWD, TEMP = "/C:/Users/me", "/C:/w/ws", "/C:/Users/me/temp"
NAMES = ["a", "b", "c", "ab", "x.key", ".git", ".codex", "a b"]
GLOBS = ["**/*.key", "*.key", "a/**", "[ab]/c", "**/.git", "b*", "?", "**/a/b", "**/c/**"]
READS, WRITES = (0x1, 0x8, 0x20, 0x80), (0x2, 0x4, 0x10, 0x100)
BACKENDS = ("windows-elevated", "windows-unelevated")


def windows(path):
    """ "/C:/a" as "C:\\a". """
    return path[1:].replace("/", "\\") + ("\\" if len(path) == 3 else "")


def posix(text):
    """The reverse; "@NAME\\.." and the like do not occur where a host is given."""
    return "/" + text.replace("\\", "/").rstrip("/")


# Random cases

class Case:
    """A host, a profile in the words of the product and in those of the reference, and what both mean."""

    def __init__(self, rng, cwd=CWD):
        self.cwd = cwd
        self.nodes = {cwd: ("d",), HOME: ("d",), "/C:/w": ("d",)}
        self.random_host(rng)
        self.random_profile(rng)

    def random_host(self, rng):
        if rng.random() < .8:
            self.add(TEMP, ("d",))
        for p in PLATFORM:
            if rng.random() < .7:
                self.add(p, ("d",))
        if rng.random() < .5:
            self.add(join(HOME, rng.choice(PRIVATE)), ("d",))
        if rng.random() < .3:
            self.add(join(self.cwd, ".git"), rng.choice([("d",), ("f", "gitdir: C:/w/" + rng.choice(NAMES) + "/g\n"),
                                                      ("f", "gitdir: ..\\g\n"), ("f", "x")]))
        for _ in range(rng.randint(2, 14)):
            top = rng.choice([self.cwd, self.cwd, "/C:/w", HOME, "/C:/d", TEMP])
            names = [rng.choice(NAMES) for _ in range(rng.randint(1, 3))]
            self.add(join(top, "/".join(names)), rng.choice([("d",), ("d",), ("f", "x")]))

    def add(self, path, node):
        up = path
        while up != "/":
            up = parent(up)
            if self.nodes.get(up, ("d",)) != ("d",):
                return
        if not any(below(n, path) for n in self.nodes):
            self.nodes.setdefault(path, node)

    def random_profile(self, rng):
        self.product, self.reference, self.text = [], [], {}
        used, seen = set(), {}

        def put(place, sub, access):
            """A place as (key for Windows, key for the reference)."""
            if (place[1], sub and sub.lower()) in used:
                return
            used.add((place[1], sub and sub.lower()))
            spelt = sub
            if sub and rng.random() < .3 and not any(c in sub for c in "*?["):
                spelt = "".join(rng.choice([c.upper(), c]) for c in sub)
            seen.setdefault(place, {})[sub] = (spelt, access)

        root = rng.random()
        if root < .75:
            put((":root", ":root"), None, "read")
        if root > .6:
            put((":minimal", ":minimal"), None, "read")
        if rng.random() < .8:
            put((":workspace_roots", ":workspace_roots"), ".", "write" if rng.random() < .9 else "read")
        if rng.random() < .4:
            put((":tmpdir", ":tmpdir"), None, "write")
        restricted = rng.random() < .6
        for _ in range(rng.randint(0, 6)):
            rel = "/".join(rng.choice(NAMES) for _ in range(rng.randint(1, 3)))
            access = rng.choice(["read", "read", "write", "write"] + ["deny"] * 3 * restricted)
            kind = rng.random()
            if kind < .5:
                put((":workspace_roots", ":workspace_roots"), rel, access)
            elif kind < .75:
                base = rng.choice(["/C:/w", "/C:/d", self.cwd, "/C:/w/" + rng.choice(NAMES)])
                put((windows(base), base), rel, access)
            elif kind < .9:
                put(("~/" + rel, "~/" + rel), None, access)
            elif restricted:
                put((":workspace_roots", ":workspace_roots"), rng.choice(GLOBS), "deny")
        self.network = rng.random() < .7
        for side in range(2):
            lines = ["[permissions.p.filesystem]"]
            for place, subs in seen.items():
                key = json.dumps(place[side])
                if None in subs:
                    lines.append(f"{key} = \"{subs[None][1]}\"")
                else:
                    inside = ", ".join(f"{json.dumps(s[side == 1 and 1 or 0] if side == 0 else sub)} = \"{s[1]}\""
                                       for sub, s in ((sub, (v[0], v[1])) for sub, v in subs.items()))
                    lines.append(f"{key} = {{ {inside} }}")
            lines += ["[permissions.p.network]", f"enabled = {str(self.network).lower()}"]
            self.text[side] = "default_permissions = \"p\"\n" + "\n".join(lines) + "\n"

    def facts(self):
        places = []
        for path, node in sorted(self.nodes.items()):
            place = {"path": windows(path), "is": "directory" if node[0] == "d" else "file"}
            if node[0] == "f":
                place["content"] = node[1]
            places.append(place)
        return {"cdxp_facts": 1, "system": "windows", "cwd": windows(self.cwd), "home": windows(HOME), "temp": windows(TEMP),
                "places": places}

    def compile(self, directory):
        """{backend: plan}, and what was said."""
        facts, toml = os.path.join(directory, "facts.json"), os.path.join(directory, "p.toml")
        Path(facts).write_text(json.dumps(self.facts()))
        Path(toml).write_text(self.text[0])
        out = os.path.join(directory, "p.acl.json")
        Path(out).unlink(missing_ok=True)
        p = subprocess.run([COMPILE, "compile", "-w", "--emit=windows", "--advisory-network", "--facts", facts, "-o", out, toml],
                           capture_output=True, text=True)
        if p.returncode not in (0, 1):
            raise AssertionError(f"status {p.returncode}: {p.stderr}")
        plans = json.loads(Path(out).read_text())["plans"] if p.returncode == 0 else {}
        return plans, p.stderr

    def meaning(self):
        """The reference's policy; its hosts have no drives, so C: is a directory."""
        ref.PLATFORM = PLATFORM
        nodes = {p: tuple(x.replace("C:/", "/C:/").replace("\\", "/") if x.startswith("gitdir") else x for x in n)
                 for p, n in self.nodes.items()}
        return ref.bind(ref.Profile(self.text[1], "p"), ref.Host(nodes), self.cwd, HOME, TEMP)


# What should be

class Expected:
    """The policy with the deviations that Windows has."""

    def __init__(self, case, policy, elevated):
        self.case, self.p, self.elevated = case, policy, elevated
        self.host = policy.host
        self.full = elevated and policy.access("/") == "read"

    def exists(self, p):
        return self.host.kind(p) != ""

    def globbed(self, p):
        """snapshot: names that appear later are not covered, but for all below a literal place."""
        if self.exists(p):
            return self.p.globbed(p)
        return any(len(g.steps) == len(ref.components(g.literal)) + 1 and g.steps[-1] == "**" and below(p, g.literal)
                   for g in self.p.patterns) or p != "/" and self.globbed(parent(p))

    def emptied(self, p):
        """closed: X of X/** keeps what it has and gets nothing new."""
        return any(len(g.steps) == len(ref.components(g.literal)) + 1 and g.steps[-1] == "**" and p == g.literal and
                   self.host.kind(p) in "d" for g in self.p.patterns)

    def readable(self, p):
        if self.globbed(p) or self.p.access(p) == "deny":
            return False
        e = self.p.entry(p)
        if not self.full or e.path != "/":
            return True
        # read-roots: of everything, the platform's directories and the profile's without those that hold keys
        if any(within(p, r) and self.exists(r) for r in PLATFORM):
            return True
        child = p[len(HOME) + 1:].split("/")[0]
        return below(p, HOME) and child not in PRIVATE

    def writable(self, p):
        return self.p.access(p) == "write" and not self.globbed(p) and not self.p.shielded(p) and not self.emptied(p)

    def inside(self, p):
        """In a place that can be written, which exists."""
        return any(self.exists(q) and self.writable(q) for q in ancestors(p))


def ancestors(p):
    while True:
        yield p
        if p == "/":
            return
        p = parent(p)


# What is

class Reference:
    """The evaluator of this package."""
    name = "acl_reference"

    def volume(self, owner):
        self.owner = owner
        self.v = acl.Volume([(False, acl.OI | acl.CI, acl.ALL, owner)], owner)

    def add(self, path, directory, owner, own):
        self.v.add(ref.components(path), directory, owner, own)

    def token(self, user, groups, restricting):
        return acl.Token(user, frozenset(groups), frozenset(), tuple(restricting), True)

    def check(self, path, want, token, reading):
        return self.v.check(ref.components(path), want, token, reading)

    def can_delete(self, path, token, reading):
        return self.v.can_delete(ref.components(path), token, reading)


class Model(Reference):
    """The other one."""
    name = "aclmodel"

    def __init__(self, m):
        self.m = m

    def volume(self, owner):
        self.v = self.m.Volume([self.m.Ace(False, 3, 0x1f01ff, owner)], owner)

    def add(self, path, directory, owner, own):
        self.v.add(path[1:], directory, owner, [self.m.Ace(*e) for e in own])

    def token(self, user, groups, restricting):
        return self.m.Token(user, frozenset(groups), frozenset(), tuple(restricting), True)

    def check(self, path, want, token, reading):
        return self.v.check(path[1:], want, token, reading)

    def can_delete(self, path, token, reading):
        return self.v.can_delete(path[1:], token, reading)


ME, SANDBOX, GROUP, LOGON = "S-1-5-21-1-1-1-1001", "S-1-5-21-1-1-1-2001", "S-1-5-21-1-1-1-2000", "S-1-5-5-0-77"
FIXED = {"user": ME, "group": GROUP, "sandbox-user": SANDBOX, "logon": LOGON, "everyone": "S-1-1-0", "users": "S-1-5-32-545",
         "authenticated-users": "S-1-5-11", "owner-rights": "S-1-3-4"}
FLAGS = {"": 0, "CI": 2, "OICI": 3, "OICIIO": 11}


def sid_of(plan, who):
    """A capability belongs to the path of its root and the hash of its entries."""
    if who == "readonly":
        return "S-1-5-21-7-7-7-7"
    if not who.startswith("capability:"):
        return FIXED[who]
    root = plan["roots"][int(who.split(":")[1])]
    return f"S-1-5-21-9-{int(root['hash'][:8], 16)}-{len(root['path'])}-" + str(sum(map(ord, root["path"])))


def ace(plan, e):
    return (e["type"] == "deny", FLAGS[e["flags"]], int(e["mask"], 16), sid_of(plan, e["to"]))


class Tree:
    """The host with plans applied, as one evaluator sees it, and the token of each plan; all of it belongs to OWNER."""

    def __init__(self, judge, nodes, plans, owner=ME):
        self.judge, self.paths = judge, []
        kinds = {"/": "d"}
        for p, node in nodes.items():
            for up in ancestors(p):
                kinds.setdefault(up, "d")
            kinds[p] = node[0]
        self.made, own = set(), {}
        folded = {p.lower(): p for p in kinds}

        def stored(text):
            """What is there under that name; the reference has lower case for all that is not."""
            p = posix(text).lower()
            return next((join(folded[q], p[len(q) + 1:]) for q in ancestors(p) if q in folded and q != "/"), p)
        for plan in plans:
            for place in plan["places"]:
                p = stored(place["path"])
                if p not in self.made:
                    assert place["make"] == (p not in kinds), f"{p} exists, or not"
                if place["make"]:
                    kinds.setdefault(p, place["is"][0])
                    self.made.add(p)
                if kinds[p] != place["is"][0]:
                    raise Clash(p)
        for plan in plans:
            for place in plan["places"]:
                p = stored(place["path"])
                for e in place["entries"]:
                    to = [p]
                    if e["for"] == "read-profile":
                        to = [c for c in kinds if parent(c) == p and c != p and
                              c.rsplit("/", 1)[1].lower() not in place["children_but"]]
                    for q in to:
                        if ace(plan, e) not in own.setdefault(q, []):
                            own[q].append(ace(plan, e))
        self.kinds = kinds
        judge.volume(ME)
        for p in sorted(kinds):
            if p != "/":
                judge.add(p, kinds[p] == "d", owner, sorted(own.get(p, []), key=lambda e: not e[0]))
                self.paths.append(p)

    def token(self, plan):
        elevated = plan["backend"] == "windows-elevated"
        groups = [FIXED["everyone"], LOGON, FIXED["users"], FIXED["authenticated-users"]] + [GROUP] * elevated
        return self.judge.token(SANDBOX if elevated else ME, groups,
                                [sid_of(plan, w) for w in plan["token"]["restricting"]])


class Wrong(Exception):
    pass


class Clash(Exception):
    """Two plans make different things of one name."""


def all_or_none(tree, path, masks, token, reading, what):
    got = {tree.judge.check(path, m, token, reading) for m in masks}
    if len(got) > 1:
        raise Wrong(f"{what} {path}: some of the rights and not all ({reading})")
    return got.pop()


def judge_case(case, plan, expected, judge, counts, verbose):
    """Every path of the tree, and a name in every directory, for each reading; raises Wrong."""
    tree = Tree(judge, case.nodes, [plan])
    token = tree.token(plan)
    elevated = expected.elevated
    user = SANDBOX if elevated else ME
    new = []
    for d in tree.paths:
        if tree.kinds[d] == "d":
            for name, directory in (("new", True), ("new.txt", False), (".git", True), ("a", False), ("x.key", False)):
                p = join(d, name)
                if p not in tree.kinds:
                    new.append((p, directory))
    for reading in ("strict", "measured"):
        outside_delete = not elevated and reading == "measured"
        for p in tree.paths:
            counts["operations"] += 4
            want = expected.readable(p) if p not in tree.made else expected.p.access(p) != "deny" and not expected.globbed(p)
            if all_or_none(tree, p, READS, token, reading, "read") != want:
                raise Wrong(f"read {p} should be {want} ({reading})")
            want = expected.writable(p)
            if all_or_none(tree, p, WRITES, token, reading, "write") != want:
                raise Wrong(f"write {p} should be {want} ({reading})")
            if judge.check(p, 0x40000, token, reading) or judge.check(p, 0x80000, token, reading):
                raise Wrong(f"the protection of {p} can be rewritten ({reading})")
            if want:
                want = not expected.p.pinned(p) and not pinned_by_made(tree, expected, p)
            elif outside_delete and not expected.inside(p):
                continue
            # it can be renamed within its directory where it can be deleted
            if judge.can_delete(p, token, reading) != want:
                raise Wrong(f"delete {p} should be {want} ({reading})")
        for p, directory in new:
            counts["operations"] += 2
            up = parent(p)
            may = judge.check(up, 4 if directory else 2, token, reading)
            if not expected.writable(p) and not expected.globbed(p) and expected.writable(up) and not snapshot(expected, p):
                raise Wrong(f"{p} must not appear, and nothing is made in its place")
            want = expected.writable(up)
            if may != want:
                raise Wrong(f"create {p} should be {want} ({reading})")
            if not may:
                continue
            # made by the command: it is its own, with nothing but what it inherits
            judge.add(p, directory, user, [])
            if not all_or_none(tree, p, READS + WRITES, token, reading, "use"):
                raise Wrong(f"{p} cannot be used by who made it ({reading})")
            if judge.check(p, 0x40000, token, reading) or judge.check(p, 0x80000, token, reading):
                raise Wrong(f"the protection of {p} can be rewritten by who made it ({reading})")
            if not judge.can_delete(p, token, reading):
                raise Wrong(f"{p} cannot be deleted by who made it ({reading})")


def snapshot(expected, p):
    return expected.p.globbed(p)


def pinned_by_made(tree, expected, p):
    """What was made has a place to keep, too."""
    return p in tree.made and any(below(q, p) and not expected.writable(q) for q in tree.made)
