#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# smoke.py - does cdxp-run.exe confine commands on this computer?  Prints what was proved
#
#     python smoke.py [--exe PATH\TO\cdxp-run.exe] [--keep]
#
# On Windows, as an ordinary user, from a console.  Python 3.8 or later (from
# python.org, not the Store) is all that it needs.  It makes a directory of its own below your profile and one in
# C:\Users\Public, tries there what must and must not work, and takes all of it
# back.  Exit status 0: everything that was tried is as it should be; 1: not so.
#
# On other systems it starts the program under Wine, which stores no entries
# and restricts no token: there a model of the files takes their place, the
# entries in it are judged by the rules of Windows as they are documented, and
# what only a real Windows can show is skipped, by name.  77: no Wine.

import argparse
import base64
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

REAL = os.name == "nt"
HERE = os.path.dirname(os.path.abspath(__file__))

EVERYONE, USERS = "S-1-1-0", "S-1-5-32-545"
# Whom a model has in the place of the accounts of a machine plan.
GROUP, SANDBOX = "S-1-5-21-0-0-0-2000", "S-1-5-21-0-0-0-2001"
# Rights by their documented numbers; those below are asked twice of a write-restricted token.
WRITE_DATA, APPEND, DELETE_CHILD, DELETE, WRITE_DAC = 0x2, 0x4, 0x40, 0x10000, 0x40000
TWICE = 0x2 | 0x4 | 0x10 | 0x100 | 0x10000 | 0x40000 | 0x80000

passed = failed = skipped = 0
proved, not_tried = [], []


