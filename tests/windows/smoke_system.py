# SPDX-License-Identifier: Apache-2.0
# smoke_system.py - what smoke.py runs on: this Windows, or Wine with a model of its files; and what came of it

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

REAL = os.name == "nt"
HERE = os.path.dirname(os.path.abspath(__file__))
wine = None
if not REAL:
    sys.path.insert(0, os.path.dirname(HERE))
    import wine

EVERYONE, USERS = "S-1-1-0", "S-1-5-32-545"
# Whom a model has in the place of the accounts of a machine plan.
GROUP, SANDBOX = "S-1-5-21-0-0-0-2000", "S-1-5-21-0-0-0-2001"
# Rights by their documented numbers; those below are asked twice of a write-restricted token.
WRITE_DATA, APPEND, DELETE_CHILD, DELETE, WRITE_DAC = 0x2, 0x4, 0x40, 0x10000, 0x40000
TWICE = 0x2 | 0x4 | 0x10 | 0x100 | 0x10000 | 0x40000 | 0x80000


class Tally:
    """What was tried so far."""

    def __init__(self):
        self.proved, self.not_tried = [], []
        self.failed = 0

    def number(self):
        return len(self.proved) + len(self.not_tried) + self.failed


tally = Tally()


def say(good, what, detail=""):
    if good:
        tally.proved.append(what)
    else:
        tally.failed += 1
    print("%s %d - %s" % ("ok" if good else "not ok", tally.number(), what), flush=True)
    if not good:
        print("# " + str(detail)[:1500].replace("\n", "\n# "), flush=True)
    return good


def skip(what, why):
    tally.not_tried.append(what + ": " + why)
    print("ok %d - %s # SKIP %s" % (tally.number(), what, why), flush=True)


def say_to(port, *messages):
    """All that comes back from the port of this machine, after each of these; None where nobody listens."""
    try:
        s = socket.create_connection(("127.0.0.1", port), timeout=60)
    except ConnectionRefusedError:
        return None
    got = b""
    with s:
        try:
            for message in messages:
                s.sendall(message)
                if message is not messages[-1]:
                    got += s.recv(2)
            while messages:
                more = s.recv(65536)
                if not more:
                    break
                got += more
        except ConnectionError:
            pass
    return got


# ---- one attempt, made by the command inside ----

PROBE = r"""
import os, sys
def attempt(op, path):
    if op == "read": open(path, "rb").read()
    elif op == "write": open(path, "r+b").write(b"x")
    elif op == "create": open(path, "xb").close(); os.unlink(path)
    elif op == "leave": open(path, "xb").close()
    elif op == "mkdir": os.mkdir(path); os.rmdir(path)
    elif op == "delete": os.rmdir(path) if os.path.isdir(path) else os.unlink(path)
    elif op == "rename": os.rename(path, path + ".moved"); os.rename(path + ".moved", path)
for op, path in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        attempt(op, path)
        print("yes")
    except PermissionError:
        print("no")
    except OSError as e:
        print("error", e)
"""


