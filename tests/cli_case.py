# SPDX-License-Identifier: Apache-2.0
"""What the tests of cdxpc and cdxp-run share: places of a test's own, calls, and a second time as an ordinary user."""
import os, shutil, signal, subprocess, sys, tempfile, unittest
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("top_builddir", ".")).resolve()
RUN, COMPILE = str(BUILD / "cdxp-run"), str(BUILD / "cdxpc")
ORDINARY_USER = 65534

WORK = """\
default_permissions = "work"

[permissions.work]
extends = ":workspace"

[permissions.work.filesystem.":workspace_roots"]
"vendor" = "read"
"secret" = "deny"
"""


def sandbox_works():
    trial = ["bwrap", "--unshare-user", "--unshare-net", "--ro-bind", "/", "/", "true"]
    return shutil.which("bwrap") and subprocess.run(trial, stderr=subprocess.DEVNULL).returncode == 0


class Case(unittest.TestCase):
    """A fresh workspace, home and TMPDIR below /var/tmp, which no built-in profile makes writable."""

    def setUp(self):
        self.tmp = Path(tempfile.mkdtemp(prefix="cdxp-cli-", dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)
        self.ws, self.home, self.tmpdir = self.tmp / "ws", self.tmp / "home", self.tmp / "tmp"
        for d in (self.ws, self.home, self.tmpdir):
            d.mkdir()
        self.profile = self.write("ws/profile.toml", WORK)

    def write(self, name, text):
        path = self.tmp / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def call(self, *argv, **how):
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.home), "TMPDIR": str(self.tmpdir),
               "LC_ALL": "C", **how.pop("env", {})}
        return subprocess.run([str(a) for a in argv], text=True, capture_output=True, timeout=60, env=env,
                              cwd=how.pop("cwd", self.ws), **how)

    def run_it(self, *argv, **how):
        return self.call(RUN, *argv, **how)

    def compile_it(self, *argv, **how):
        return self.call(COMPILE, *argv, **how)

    def bundle(self, name="work.cdxp", source=None, *options):
        p = self.compile_it("compile", *options, "-o", self.ws / name, source or self.profile)
        self.assertEqual((p.returncode, p.stderr), (0, ""))
        return str(self.ws / name)

    def refused(self, p, status, *words):
        """Of its own, with that status, one message that has the words, and nothing on standard output."""
        self.assertEqual((p.returncode, p.stdout), (status, ""), p.stderr)
        for word in words:
            self.assertIn(word, p.stderr)

    def fine(self, p, out=None):
        self.assertEqual((p.returncode, p.stderr), (0, ""))
        if out is not None:
            self.assertEqual(p.stdout, out)


def as_ordinary_user(script):
    """The whole of it again, without root's rights; the programs must be reachable for everybody."""
    who = {"user": ORDINARY_USER, "group": ORDINARY_USER, "extra_groups": []}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

    def works(*argv):
        try:
            return subprocess.run(argv, **who, **quiet).returncode == 0
        except PermissionError:
            return False

    python = next((p for p in (sys.executable, "/usr/bin/python3") if works(p, "-c", "")), None)
    if python is None or not works(RUN, "--version") or not works(python, "-c", f"open({script!r})"):
        print("SKIP: as an ordinary user: python3, the programs or the sources are not open to others")
        return 0
    env = {**os.environ, "HOME": "/nonexistent", "CDXP_CLI_AGAIN": "1"}
    return subprocess.run([python, script, *sys.argv[1:]], **who, env=env, cwd="/").returncode


def main(script):
    """The tests of that script, the process's own; the status for its end."""
    # A shell starts background jobs with these ignored, and what is ignored is inherited.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    for program in (RUN, COMPILE):
        if not os.path.exists(program):
            sys.exit(f"{os.path.basename(script)}: {program} is not built")
    os.environ["top_builddir"] = str(BUILD)
    os.umask(0o022)
    program = unittest.main(exit=False, verbosity=1)
    r = program.result
    bad = len(r.failures) + len(r.errors)
    who = "root" if os.geteuid() == 0 else "an ordinary user"
    for test, why in r.skipped:
        print(f"SKIP: {test}: {why}")
    print(f"as {who}: {r.testsRun - bad - len(r.skipped)} passed, {bad} failed, {len(r.skipped)} skipped")
    status = 1 if bad or r.testsRun == 0 else 0
    if os.geteuid() == 0 and "CDXP_CLI_AGAIN" not in os.environ:
        sys.stdout.flush()
        status |= as_ordinary_user(script)
    return status
