# SPDX-License-Identifier: Apache-2.0
# wine.py - a Wine of one test's own: a fresh prefix, programs started in it, its server ended

import os
import shutil
import subprocess
import sys
import tempfile


def available():
    """None, or why no program for Windows can be started here."""
    for tool in ("wine", "wineboot", "wineserver"):
        if shutil.which(tool) is None and not os.access("/usr/lib/wine/" + tool, os.X_OK):
            return "no " + tool + ": install wine and wine64"
    return None


class Wine:
    """As the user `uid` (None: as we are), with a prefix below a directory that is removed in the end."""

    def __init__(self, uid=None):
        self.uid = uid
        self.base = tempfile.mkdtemp(prefix="cdxp-wine-", dir="/var/tmp")
        os.chmod(self.base, 0o755)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("WINE", "CDXP_"))}
        self.env.update(WINEPREFIX=self.base + "/prefix", WINEDEBUG="-all", HOME=self.base,
            WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe=")
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMPDIR"):
            self.env.pop(name, None)
        if uid is not None:
            os.chown(self.base, uid, uid)
        self.server = shutil.which("wineserver") or "/usr/lib/wine/wineserver"
        self.keeper = None
        try:
            with open(self.base + "/wineboot.log", "w+b") as log:
                self.start(["wineboot", "-i"], stdout=log, stderr=log, timeout=300)
                log.seek(0)
                if not os.path.isdir(self.drive_c()):
                    raise RuntimeError("wineboot made no prefix: " + log.read().decode(errors="replace"))
            # With the last program Wine's own end; starting them takes a second each time.
            self.keeper = self.popen(["cmd", "/c", "set /p end="], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except BaseException:
            self.end()
            raise

    def drive_c(self):
        return self.base + "/prefix/drive_c"

    def _become(self):
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.uid, "extra_groups": []}

    def start(self, argv, env=None, **kw):
        """subprocess.run() of a program of this system, with this prefix."""
        kw.setdefault("cwd", self.base)
        kw.setdefault("stdin", subprocess.DEVNULL)
        kw.setdefault("timeout", 120)
        return subprocess.run(argv, env={**self.env, **(env or {})}, **self._become(), **kw)

    def popen(self, argv, env=None, **kw):
        kw.setdefault("cwd", self.base)
        return subprocess.Popen(["wine"] + argv, env={**self.env, **(env or {})}, **self._become(), **kw)

    def run(self, argv, env=None, **kw):
        """
        The program argv[0] of Windows, a path of this system; output is captured as bytes.

        Now and then Wine ends with status 1 and without a word before the program has begun. Ours says
        something whenever its status is 1, so that it is started again, and that is said; a program that really
        ends so, ends so again.
        """
        kw.setdefault("stdout", subprocess.PIPE)
        kw.setdefault("stderr", subprocess.PIPE)
        for left in (2, 1, 0):
            p = self.start(["wine"] + argv, env, **kw)
            if p.returncode != 1 or p.stdout or p.stderr or left == 0:
                return p
            print("# started again, after status 1 and not a word: %s" % argv, flush=True)

    def runs(self, name):
        """Whether a program of that name is there and not dead, in this prefix."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid, "rb") as f:
                    comm, _, rest = f.read().partition(b"(")[2].rpartition(b")")
                if comm != name[:15].encode() or rest.split()[0] in (b"Z", b"X"):
                    continue
                with open("/proc/%s/environ" % pid, "rb") as f:
                    if ("WINEPREFIX=" + self.env["WINEPREFIX"]).encode() in f.read().split(b"\0"):
                        return True
            except (FileNotFoundError, ProcessLookupError):
                pass
        return False

    def path(self, native):
        """A path of this system as Windows sees it: Wine's drive Z: is our root."""
        return "Z:" + os.path.abspath(native).replace("/", "\\")

    def end(self):
        if self.keeper is not None:
            self.keeper.stdin.close()
        subprocess.run([self.server, "-k"], env=self.env, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **self._become())
        if self.keeper is not None:
            self.keeper.wait()
        shutil.rmtree(self.base, ignore_errors=True)


class Report:
    """TAP on standard output."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def say(self, good, name, detail=""):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        print("%s %d - %s" % ("ok" if good else "not ok", self.number(), name), flush=True)
        if not good:
            print("# " + str(detail)[:2000].replace("\n", "\n# "), flush=True)
        return good

    def skip(self, name, why):
        self.skipped += 1
        print("ok %d - %s # SKIP %s" % (self.number(), name, why), flush=True)

    def number(self):
        return self.passed + self.failed + self.skipped

    def done(self):
        print("1..%d" % self.number())
        print("# %d passed, %d failed, %d skipped" % (self.passed, self.failed, self.skipped))
        sys.exit(1 if self.failed else 0)
