# SPDX-License-Identifier: Apache-2.0
"""reference - what a profile means, by the words of the semantics, slow and literal

The judge of the product: it reads the text of a profile, binds it to a made-up host or to the generic one, and
answers what may be read, written and renamed. It shares nothing with the product. Texts are kept as one character
for each byte (latin-1), as names compare by bytes.
"""
import dataclasses, ipaddress, tomllib

from reference_path import (Pattern, below, components, escape, glob_alternatives, is_pattern, join, normal, parent,
                            raw, unescape, within)

NAMES = (".git", ".agents", ".codex")
RANK = {"read": 1, "write": 2, "deny": 3}
PLATFORM = ("/bin", "/sbin", "/usr", "/etc", "/lib", "/lib32", "/lib64", "/nix/store", "/run/current-system/sw")


# Profiles

@dataclasses.dataclass
class Item:
    anchor: str         # abs home workspace tmpdir slash_tmp minimal
    path: str           # below the anchor; of a pattern the glob
    access: str
    pattern: bool
    text: str           # as written
    names: set          # whatever a child that has one of these replaces


PLACES = {":root": ("abs", "/"), ":minimal": ("minimal", ""), ":workspace_roots": ("workspace", ""),
          ":project_roots": ("workspace", ""), ":cwd": ("workspace", ""), ":tmpdir": ("tmpdir", ""),
          ":slash_tmp": ("slash_tmp", "")}


def read_anchor(key):
    if key in PLACES:
        return PLACES[key]
    if key == "~" or key.startswith("~/"):
        return "home", key[2:]
    if key.startswith("/"):
        return "abs", key
    raise ValueError(key)


def make_item(anchor, path, pattern, access, text):
    access = "deny" if access == "none" else access
    if pattern:
        path = ("/" if anchor == "abs" else "") + "/".join(components(path))
        names = {(anchor, "pattern", path)}
        for c in components(path):
            glob_alternatives(c)
        if access == "deny":
            return Item(anchor, path, access, True, text, names)
        head, last = path.rpartition("/")[::2]
        if last != "**" or is_pattern(head):
            raise ValueError(text)
        path = unescape(head)
    else:
        names = set()
    path = normal(path) if anchor == "abs" else normal(path)[1:]
    return Item(anchor, path, access, False, text, names | {(anchor, "path", path)})


def read_filesystem(table):
    items = []
    for key, value in table.items():
        if key == "glob_scan_max_depth":
            continue
        anchor, path = read_anchor(raw(key))
        pattern = is_pattern(path)
        if pattern and not isinstance(value, str):
            raise ValueError("a table for a pattern")
        if isinstance(value, str):
            items.append(make_item(anchor, path if pattern else unescape(path), pattern, value, key))
            continue
        for sub, access in value.items():
            rel, literal = raw(sub), unescape(path)
            if sub == ".":
                items.append(make_item(anchor, literal, False, access, sub))
            elif is_pattern(rel):
                items.append(make_item(anchor, join(escape(literal), rel), True, access, sub))
            else:
                items.append(make_item(anchor, join(literal, unescape(rel)), False, access, sub))
    return items


BUILTIN = {
    ":read-only": {"filesystem": {":root": "read"}},
    ":workspace": {"filesystem": {":root": "read", ":workspace_roots": {
        ".": "write", ".git": "read", ".agents": "read", ".codex": "read"}, ":slash_tmp": "write", ":tmpdir": "write"}},
}


class Profile:
    """A profile with all that it inherits."""

    def __init__(self, text, name):
        config = tomllib.loads(text)
        self.items, self.roots, self.depth = [], {}, 0
        self.network, self.domains, self.sockets = {}, None, None
        self.protected = list(NAMES) + [raw(n) for n in config.get("cdxp", {}).get("protect", [])]
        chain = []
        while name is not None:
            table = BUILTIN[name] if name in BUILTIN else config["permissions"][name]
            chain.append(table)
            name = table.get("extends")
        for table in reversed(chain):
            self.add(table)

    def add(self, table):
        new = read_filesystem(table.get("filesystem", {}))
        self.depth = table.get("filesystem", {}).get("glob_scan_max_depth", self.depth)
        named = set()
        for i in new:
            if i.names & named:
                raise ValueError("twice: " + i.text)
            named |= i.names
        self.items = [i for i in self.items if not i.names & named] + new
        for key, on in table.get("workspace_roots", {}).items():
            anchor, path = read_anchor(raw(key))
            self.roots[anchor, normal(path)[anchor == "home":]] = on
        for key, value in table.get("network", {}).items():
            if key == "domains":
                self.domains = {**(self.domains or {}), **{domain_key(k): v for k, v in value.items()}}
            elif key == "unix_sockets":
                self.sockets = {**(self.sockets or {}), **{
                    (a, normal(p)[a == "home":]): v for k, v in value.items() for a, p in [read_anchor(raw(k))]}}
            else:
                self.network[key] = value

    def network_mode(self):
        if not self.network.get("enabled", False):
            return "off"
        # "full" is the default, so writing it changes nothing
        return "open" if self.domains is None and self.network.get("mode", "full") == "full" else "proxied"