def say(good, what, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print("%s %d - %s" % ("ok" if good else "not ok", passed + failed + skipped, what), flush=True)
    if good:
        proved.append(what)
    else:
        print("# " + str(detail)[:1500].replace("\n", "\n# "), flush=True)
    return good


def skip(what, why):
    global skipped
    skipped += 1
    not_tried.append(what + ": " + why)
    print("ok %d - %s # SKIP %s" % (passed + failed + skipped, what, why), flush=True)


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
        sys.path.insert(0, os.path.dirname(HERE))
        sys.dont_write_bytecode = True
        import wine
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


# ---- the cases ----

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


def read_only(m):
    ws = m.dir(m.base + "\\ro")
    m.file(ws + "\\file")
    prof = profile(m, "ro", network=NETWORK)
    expect(m, "read-only", ["-C", ws], prof, [("read", ws + "\\file")],
        [("write", ws + "\\file"), ("create", ws + "\\new"), ("mkdir", ws + "\\newdir")])


def workspace_write(m):
    ws = m.dir(m.base + "\\rw\\ws")
    for name in ("file", "sub\\deep", "gone"):
        m.file(ws + "\\" + name)
    m.file(m.base + "\\rw\\outside")
    prof = profile(m, "rw", '"." = "write"')
    expect(m, "workspace-write", ["-C", ws], prof,
        [("read", ws + "\\file"), ("write", ws + "\\file"), ("create", ws + "\\new"), ("mkdir", ws + "\\newdir"),
         ("rename", ws + "\\file"), ("rename", ws + "\\sub"), ("write", ws + "\\sub\\deep"), ("delete", ws + "\\gone"),
         ("read", m.base + "\\rw\\outside")],
        [("write", m.base + "\\rw\\outside"), ("create", m.base + "\\rw\\new"), ("rename", ws)])


def carve_out(m):
    ws = m.dir(m.base + "\\co\\ws")
    for name in ("file", "src\\code", ".git\\config"):
        m.file(ws + "\\" + name)
    prof = profile(m, "co", '"." = "write"', '"src" = "read"')
    expect(m, "carve-out", ["-C", ws], prof,
        [("write", ws + "\\file"), ("read", ws + "\\src\\code"), ("create", ws + "\\new")],
        [("write", ws + "\\src\\code"), ("create", ws + "\\src\\new"), ("delete", ws + "\\src\\code"),
         ("rename", ws + "\\src"), ("write", ws + "\\.git\\config"), ("rename", ws + "\\.git"),
         ("mkdir", ws + "\\.codex"), ("create", ws + "\\.agents\\x")])


def isolation(m):
    a, b = m.dir(m.base + "\\a"), m.dir(m.base + "\\b")
    m.file(a + "\\file")
    m.file(b + "\\file")
    prof = profile(m, "iso", '"." = "write"')
    expect(m, "two workspaces, in b", ["-C", b], prof, [("write", b + "\\file")], [("write", a + "\\file")])
    expect(m, "two workspaces, in a", ["-C", a], prof, [("write", a + "\\file")],
        [("write", b + "\\file"), ("create", b + "\\new"), ("delete", b + "\\file")])
    narrow = profile(m, "narrow", '"." = "write"', '"src" = "read"')
    m.file(a + "\\src\\code")
    expect(m, "one workspace, narrow plan", ["-C", a], narrow, [("write", a + "\\file")], [("write", a + "\\src\\code")])
    expect(m, "one workspace, wide plan", ["-C", a], prof, [("write", a + "\\src\\code")])
    expect(m, "one workspace, narrow plan again", ["-C", a], narrow, [("write", a + "\\file")],
        [("write", a + "\\src\\code"), ("create", a + "\\src\\new")])


def world_writable(m):
    ws = m.dir(m.base + "\\ww")
    wide = m.world_writable("wide")
    prof = profile(m, "ww", '"." = "write"')
    expect(m, "world-writable", ["-C", ws], prof, [("create", ws + "\\new")],
        [("create", wide + "\\new"), ("mkdir", wide + "\\newdir")])


def network(m):
    ws = m.dir(m.base + "\\net")
    prof = profile(m, "net", '"." = "write"', network="")
    p = m.run("-C", ws, prof, "--", "cmd", "/c", "exit 0")
    text = p.stderr.decode(errors="replace")
    say(p.returncode == 125 and all(word in text for word in ("--advisory-network", "enabled = true", "windows-elevated")),
        "network: off cannot be kept without an administrator, and is refused with three ways on", p)
    p = m.run("-C", ws, "--advisory-network", prof, "--", "cmd", "/c", "set")
    names = {line.split("=")[0].upper() for line in p.stdout.decode(errors="replace").splitlines() if "=" in line}
    say(p.returncode == 0 and {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} <= names,
        "network: --advisory-network asks programs by variables, and is no boundary", sorted(names))


class Server(http.server.BaseHTTPRequestHandler):
    """What the managed proxy is to reach: it answers with what it was asked for."""

    def do_GET(self):
        body = ("served " + self.path).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


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


def falls_silent(m, port):
    """Whether the proxy that listened there ends within a minute."""
    until = time.monotonic() + 60
    while m.proxy_lives(port) and time.monotonic() < until:
        time.sleep(0.05)
    return not m.proxy_lives(port)


def two_ports():
    """Below those that systems give to whoever asks for any."""
    found = []
    for port in range(20000 + os.getpid() % 8000, 32000):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == 2:
            return tuple(found)


def through_proxy(m, case, http, socks, token, server):
    """A request of each kind by who knows the token, and by who does not."""

    def ask(host, secret=token, method="GET"):
        user = base64.b64encode(("cdxp:" + secret).encode()).decode()
        target = "http://%s:%d/x" % (host, server) if method == "GET" else "%s:%d" % (host, server)
        return say_to(http, ("%s %s HTTP/1.1\r\nHost: %s:%d\r\nProxy-Authorization: Basic %s\r\nConnection: close\r\n\r\n"
            % (method, target, host, server, user)).encode())

    def socks_ask(host, secret):
        login = b"\1\4cdxp" + bytes([len(secret)]) + secret.encode()
        request = b"\5\1\0\3" + bytes([len(host)]) + host.encode() + server.to_bytes(2, "big")
        return say_to(socks, b"\5\1\2", login, request + (b"GET /s HTTP/1.0\r\n\r\n" if host == "127.0.0.1" else b""))

    got = ask("127.0.0.1")
    say(b" 200 " in got and got.endswith(b"served /x"), case + ": a request that a rule allows", got)
    got = ask("localhost")
    say(b" 200 " in got and got.endswith(b"served /x"), case + ": a name that is resolved, and its address allowed", got)
    got = ask("denied.test")
    say(b" 403 " in got and b"x-proxy-error: blocked-by-denylist" in got and b'"denied.test" = "deny"' in got and b".toml:" in got,
        case + ": one that a rule denies, and which", got)
    got = ask("other.test", method="CONNECT")
    say(b" 403 " in got and b"blocked-by-allowlist" in got, case + ": one that no rule allows", got)
    got = [ask("127.0.0.1", "x" + token[1:]), ask("127.0.0.1", "")]
    say(all(b" 407 " in g and b"served" not in g for g in got), case + ": nobody without the token", got)
    got = socks_ask("127.0.0.1", token)
    say(got.startswith(b"\5\2\1\0\5\0") and got.endswith(b"served /s"), case + ": by SOCKS", got)
    got = socks_ask("denied.test", token)
    say(got.startswith(b"\5\2\1\0\5\2"), case + ": by SOCKS, denied", got)
    got = socks_ask("127.0.0.1", "wrong") if token != "wrong" else b""
    say(got == b"\5\2\1\1", case + ": by SOCKS, without the token", got)


def proxied(m):
    """The managed proxy: asked by this test, which has its token from what the command prints."""
    if not m.has_proxy():
        skip("proxied", "no cdxp-proxy.exe beside cdxp-run.exe")
        return
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ws = m.dir(m.base + "\\proxied\\ws")
    ports = two_ports()
    rules = NETWORK + 'proxy_url = "http://127.0.0.1:%d"\nsocks_url = "socks5h://127.0.0.1:%d"\n' % ports + \
        '[permissions.p.network.domains]\n"127.0.0.1" = "allow"\n"localhost" = "allow"\n"denied.test" = "deny"\n'
    prof = profile(m, "proxied", '"." = "write"', network=rules)
    p = m.run("-C", ws, prof, "--", "cmd", "/c", "exit 0")
    say(p.returncode == 125 and b"--advisory-network" in p.stderr, "proxied: refused without elevation and --advisory-network", p)
    for options, fixed in (["--advisory-network"], False), (["--backend=windows-elevated"], True):
        case = "proxied, " + options[0].lstrip("-")
        log = m.base + "\\proxied\\log" + str(fixed)
        if fixed and not REAL:
            p = m.run("machine", "apply", prof)
            say(p.returncode == 0, case + ": the firewall lets its ports be reached", p)
        p = m.popen(*options, "--audit", log, "-C", ws, prof, "--", "cmd", "/c", "set& echo END& set /p x=", stdin=subprocess.PIPE)
        lines = []
        while lines[-1:] != ["END"]:
            line = p.stdout.readline()
            if not line:
                break
            lines.append(line.decode(errors="replace").strip())
        if REAL and fixed and not lines:
            skip(case, "the machine plan is not carried out here: " + p.stderr.read().decode(errors="replace").strip())
            continue
        told = {line.split("=")[0].upper(): line.split("=", 1)[1] for line in lines if "=" in line}
        found = re.match(r"http://cdxp:([0-9a-f]{48})@127\.0\.0\.1:([0-9]+)$", told.get("HTTP_PROXY", ""))
        if not say(found and told.get("HTTPS_PROXY") == told.get("ALL_PROXY") == told["HTTP_PROXY"],
                case + ": the variables name the proxy, with a token", (told, p.stderr.read() if p.poll() is not None else "")):
            p.communicate()
            continue
        port = int(found.group(2))
        say((port == ports[0]) == fixed, case + ": it listens at a free port, or where the firewall lets it", (port, ports))
        with open(m.native(log)) as f:
            before = f.read()
        through_proxy(m, case, port, ports[1] if fixed else port, found.group(1), server.server_address[1])
        with open(m.native(log)) as f:
            said = [json.loads(line) for line in f]
        say(before == "" and [d["decision"] for d in said if d["host"] == "denied.test"] == ["deny", "deny"] and
            all(set(d) >= {"time", "rule", "reason"} for d in said), case + ": what it decides is recorded", said)
        p.communicate(b"\r\n", timeout=60)
        say(p.returncode is not None and falls_silent(m, port), case + ": it ends with the command", p.returncode)
    p = m.popen("--advisory-network", "--log-denials=json", "-C", ws, prof, "--", "cmd", "/c", "set& echo END& set /p x=", stdin=subprocess.PIPE)
    told = {}
    for line in iter(p.stdout.readline, b"END\r\n"):
        if not line:
            break
        name, _, value = line.decode(errors="replace").strip().partition("=")
        told[name.upper()] = value
    at = told.get("HTTP_PROXY", "").rpartition(":")[2]
    user = base64.b64encode(told.get("HTTP_PROXY", "")[len("http://"):].partition("@")[0].encode()).decode()
    for host in ("denied.test", "127.0.0.1:%d" % server.server_address[1]) if at else ():
        say_to(int(at), ("GET http://%s/x HTTP/1.1\r\nHost: %s\r\nProxy-Authorization: Basic %s\r\nConnection: close\r\n\r\n" %
            (host, host, user)).encode())
    err = p.communicate(b"\r\n", timeout=60)[1].decode(errors="replace")
    rows = [json.loads(x) for x in err.splitlines() if x.startswith("{")]
    say([(r["process"], r["target"], r["known"], r["rule"]["kind"]) for r in rows] ==
        [("cdxp-proxy", "denied.test:80", "answered", "network")], "proxied: what it refuses is among the denials", err)
    if not REAL:
        left = [x for x in os.listdir(m.native(m.state())) if x.startswith("decisions")]
        say(not left, "proxied: where that was written is gone", left)
    p = m.popen("--advisory-network", "-C", ws, prof, "--", "cmd", "/c", "set& echo END& set /p x=", stdin=subprocess.PIPE)
    for line in iter(p.stdout.readline, b""):
        if line.upper().startswith(b"HTTP_PROXY="):
            port = int(line.rpartition(b":")[2])
        if line.strip() == b"END":
            break
    lived = say_to(port) is not None
    p.kill()
    p.communicate()
    say(lived and falls_silent(m, port), "proxied: it ends with cdxp-run.exe, when that is killed too", port)
    if not REAL:
        os.rename(m.w.base + "/cdxp-proxy.exe", m.w.base + "/away.exe")
        p = m.run("--advisory-network", "-C", ws, prof, "--", "cmd", "/c", "echo ran")
        say(p.returncode == 125 and b"needs the program cdxp-proxy.exe" in p.stderr and b"ran" not in p.stdout,
            "proxied: without its program nothing is run", p)
        os.rename(m.w.base + "/away.exe", m.w.base + "/cdxp-proxy.exe")
    busy = socket.socket()
    busy.bind(("127.0.0.1", 0))
    busy.listen(1)
    prof = profile(m, "busy", '"." = "write"', network=rules.replace(":%d" % ports[0], ":%d" % busy.getsockname()[1]))
    p = m.run("--backend=windows-elevated", "-C", ws, prof, "--", "cmd", "/c", "echo ran")
    if not REAL:
        m.run("machine", "undo")
    say(p.returncode == 125 and b"cannot listen" in p.stderr and b"ran" not in p.stdout,
        "proxied: where somebody else listens at a port of the firewall's, nothing is run", p)
    busy.close()
    server.shutdown()


def elevated(m):
    """As a sandbox user: what is denied cannot be read either."""
    ws = m.dir(m.base + "\\el\\ws")
    for name in ("file", "gone", "src\\code", "secret\\key"):
        m.file(ws + "\\" + name)
    m.file(m.base + "\\el\\outside")
    prof = profile(m, "el", '"." = "write"', '"src" = "read"', '"secret" = "deny"')
    options = ["--backend=windows-elevated", "-C", ws]
    p = m.run(*options, prof, "--", "cmd", "/c", "echo here& cd& exit 5")
    if REAL and p.returncode == 125 and (b"machine plan" in p.stderr or b"credentials" in p.stderr):
        skip("elevated", "the machine plan is not carried out here: " + p.stderr.decode(errors="replace").strip())
        return
    say(p.returncode == 5 and p.stdout.split() == [b"here", ws.encode()], "elevated: a command runs, with its exit code", p)
    expect(m, "elevated", options, prof,
        [("read", ws + "\\file"), ("write", ws + "\\file"), ("create", ws + "\\new"), ("mkdir", ws + "\\newdir"),
         ("rename", ws + "\\file"), ("delete", ws + "\\gone"), ("read", ws + "\\src\\code")],
        [("read", ws + "\\secret\\key"), ("write", ws + "\\secret\\key"), ("rename", ws + "\\secret"),
         ("write", ws + "\\src\\code"), ("rename", ws + "\\src"), ("mkdir", ws + "\\.git\\x"),
         ("write", m.base + "\\el\\outside"), ("create", m.base + "\\el\\new"), ("rename", ws)])
    offline(m, ws, options)
    if not REAL:
        spread(m, ws, options)


CONNECT = """
import socket, sys
for host, port in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        socket.create_connection((host, int(port)), 5).close()
        print("yes")
    except OSError:
        print("no")
"""


def reached(m, options, prof, pairs):
    """Which of these addresses a command can connect to."""
    p = m.run(*options, prof, "--", sys.executable, "-I", "-S", "-c", CONNECT, *[str(w) for pair in pairs for w in pair])
    return p.stdout.split() if p.returncode == 0 else p


def offline(m, ws, options):
    """Without a network: only with what an administrator has set up, and only then."""
    off = profile(m, "off", '"." = "write"', network="")
    run = lambda: m.run(*options, off, "--", "cmd", "/c", "exit 7")
    p = m.run("machine", "verify", "--json")
    if not say(p.returncode in (0, 1), "machine: verify reports", p):
        return
    report = json.loads(p.stdout)
    if REAL and not report["ok"]:
        p = run()
        say(p.returncode == 125 and b"cdxp-run machine apply" in p.stderr, "offline: nothing is run, and it says what to do", p)
        skip("offline", "the machine plan is not carried out here: " + "; ".join(
            "%s %s" % (f["path"], f["text"]) for f in report["findings"] if f["severity"] == "error"))
        return
    if REAL:
        p = run()
        say(p.returncode == 7, "offline: a command runs, with its exit code", p)
        on = profile(m, "on", '"." = "write"')
        with socket.create_server(("127.0.0.1", 0)) as server:
            pairs = [("127.0.0.1", server.getsockname()[1]), ("1.1.1.1", 53), ("1.1.1.1", 443), ("2606:4700:4700::1111", 443)]
            got = reached(m, options, on, pairs)
            there = [pair for pair, answer in zip(pairs, got) if answer == b"yes"] if isinstance(got, list) else []
            say(pairs[0] in there, "offline: with a network a server on this computer is reached", got)
            if len(there) < 2:
                skip("offline: no address is reached", "nothing outside is reached with a network either")
            got = reached(m, options, off, there)
            say(got == [b"no"] * len(there), "offline: none of %d addresses that a command with a network reaches" % len(there),
                (there, got))
        return
    say(p.returncode == 1 and not report["ok"], "machine: verify says what is missing", p)
    p = run()
    say(p.returncode == 125 and b"cdxp-run machine apply" in p.stderr, "offline: nothing is run, and it says what to do", p)
    p = m.run("machine", "plan", "--json")
    parts = len(json.loads(p.stdout)["steps"])
    say(p.returncode == 0 and parts > 10 and m.run("machine", "verify").returncode == 1, "machine: plan shows, and changes nothing", p)
    for name, text in ("empty", ""), ("another", '{"cdxp_machine":1}'):
        p = m.run("machine", "apply", m.file(m.base + "\\" + name + ".machine.json", text))
        say(p.returncode == 2 and b"no machine plan" in p.stderr, "machine: %s file is no plan" % name, p)
    p = m.run("machine", "apply")
    say(p.returncode == 0 and b": %d parts added" % parts in p.stdout, "machine: apply makes all of it", p)
    p = m.run("machine", "apply", off)
    say(p.returncode == 0 and b": %d parts already there" % parts in p.stdout, "machine: a second one does nothing", p)
    say(run().returncode == 7, "offline: a command runs, with its exit code")
    proxied = profile(m, "pr", '"." = "write"', network=NETWORK + 'mode = "limited"\nproxy_url = "http://127.0.0.1:3128"\n'
        '[permissions.p.network.domains]\n"example.com" = "allow"\n')
    p = m.run("machine", "plan", proxied)
    say(p.returncode == 0 and b"0-3127,3129-8080,8082-65535" in p.stdout, "machine: a proxy's port is let through by another plan", p)
    p = m.run("machine", "undo")
    say(p.returncode == 0 and b": %d parts removed" % parts in p.stdout and run().returncode == 125,
        "machine: undo takes all of it back, and nothing is run any more", p)


def spread(m, ws, options):
    """More to read than is handed on before the command starts: a process of its own does the rest."""
    many, wanted = m.base + "\\many", 2500
    for i in range(wanted):
        m.file("%s\\%d\\%d" % (many, i % 50, i), "")
    prof = m.file(m.base + "\\many.toml", 'default_permissions = "p"\n[permissions.p.filesystem]\n":minimal" = "read"\n"%s" = "read"\n'
        '[permissions.p.filesystem.":workspace_roots"]\n"." = "write"\n' % many.replace("\\", "\\\\") + NETWORK)
    p = m.run(*options, prof, "--", "cmd", "/c", "cd& exit 6")
    at, said = p.stdout.strip(), b"still spread, and there is no junction" in p.stderr
    say(p.returncode == 6 and (at == ws.encode() if said else b"\\cdxp-" in at),
        "elevated: entries for reading spread beside the command, which has a junction or is told that it has none", p)
    # Nobody else may have the model meanwhile: whoever reads it writes it back.
    for _ in range(240):
        files = [f for d in m.node(many)["children"].values() for f in d["children"].values()]
        read = [f for f in files if ["allow", 16, 0x1200a9, GROUP] in f.get("dacl", [])]
        if len(read) == wanted:
            break
        time.sleep(0.5)
    p = m.start(["verify", *options, "--json", prof], True)
    codes = [f["code"] for f in json.loads(p.stdout)["findings"]]
    say(p.returncode == 0 and "spreading" not in codes and len(files) == len(read) == wanted,
        "elevated: in the end they are everywhere", (len(read), codes, p))


def session(m):
    ws = m.dir(m.base + "\\se")
    prof = profile(m, "se", '"." = "write"')
    run = lambda *words, **kw: m.run("-C", ws, prof, "--", *words, **kw)
    p = run("cmd", "/c", "echo out & echo err 1>&2 & exit 42")
    say(p.returncode == 42 and p.stdout.strip() == b"out" and b"err" in p.stderr, "session: both streams and the exit code", p)
    data = b"".join(b"line %d\r\n" % i for i in range(30000))
    if REAL:
        copy = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
        p = run(sys.executable, "-I", "-S", "-c", copy, input=data, stdin=None)
        say(p.returncode == 0 and p.stdout == data, "session: %d bytes there and back, and the end of the input" % len(data),
            (p.returncode, len(p.stdout), p.stderr))
    else:
        skip("session: %d bytes there and back" % len(data), "tests/run-wine-process does it under Wine")
    begin = time.monotonic()
    p = run("cmd", "/c", "start /b ping -n 60 127.0.0.1 & exit 5")
    took = time.monotonic() - begin
    say(p.returncode == 5 and took < 40, "session: what is left behind is ended with its command's output", (took, p))
    if not REAL:
        skip("session: the command ends with cdxp-run", "tests/run-wine-process does it under Wine")
        return
    mark = ws + "\\beat"
    p = m.popen("-C", ws, prof, "--", "cmd", "/c", "for /l %i in (1,1,600) do (echo x>>" + mark + " & ping -n 2 127.0.0.1 >nul)")
    while not os.path.exists(mark):
        time.sleep(0.1)
    p.kill()
    p.wait()
    time.sleep(1)
    before = os.path.getsize(mark)
    time.sleep(3)
    say(os.path.getsize(mark) == before, "session: the command ends with cdxp-run")


def actions(m):
    ws = m.dir(m.base + "\\ac\\ws")
    m.file(ws + "\\src\\code")
    prof = profile(m, "ac", '"." = "write"', '"src" = "read"')
    places = [m.base + "\\ac", ws, ws + "\\src", ws + "\\src\\code"]
    # The first one reads whatever there is; a model has all entries spelt out then.
    m.run("plan", "-C", ws, prof)
    before = m.entries(*places)
    p = m.run("plan", "-C", ws, "--json", prof)
    say(p.returncode == 0 and m.entries(*places) == before, "plan: shows, and changes nothing", p)
    first = m.run("apply", "-C", ws, prof)
    say(first.returncode == 0 and b"added" in first.stdout, "apply: adds entries", first)
    after = m.entries(*places)
    say(after != before, "apply: they are there", after)
    second = m.run("apply", "-C", ws, prof)
    say(second.returncode == 0 and b"added" not in second.stdout and m.entries(*places) == after, "apply: a second one adds nothing", second)
    p = m.run("verify", "-C", ws, prof)
    say(p.returncode == 0, "verify: all is as it was set", p)
    p = m.run("undo", "-C", ws, prof)
    say(p.returncode == 0 and m.entries(*places) == before, "undo: every entry is as before", (p, before, m.entries(*places)))
    p = m.run("verify", "-C", ws, prof)
    say(p.returncode == 1, "verify: says what is missing", p)


def refusals(m):
    ws = m.dir(m.base + "\\re")
    prof = m.file(m.base + "\\re.toml", 'default_permissions = "p"\n[permissions.p.filesystem]\n":root" = "read"\n'
        '[permissions.p.filesystem.":workspace_roots"]\n"." = "write"\n"secret" = "deny"\n' + NETWORK)
    p = m.run("-C", ws, prof, "--", "cmd", "/c", "exit 0")
    say(p.returncode == 125 and b"re.toml:6" in p.stderr, "refusals: a place that cannot be denied, with its line", p)
    prof = profile(m, "drive", '"." = "write"')
    p = m.run("-C", "C:\\", prof, "--", "cmd", "/c", "exit 0")
    say(p.returncode == 125, "refusals: a whole drive", p)


def self_check(m):
    if REAL:
        # Each run of a command above began with it: nothing is run where it fails.
        say(passed > 0 and failed == 0, "self-check: a program with the command's rights could not write beside the root")
        return
    prof = profile(m, "sc", '"." = "write"')
    ws = m.dir(m.base + "\\sc")
    p = m.start(["-C", ws, prof, "--", "cmd", "/c", "exit 0"], False)
    say(p.returncode == 125 and b"not Windows" in p.stderr, "self-check: a system that keeps nothing is refused", p)
    p = m.run("-C", ws, prof, "--", "cmd", "/c", "exit 0")
    say(p.returncode == 0 and b"nothing confines the command" in p.stderr, "self-check: with a model it says that nothing is confined", p)
    skip("self-check: a program with the command's rights fails beside the root", "Wine restricts no token")


def self_test(m):
    prof = profile(m, "st", '"." = "write"', '"docs" = "read"')
    ws = m.dir(m.base + "\\st")
    m.file(ws + "\\docs\\d.txt")
    m.file(ws + "\\a.txt")
    p = m.run("--self-test", "-C", ws, prof, "--", "cmd", "/c", "exit 3")
    said = p.stderr.decode(errors="replace")
    for claim in ("may list " + ws, "may create files in " + ws, "may read " + ws + "\\docs\\d.txt"):
        say("self-test: ok: " + claim + ": works; " in said, "self-test: " + claim.replace(m.base, "..."), said)
    no = ["must not write " + ws + "\\docs\\d.txt", "must not create files in " + ws + "\\docs",
        "must have a restricted token of its own", "must not be able to move " + ws]
    # Where nothing is confined it says so, and starts nothing.
    verdict = "ok" if REAL else "MISMATCH"
    for claim in no:
        say("self-test: %s: %s: " % (verdict, claim) in said, "self-test: %s: %s" % (verdict, claim.replace(m.base, "...")), said)
    say(p.returncode == (3 if REAL else 125) and (", 0 otherwise" in said) == REAL, "self-test: and then the command, or not", p)
    p = m.run("--self-test=json", "-C", ws, prof, "--", "cmd", "/c", "exit 3")
    lines = [x for x in p.stderr.decode(errors="replace").splitlines() if x.startswith("{")]
    doc = json.loads(lines[0]) if len(lines) == 1 else {}
    rows = {(r["probe"], r["target"]): r["verdict"] for r in doc.get("probes", [])}
    say(rows.get(("list", ws)) == "ok" and rows.get(("write", ws + "\\docs\\d.txt")) == verdict.lower() and
        (doc["mismatches"] == 0) == REAL, "self-test: as JSON", p)


def denials(m):
    """What the output and the exit code of a command tell; on Windows it is denied for real."""
    prof = profile(m, "dn", '"." = "write"', '"docs" = "read"')
    ws = m.dir(m.base + "\\dn")
    file = m.file(ws + "\\docs\\d.txt")
    script = "del docs\\d.txt" if REAL else "echo %s: Access is denied.& echo src\\x: Permission denied 1>&2" % file.upper()

    def run(script, *options):
        return m.run(*options, "-C", ws, prof, "--", "cmd", "/c", script)

    p = run(script + "& exit 7", "--log-denials")
    said = p.stderr.decode(errors="replace")
    say(p.returncode == 7 and "cmd: write %s  " % file in said and 'dn.toml:6 entry "docs"' in said and
        said.count("cmd: ") == 1 and "no more than the command itself said" in said, "denials: named by the output, with the rule", p)
    p = run(script, "--log-denials=json")
    rows = [json.loads(x) for x in p.stderr.decode(errors="replace").splitlines() if x.startswith("{")]
    want = {"action": "write", "known": "output", "object": "path", "target": file, "process": "cmd",
        "entry": {"table": "filesystem", "place": ":workspace_roots", "subpath": "docs/d.txt", "access": "write"}}
    say(len(rows) == 1 and {k: rows[0].get(k) for k in want} == want, "denials: as JSON", p)
    p = run("echo Access is denied.& exit -1073741790", "--log-denials=json")
    rows = [json.loads(x) for x in p.stderr.decode(errors="replace").splitlines() if x.startswith("{")]
    say([(r["operation"], r["known"], r["no_entry"][-9:]) for r in rows] ==
        [("access", "output", "not known"), ("exit", "status", "not known")],
        "denials: of what is not named, and by the exit code", p)
    p = run("echo all is well", "--log-denials")
    say(p.returncode == 0 and b"None found." in p.stderr, "denials: none", p)


def main():
    ap = argparse.ArgumentParser(description="Does cdxp-run.exe confine commands on this computer?")
    ap.add_argument("--exe", default=None, help="cdxp-run.exe; default: beside this file, or on PATH")
    ap.add_argument("--keep", action="store_true", help="leave the directories of the test")
    args = ap.parse_args()
    beside = os.path.join(HERE, "cdxp-run.exe")
    built = os.path.join(os.environ.get("top_builddir", "."), "cdxp-run.exe")
    exe = args.exe or next((p for p in (beside, built) if os.path.exists(p)), None) or shutil.which("cdxp-run.exe")
    if exe is None or not os.path.exists(exe):
        print("SKIP: no cdxp-run.exe; give --exe")
        return 77
    if REAL:
        m = Windows(os.path.abspath(exe))
    else:
        sys.path.insert(0, os.path.dirname(HERE))
        sys.dont_write_bytecode = True
        import wine
        why = wine.available()
        if why is not None:
            print("SKIP: " + why)
            return 77
        m = Model(exe)
    print("# on " + m.name)
    try:
        for case in (read_only, workspace_write, carve_out, isolation, world_writable, network, proxied, elevated, session, actions, refusals, self_check, self_test, denials):
            case(m)
        p = m.run("undo")
        say(p.returncode == 0, "undo: of all that this test has set", p)
    finally:
        m.end(args.keep)
    print("1..%d" % (passed + failed + skipped))
    print("#\n# Proved on %s:" % m.name)
    for what in proved:
        print("#   " + what)
    for what in not_tried:
        print("# Not tried here: " + what)
    if not REAL:
        print("# That a real Windows enforces these entries is not proved by this run.")
    print("# %d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