class Windows:
    """This computer."""

    name = "Windows"

    def __init__(self, exe):
        self.exe = exe
        self.base = tempfile.mkdtemp(prefix="cdxp-smoke-", dir=os.environ["USERPROFILE"])
        self.public = tempfile.mkdtemp(prefix="cdxp-smoke-", dir=os.environ["PUBLIC"])

    def dir(self, path):
        os.makedirs(path, exist_ok=True)
        return path

    def file(self, path, text="text"):
        self.dir(os.path.dirname(path))
        with open(path, "w", newline="\n") as f:
            f.write(text)
        return path

    def run(self, *words, **kw):
        kw.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([self.exe, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, **kw)

    def popen(self, *words, stdin=subprocess.DEVNULL):
        return subprocess.Popen([self.exe, *words], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def native(self, path):
        return path

    def copy(self, path):
        """cdxp-run.exe itself, where a command can see it."""
        return shutil.copy(self.exe, path)

    def has_proxy(self):
        return os.path.exists(os.path.join(os.path.dirname(self.exe), "cdxp-proxy.exe"))

    def proxy_lives(self, port):
        return say_to(port) is not None

    def world_writable(self, name):
        path = self.dir(os.path.join(self.public, name))
        subprocess.run(["icacls", path, "/grant", "*S-1-1-0:(OI)(CI)M"], check=True, stdout=subprocess.DEVNULL)
        return path

    def attempts(self, options, profile, pairs):
        """What a command under the profile can do: a list of yes, no, error."""
        words = [w for pair in pairs for w in pair]
        p = self.run(*options, profile, "--", sys.executable, "-I", "-S", "-c", PROBE, *words)
        lines = p.stdout.decode(errors="replace").split("\n")
        if p.returncode != 0:
            return ["not run: " + p.stderr.decode(errors="replace")] * len(pairs)
        return [line.strip() for line in lines[:len(pairs)]]

    def entries(self, *paths):
        return subprocess.run(["icacls", *paths[:1]], stdout=subprocess.PIPE).stdout if len(paths) == 1 else \
            [self.entries(p) for p in paths]

    def end(self, keep):
        if keep:
            print("# kept: %s, %s" % (self.base, self.public))
            return
        for path in (self.base, self.public):
            shutil.rmtree(path, ignore_errors=True)


class Model:
    """Wine, with the model of the files that cdxp-run.exe then uses, judged here."""

    def __init__(self, exe):
        self.w = wine.Wine()
        self.name = "Wine, with a model of its files"
        self.exe = shutil.copy(exe, self.w.base)
        proxy = os.path.join(os.path.dirname(exe), "cdxp-proxy.exe")
        if os.path.exists(proxy):
            shutil.copy(proxy, self.w.base)
        self.model = self.w.base + "/model.json"
        self.base, self.public = r"C:\smoke", r"C:\users\Public\smoke"
        self.dir(self.base)
        self.dir(self.public)
        self.wide = {}
        self.user = None
        self.who = set()

    def native(self, path):
        return self.w.drive_c() + path[2:].replace("\\", "/")

    def dir(self, path):
        os.makedirs(self.native(path), exist_ok=True)
        return path

    def file(self, path, text="text"):
        self.dir(path.rpartition("\\")[0])
        with open(self.native(path), "w") as f:
            f.write(text)
        return path

    def world_writable(self, name):
        path = self.dir(self.public + "\\" + name)
        self.wide[path.lower()] = [["allow", 3, 0x1301bf, EVERYONE]]
        return path

    def start(self, words, with_model, **kw):
        env = {"CDXP_WINE_MODEL": "Z:" + self.model.replace("/", "\\")} if with_model else {}
        return self.w.run([self.exe, *words], env, **kw)

    def run(self, *words, **kw):
        self.refresh()
        return self.start(words, True, **kw)

    def popen(self, *words, stdin=subprocess.DEVNULL):
        self.refresh()
        return self.w.popen([self.exe, *words], {"CDXP_WINE_MODEL": "Z:" + self.model.replace("/", "\\")},
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def copy(self, path):
        shutil.copy(self.exe, self.native(path))
        return path

    def has_proxy(self):
        return os.path.exists(self.w.base + "/cdxp-proxy.exe")

    def proxy_lives(self, port):
        """Wine's server now and then goes on listening for a program that was ended while it polled."""
        return self.w.runs("cdxp-proxy.exe") and say_to(port) is not None

    # -- the model: what is on the disk, with the entries that are known of it --

    def find_user(self):
        """Whom Wine takes us for: the owner of all, by the SID that its own tool shows."""
        p = self.w.run(["whoami", "/user"])
        found = re.search(r"S-1-5-21-[-0-9]+", p.stdout.decode(errors="replace"))
        return found.group(0) if found else "S-1-5-21-0-0-0-1000"

    def tree(self, native, path, known):
        node = dict(known) if known else {}
        node["kind"] = "dir" if os.path.isdir(native) else "file"
        if not known and path.lower() in self.wide:
            node["dacl"] = self.wide[path.lower()]
        if node["kind"] == "file":
            return node
        children = node.get("children", {})
        deep = path.lower().startswith(("c:\\smoke", "c:\\users\\public\\smoke")) or path.count("\\") < 2
        for name in os.listdir(native) if deep else []:
            if not os.path.islink(native + "/" + name):
                children[name] = self.tree(native + "/" + name, path + "\\" + name, children.get(name))
        node["children"] = children
        return node

    def refresh(self):
        """New files get what they inherit; placeholders are in the model alone."""
        if self.user is None:
            self.user = self.find_user()
        known = {}
        if os.path.exists(self.model):
            with open(self.model) as f:
                known = json.load(f)["drives"]["C:"]
        top = self.tree(self.w.drive_c(), "C:", known)
        top["dacl"] = [["allow", 3, 0x1f01ff, self.user], ["allow", 3, 0x1200a9, USERS]]
        with open(self.model, "w") as f:
            json.dump({"owner": self.user, "drives": {"C:": top}}, f)

    def node(self, path):
        with open(self.model) as f:
            at = json.load(f)["drives"]["C:"]
        for name in path.split("\\")[1:]:
            at = {k.lower(): v for k, v in at.get("children", {}).items()}.get(name.lower())
            if at is None:
                return None
        return at

    # -- the rules of access checks, as documented; a restricted token is asked twice --

    def granted(self, dacl, sids, mask):
        left = mask
        for kind, flags, bits, sid in dacl:
            if flags & 8 or sid not in sids or not bits & left:
                continue
            if kind == "deny":
                return False
            left &= ~bits
        return left == 0

    def allowed(self, node, mask):
        if node is None:
            return False
        dacl = node["dacl"]
        return self.granted(dacl, self.who, mask) and \
            (not mask & TWICE or self.granted(dacl, self.restricting, mask & TWICE))

    def can(self, op, path):
        parent = self.node(path.rpartition("\\")[0])
        node = self.node(path)
        delete = self.allowed(node, DELETE) or self.allowed(parent, DELETE_CHILD)
        return {
            "read": lambda: self.allowed(node, 1),
            "write": lambda: self.allowed(node, WRITE_DATA),
            "create": lambda: node is None and self.allowed(parent, WRITE_DATA),
            "mkdir": lambda: node is None and self.allowed(parent, APPEND),
            "delete": lambda: delete,
            "rename": lambda: delete and self.allowed(parent, APPEND if node["kind"] == "dir" else WRITE_DATA),
        }[op]()

    def attempts(self, options, profile, pairs):
        p = self.run(*options, profile, "--", "cmd", "/c", "exit 0")
        if p.returncode != 0:
            return ["not run: " + p.stderr.decode(errors="replace")] * len(pairs)
        plan = json.loads(self.run("--print", *options, profile, "--", "cmd", "/c", "exit 0").stdout)["plan"]
        with open(self.native(self.state() + "\\capabilities")) as f:
            store = json.load(f)
        roots = {(r["path"], r["hash"]) for r in plan["roots"]}
        self.restricting = {r["sid"] for r in store["roots"] if (r["path"], r["hash"]) in roots}
        if not plan["roots"]:
            self.restricting = {store["readonly"]}
        assert len(self.restricting) == max(1, len(roots))
        if "everyone" in plan["token"]["restricting"]:
            self.restricting.add(EVERYONE)
        assert "user" not in plan["token"]["restricting"]
        self.who = {EVERYONE, USERS, self.user}
        if plan["backend"] == "windows-elevated":
            self.who = {EVERYONE, USERS, SANDBOX, GROUP}
            self.restricting.add(SANDBOX)
        # What inherits is in the model by now: a file that is not there would get the same.
        return ["yes" if self.can(op, path) else "no" for op, path in pairs]

    def state(self):
        users = self.native("C:\\users")
        for name in os.listdir(users):
            if os.path.isdir(users + "/" + name + "/AppData/Local/cdxp"):
                return "C:\\users\\" + name + "\\AppData\\Local\\cdxp"
        raise RuntimeError("no state directory")

    def entries(self, *paths):
        self.refresh()
        return [self.node(p).get("dacl") for p in paths]

    def end(self, keep):
        if keep:
            print("# not kept: a prefix of Wine is large")
        self.w.end()


# ---- profiles, and what they let a command do ----

NETWORK = "[permissions.p.network]\nenabled = true\n"


def profile(m, name, *lines, network=NETWORK):
    text = 'default_permissions = "p"\n[permissions.p.filesystem]\n":root" = "read"\n'
    if lines:
        text += '[permissions.p.filesystem.":workspace_roots"]\n' + "\n".join(lines) + "\n"
    return m.file(m.base + "\\" + name + ".toml", text + network)


def expect(m, case, options, prof, yes=(), no=()):
    """Each of these works, each of those does not, and nothing else happens to them."""
    pairs = list(yes) + list(no)
    got = m.attempts(options, prof, pairs)
    for (op, path), answer, want in zip(pairs, got, ["yes"] * len(yes) + ["no"] * len(no)):
        say(answer == want, "%s: %s %s%s" % (case, op, path.replace(m.base + "\\", "").replace(m.public, "PUBLIC"),
            "" if want == "yes" else " is denied"), answer)