# Hosts

class Host:
    """What exists: path to ("d",), ("f", content), ("l", target)."""
    generic = False

    def __init__(self, nodes):
        self.nodes = dict(nodes)
        for path in list(nodes):
            while path != "/":
                path = parent(path)
                self.nodes.setdefault(path, ("d",))

    def node(self, path):
        return self.nodes.get(path, ("",))

    def kind(self, path):
        return self.node(path)[0]

    def exists(self, path):
        """Links that lead nowhere, or around, lead to nothing."""
        try:
            return self.kind(self.resolve(path)[0]) != ""
        except Refused:
            return False

    def lines(self):
        """As host_fake() reads them."""
        for path in sorted(self.nodes):
            node = self.nodes[path]
            yield {"d": f"d {path}", "f": f"f {path} {node[-1]}", "l": f"l {path} -> {node[-1]}"}[node[0]]

    def resolve(self, path, dotted=False):
        """The canonical form of an absolute path, and the links it goes through."""
        left, at, links = list(components(path if dotted else normal(path))), "/", []
        while left:
            c = left.pop(0)
            if c == ".":
                continue
            if c == "..":
                at = parent(at)
                continue
            at = join(at, c)
            if self.kind(at) == "l":
                links.append(at)
                if len(links) > 40:
                    raise Refused("links")
                target = self.node(at)[1]
                at = "/" if target.startswith("/") else parent(at)
                left = list(components(target)) + left
        return at, links


class Everything(Host):
    """The host of the generic binding: every place exists and is a directory."""
    generic = True

    def __init__(self):
        super().__init__({"/": ("d",)})

    def node(self, path):
        return ("d",)

    def resolve(self, path, dotted=False):
        return normal(path), []


class Refused(Exception):
    pass


@dataclasses.dataclass
class Entry:
    path: str
    access: str
    platform: bool = False
    shared: bool = False        # :tmpdir, :slash_tmp
    text: str = ""


