# SPDX-License-Identifier: Apache-2.0
"""denial_run - a tree, a profile and who runs in it, with the log of what was denied there

Programs are taken from $top_builddir, else from the working directory.
"""
import importlib.machinery, importlib.util, json, os, shutil, signal, subprocess, sys, tempfile, unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("top_builddir", ".")).resolve()
# A make that is built by here would take itself for a part of the one that runs this test, and say where it is.
for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
    os.environ.pop(name, None)
RUN, CDXPC, OPS, PROBE = (str(BUILD / p) for p in ("cdxp-run", "cdxpc", "tests/denial-ops", "tests/probe"))
try:
    loader = importlib.machinery.SourceFileLoader("run_random", str(HERE / "run-random"))
    cases = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_random", loader))
    loader.exec_module(cases)
    ref = cases.ref
except SystemExit:
    sys.exit(77)
import json_schema
from denial_cases import PROFILE, TREE

NOBODY = 65534
SCHEMA = json.loads((HERE.parent / "schemas/denials.schema.json").read_text())


def users():
    return [None] if os.geteuid() != 0 else [None, NOBODY]


class Case:
    """A tree, a profile, and who runs in it."""

    def __init__(self, test, user, parent=None):
        self.user = user
        self.base = tempfile.mkdtemp(prefix="cdxp-denials-", dir=parent or "/var/tmp")
        test.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.root = self.base + "/r"
        for name in TREE:
            path = Path(self.root, name)
            (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
            if not name.endswith("/"):
                path.write_text("x")
        self.profile = self.base + "/p.toml"
        self.write_profile(PROFILE.replace("ROOT", self.root))
        for program in (OPS, PROBE):
            shutil.copy(program, self.base)

    def write_profile(self, text):
        Path(self.profile).write_text(text)
        self.give()

    def give(self):
        if self.user is not None:
            for d, ds, fs in os.walk(self.base):
                for p in [d] + [os.path.join(d, f) for f in fs]:
                    os.chown(p, self.user, self.user)

    def policy(self, **more):
        nodes = {f"{d}/{f}": ("f", "x") for d, _, fs in os.walk(self.root) for f in fs}
        nodes.update({d: ("d",) for d, ds, fs in os.walk(self.root) if not ds and not fs})
        host = cases.RealHost({**nodes, "/tmp": ("d",)})
        return ref.bind(ref.Profile(Path(self.profile).read_text(), "t"), host, self.root + "/ws", self.root + "/home",
                        self.root + "/tmp", **more)

    def run(self, backend, *argv, options=("--log-denials=reads,json",), fds=(), **more):
        env = {**os.environ, "HOME": self.root + "/home", "TMPDIR": self.root + "/tmp",
               "XDG_STATE_HOME": self.base + "/state", "PATH": "/usr/bin:/bin"}
        who = {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}
        return subprocess.run([RUN, f"--backend={backend}", *options, "-C", self.root + "/ws", self.profile, "--", *argv],
                              text=True, capture_output=True, env=env, cwd=self.root + "/ws", timeout=60,
                              pass_fds=fds, **who, **more)

    def program(self, backend, program, text, options):
        """Run where no profile need show it: by a descriptor that is kept."""
        fd = os.open(os.path.join(self.base, os.path.basename(program)), os.O_RDONLY)
        try:
            return self.run(backend, "/bin/sh", "-c", f"exec /proc/self/fd/{fd}", options=(*options, f"--keep-fd={fd}"),
                            fds=(fd,), input=text)
        finally:
            os.close(fd)


def denials(text):
    out = []
    for line in text.splitlines():
        if line.startswith("{"):
            out.append(json.loads(line))
            json_schema.check(out[-1], SCHEMA)
    return out


def make_project(directory, out="."):
    """A C project of some files; the objects go below `out'."""
    directory.mkdir(parents=True)
    names = [f"m{i}" for i in range(12)]
    for i, n in enumerate(names):
        (directory / f"{n}.c").write_text(f'#include <stdio.h>\nint {n}(int x) {{ return x + {i}; }}\n')
    (directory / "main.c").write_text("".join(f"int {n}(int);\n" for n in names) +
                                      f"int main(void) {{ return {' + '.join(n + '(1)' for n in names)} ? 0 : 1; }}\n")
    objects = " ".join(f"{out}/{n}.o" for n in [*names, "main"])
    (directory / "Makefile").write_text(
        f"CC = cc\n{out}/all: {objects}\n\t$(CC) -o $@ {objects}\n{out}/%.o: %.c\n\t@mkdir -p {out}\n"
        "\t$(CC) -O1 -c -o $@ $<\n")


def main():
    # A shell that has us in the background ignores these two, and so would all that we start.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    unittest.main(verbosity=2, warnings="ignore")
