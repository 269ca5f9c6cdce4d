#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# smoke.py - does cdxp-run.exe confine commands on this computer?  Prints what was proved
#
#     python smoke.py [--exe PATH\TO\cdxp-run.exe] [--keep]
#
# On Windows, as an ordinary user, from a console.  Python 3.8 or later (from
# python.org, not the Store) is all that it needs, and the other files smoke_*.py
# beside it.  It makes a directory of its own below your profile and one in
# C:\Users\Public, tries there what must and must not work, and takes all of it
# back.  Exit status 0: everything that was tried is as it should be; 1: not so.
#
# On other systems it starts the program under Wine, which stores no entries
# and restricts no token: there a model of the files takes their place, the
# entries in it are judged by the rules of Windows as they are documented, and
# what only a real Windows can show is skipped, by name.  77: no Wine.

import argparse
import json
import os
import shutil
import sys
import time

sys.dont_write_bytecode = True
from smoke_network import connect, network, offline, proxied
from smoke_system import GROUP, HERE, NETWORK, REAL, Model, Windows, expect, profile, say, skip, tally, wine


# ---- the cases ----

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
        say(tally.proved and tally.failed == 0, "self-check: a program with the command's rights could not write beside the root")
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


def doctor(m):
    """A file's sandbox tried without a command; where nothing is confined that is found out."""
    prof = profile(m, "dr", '"." = "write"', '"docs" = "read"')
    ws = m.dir(m.base + "\\dr")
    m.file(ws + "\\docs\\d.txt")
    options = ("doctor", "--timeout", "120", "-C", ws)
    p = m.run(*options, prof)
    said = p.stdout.decode(errors="replace")
    verdict = "ok" if REAL else "MISMATCH"
    say(p.returncode == (0 if REAL else 1) and "\nwindows-unelevated: works\n" in said and
        "self-test: ok: may create files in " + ws in said and "dr.toml:6: entry \"docs\"" in said and
        "self-test: %s: must not write %s\\docs\\d.txt: " % (verdict, ws) in said, "doctor: of a file", p)
    p = m.run(*options, "--json", "-P", "p", prof)
    doc = json.loads(p.stdout)
    rows = {(r["probe"], r["target"]): r["verdict"] for r in doc["self_test"]["probes"]}
    say(doc["auto"] == "windows-unelevated" and rows.get(("list", ws)) == "ok" and
        rows.get(("write", ws + "\\docs\\d.txt")) == verdict.lower(), "doctor: as JSON", p)
    hidden = profile(m, "dr2", '"." = "write"', '"secret" = "deny"')
    m.file(ws + "\\secret\\key")
    p = m.run(*options, "--json", "--backend=windows-elevated", hidden)
    doc = json.loads(p.stdout)
    if REAL and not doc["backends"][0]["works"]:
        say(p.returncode == 1 and doc["backends"][0]["cause"]["id"] == "sandbox-user" and doc["notes"] == [],
            "doctor: elevated: what stands against it", p)
    else:
        rows = {(r["probe"], r["target"]): r["verdict"] for r in (doc["self_test"] or {}).get("probes", [])}
        say(doc["auto"] is None and rows.get(("list", ws)) == "ok" and
            rows.get(("read", ws + "\\secret\\key")) == verdict.lower(), "doctor: elevated: of a file", p)
    for more, file, words in ((["-P", "none"], prof, "there is no profile \\\"none\\\""), ([], "missing.toml", "No such file"),
            ([], hidden, "dr2.toml:6")):
        p = m.run(*options, "--json", *more, file)
        say(p.returncode == 1 and words in json.dumps(json.loads(p.stdout)["self_test"]["refused"]), "doctor: refused: " + words, p)


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
        why = wine.available()
        if why is not None:
            print("SKIP: " + why)
            return 77
        m = Model(exe)
    print("# on " + m.name)
    try:
        for case in (read_only, workspace_write, carve_out, isolation, world_writable, network, proxied, connect, elevated, session, actions, refusals, self_check, self_test, doctor, denials):
            case(m)
        p = m.run("undo")
        say(p.returncode == 0, "undo: of all that this test has set", p)
    finally:
        m.end(args.keep)
    print("1..%d" % tally.number())
    print("#\n# Proved on %s:" % m.name)
    for what in tally.proved:
        print("#   " + what)
    for what in tally.not_tried:
        print("# Not tried here: " + what)
    if not REAL:
        print("# That a real Windows enforces these entries is not proved by this run.")
    print("# %d passed, %d failed, %d skipped" % (len(tally.proved), tally.failed, len(tally.not_tried)))
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