class Policy:
    """A bound policy; the methods have the names and the words of the semantics."""

    def __init__(self, entries, patterns, host, names=NAMES, policy_files=()):
        self.E, self.patterns, self.host, self.names = entries, patterns, host, names
        self.links = set()              # links on the way to what is granted
        self.policy_files = list(policy_files)
        self.known_globbed = {}         # answers given before
        self.free = (any(e.path == "/" and e.access == "write" for e in entries) and
                     all(e.access == "write" for e in entries) and not patterns)
        self.gitdirs, self.mentions = [], []
        self.shields = [] if self.free else self.find_shields()
        self.found = [(g, self.matches_of(g)) for g in patterns]

    def find_shields(self):
        writes, out = [e for e in self.E if e.access == "write"], []
        for e in writes:
            if self.host.kind(e.path) != "d":
                continue
            if any(within(e.path, join(f.path, n)) for f in writes for n in self.names):
                continue        # at or below a protected name
            for n in self.names:
                child = join(e.path, n)
                if e.shared and (self.host.generic or not self.host.kind(child)):
                    continue
                out.append(child)
                if self.host.kind(child) == "l":
                    self.mentions.append(child)
                if n == ".git" and self.host.kind(child) == "f":
                    out += self.gitdir(e.path, self.host.node(child)[1])
        return out

    def gitdir(self, directory, text):
        if not text.startswith("gitdir:") or not text[7:].strip():
            return []
        dirs = [self.mention(directory, text[7:].strip())]
        common = self.mention(dirs[0], "commondir")
        if self.host.kind(common) == "f" and self.host.node(common)[1].strip():
            dirs.append(self.mention(dirs[0], self.host.node(common)[1].strip()))
        return dirs

    def mention(self, directory, path):
        path, links = self.host.resolve(path if path.startswith("/") else join(directory, path), True)
        self.mentions += links
        return path

    def matches_of(self, g):
        """What exists and is matched; nothing is asked of what lies in a matched directory, it is denied."""
        return [p for p in self.host.nodes if not self.host.generic and g.matches(p)]

    def entry(self, p):
        on_the_way = [e for e in self.E if within(p, e.path)]
        # a platform root loses to any written entry on the same path
        return max(on_the_way, key=lambda e: (len(components(e.path)), not e.platform, RANK[e.access]), default=None)

    def access(self, p):
        e = self.entry(p)
        return e.access if e else "deny"

    def globbed(self, p):
        if p not in self.known_globbed:
            self.known_globbed[p] = p != "/" and (
                any(g.matches(p) for g in self.patterns) or self.globbed(parent(p)))
        return self.known_globbed[p]

    def shielded(self, p):
        return any(within(p, s) for s in self.policy_files) or any(
            within(p, s) and not any(f.access == "write" and within(f.path, s) and within(p, f.path) for f in self.E)
            for s in self.shields)

    def readable(self, p):
        if p in self.links and not self.globbed(p):
            return True
        return self.free or self.access(p) != "deny" and not self.globbed(p)

    def tree_writable(self, p):
        """As far as entries and shields go."""
        return self.access(p) == "write" and not self.shielded(p)

    def writable(self, p):
        if self.free:
            return not any(within(p, s) for s in self.policy_files)
        return self.access(p) == "write" and not self.globbed(p) and not self.shielded(p)

    def traversable(self, p):
        return self.readable(p) or any(
            below(q, p) and self.readable(q) for q in [e.path for e in self.E] + sorted(self.links))

    def pinned(self, p):
        if self.free or not self.writable(p):
            return False
        if p == "/" or not self.writable(parent(p)):
            return True
        if any(e.path == p for e in self.E):
            return True
        for q in [e.path for e in self.E] + self.shields + self.policy_files:
            if below(q, p) and not self.tree_writable(q):
                return True
        for g, found in self.found:
            if within(g.literal, p) or any(below(m, p) for m in found):
                return True
            if self.host.kind(p) == "d" and not self.host.generic and within(p, g.literal) and \
                    g.progress(p) > g.progress(parent(p)):
                return True
        return False

    def may(self, op, p):
        return {"read": self.readable, "write": self.writable, "traverse": self.traversable,
                "rename": lambda q: self.writable(q) and not self.pinned(q)}[op](p)

    def depends_on_links(self):
        """A link that the policy names lies where it allows writing."""
        return not self.free and any(self.writable(parent(link)) for link in self.mentions)


def bind(profile, host, cwd, home, tmpdir, policy_files=()):
    """Refused where it cannot be."""
    mentions, granted = [], set()

    def resolve(path, grant=False):
        canonical, links = host.resolve(path)
        mentions.extend(links)
        if grant:
            granted.update(links)
        return canonical

    def bases(anchor):
        """The spelt paths of an anchor."""
        if anchor == "abs":
            return ["/"]
        if anchor == "home":
            return [home]
        if anchor == "tmpdir":
            return [tmpdir] if tmpdir.startswith("/") else []
        if anchor == "slash_tmp":
            return ["/tmp"] if host.kind(resolve("/tmp")) == "d" else []
        if anchor == "workspace":
            return [cwd] + [join(bases(a)[0], p.lstrip("/")) for (a, p), on in profile.roots.items() if on]
        roots = [p for p in PLATFORM if host.exists(p)]
        conf = host.resolve("/etc/resolv.conf")[0] if host.exists("/etc/resolv.conf") else "/etc/resolv.conf"
        if not host.generic and profile.network_mode() != "off" and host.kind(conf) and \
                not within(conf, host.resolve("/etc")[0]):
            roots.append(conf if parent(conf) == "/" else parent(conf))
        return roots

    if host.kind(resolve(cwd)) != "d":
        raise Refused("working directory")
    for root in bases("workspace"):
        resolve(root)
    entries, patterns = [], []
    for i in profile.items:
        for base in bases(i.anchor):
            if not i.pattern:
                path = resolve(join(base, i.path.lstrip("/")), i.access != "deny")
                entries.append(Entry(path, i.access, i.anchor == "minimal", i.anchor in ("tmpdir", "slash_tmp"), i.text))
                continue
            g = Pattern("/" if i.anchor == "abs" else normal(base), i.path, i.text)
            patterns.append(g)
            literal = resolve(g.literal)
            if literal != g.literal:
                g.steps[:len(components(g.literal))] = [escape(c) for c in components(literal)]
                g.literal, g.key = literal, tuple(g.steps)
    b = Policy(entries, patterns, host, profile.protected, [resolve(p) for p in policy_files])
    b.links = granted
    # of X/** the whole of X is taken away, links and all
    b.mentions += mentions + [m for g, found in b.found for m in found if host.kind(m) == "l" and
                              g.steps != [escape(c) for c in components(g.literal)] + ["**"]]
    b.cwd, b.profile = resolve(cwd), profile
    b.sockets = [(resolve(join(bases(a)[0], p.lstrip("/"))), v) for (a, p), v in (profile.sockets or {}).items()]
    return b


# The network

SPECIAL_NETS = [ipaddress.ip_network(n) for n in """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
    """.split()]
SPECIAL_NETS_6 = [ipaddress.ip_network(n) for n in """
    64:ff9b:1::/48 2001:db8::/32 2001:2::/48 2001::/23 2002::/16 3fff::/20 fc00::/7 fe80::/10 fec0::/10 ff00::/8
    """.split()]


def address(text):
    try:
        a = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    return a.ipv4_mapped or a if a.version == 6 else a


def is_special(a):
    """Not public: by the registries of special addresses; all of IPv6 that is not 2000::/3 counts as reserved."""
    if a.version == 4:
        return any(a in n for n in SPECIAL_NETS)
    if a in ipaddress.ip_network("64:ff9b::/96"):
        return is_special(ipaddress.IPv4Address(int(a) & 0xffffffff))
    return a not in ipaddress.ip_network("2000::/3") or any(a in n for n in SPECIAL_NETS_6)


def domain_key(text):
    """(host, port or None) in one spelling: trimmed, lower case, no trailing dot, addresses canonical."""
    host, port = text.strip().lower(), None
    if host.startswith("["):
        host, _, rest = host[1:].partition("]")
        port = int(rest[1:]) if rest else None
    elif host.count(":") == 1:
        host, rest = host.split(":")
        port = int(rest)
    a = address(host)
    if a:
        return str(a), port
    host = host.removesuffix(".")
    stars = host[:host.index(".") + 1] if host.startswith("*.") or host.startswith("**.") else ""
    return stars + ".".join(label if label.isascii() else label.encode("idna").decode()
                            for label in host[len(stars):].split(".")), port


def domain_covers(rule, host, port):
    pattern, limit = rule
    if limit is not None and limit != port:
        return False
    if pattern == "*":
        return True
    if pattern.startswith("**."):
        return not address(host) and (host == pattern[3:] or host.endswith(pattern[2:]))
    if pattern.startswith("*."):
        return not address(host) and host.endswith(pattern[1:])
    return host == pattern


def may_reach(profile, destination, resolved):
    """True, False, or None: as far as the name goes."""
    mode = profile.network_mode()
    if mode != "proxied":
        return mode == "open"
    host, port = domain_key(destination)
    at = address(host) or (address(resolved) if resolved else None)
    asked = [host] + ([str(at)] if at else [])
    rules = (profile.domains or {}).items()
    if any(v == "deny" and domain_covers(k, h, port) for k, v in rules for h in asked):
        return False
    if not any(v == "allow" and domain_covers(k, host, port) for k, v in rules):
        return False
    if not at:
        return None
    return not is_special(at) or profile.network.get("allow_local_binding", False) or any(
        v == "allow" and address(k[0]) and domain_covers(k, str(at), port) for k, v in rules)


def may_connect(policy, path):
    """A socket of the host."""
    profile = policy.profile
    rules = [v for p, v in policy.sockets if within(path, p)]
    if rules:
        return all(v == "allow" for v in rules)
    if profile.network.get("dangerously_allow_all_unix_sockets", False):
        return True
    return profile.network_mode() == "open" and profile.sockets is None
