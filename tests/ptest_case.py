# SPDX-License-Identifier: Apache-2.0
"""ptest_case - a profile and its tests in a fresh directory, and what cdxpc test says of them

The program is taken from $top_builddir, else from the working directory.
"""
import os, re, shutil, subprocess, sys, tempfile, unittest
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
COMPILE = str(Path(os.environ.get("top_builddir", ".")).resolve() / "cdxpc")
SEED = int(os.environ.get("SEED", "20240917"))

PROFILE = """\
default_permissions = "work"

[permissions.work]
extends = ":workspace"

[permissions.work.workspace_roots]
"~/other" = true

[permissions.work.filesystem]
"~/.ssh" = "deny"
"/srv/data" = "write"

[permissions.work.filesystem.":workspace_roots"]
"**/*.pem" = "deny"
"vendor" = "read"

[permissions.work.network]
enabled = true
[permissions.work.network.domains]
"example.org" = "allow"
"**.example.org" = "deny"
"api.test:443" = "allow"
[permissions.work.network.unix_sockets]
"/run/x" = "allow"

[permissions.closed]
[permissions.closed.filesystem]
"/usr" = "read"

[shell_environment_policy]
exclude = ["AWS_*"]
[shell_environment_policy.set]
CI = "1"

[cdxp]
protect = [".keys"]
"""


class Case(unittest.TestCase):
    """A profile and the places of a user in a fresh directory."""

    def setUp(self):
        self.tmp = Path(tempfile.mkdtemp(prefix="cdxp-ptest-", dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)
        self.write("profile.toml", PROFILE)

    def write(self, name, text):
        path = self.tmp / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def call(self, *argv, **how):
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.tmp / "home"), "LC_ALL": "C", **how.pop("env", {})}
        return subprocess.run([COMPILE, *map(str, argv)], text=True, capture_output=True, timeout=60, env=env,
                              cwd=how.pop("cwd", self.tmp), **how)

    def try_it(self, text, *options, head='profile = "profile.toml"\ncwd = "/r"\nhome = "/h"\n', **how):
        self.write("t.test.toml", head + text)
        return self.call("test", *options, "t.test.toml", **how)

    def results(self, p):
        """Assertion -> whether it holds, of TAP that is complete."""
        lines = p.stdout.splitlines()
        self.assertEqual(lines[0], "TAP version 14", p.stderr)
        points = [re.fullmatch(r"(not )?ok (\d+) - (.*)", l) for l in lines if re.match(r"(not )?ok ", l)]
        self.assertEqual(lines[1], f"1..{len(points)}")
        self.assertEqual([int(m[2]) for m in points], list(range(1, len(points) + 1)))
        return {m[3]: m[1] is None for m in points}

    def holds(self, text, *options, **how):
        p = self.try_it(text, *options, **how)
        self.assertEqual((p.returncode, p.stderr), (0, ""), p.stdout)
        self.assertTrue(all(self.results(p).values()))
        return p

    def fails(self, text, *words, **how):
        """One assertion that does not hold; the message has the words."""
        p = self.try_it(text, **how)
        self.assertEqual(p.returncode, 1, p.stderr)
        self.assertEqual(list(self.results(p).values()), [False])
        for word in words:
            self.assertIn(word, p.stderr)
        self.assertIn("[assertion-failed]", p.stderr)
        return p

    def wrong(self, text, *places, **how):
        """A test file with mistakes at these places (line:column id), and nothing else in it done."""
        p = self.try_it(text, **how)
        self.assertEqual((p.returncode, p.stdout), (1, ""), p.stderr)
        got = re.findall(r"^t\.test\.toml:(\d+:\d+): error: .* (\[[a-z-]+\])$", p.stderr, re.M)
        self.assertEqual([f"{place} {i}" for place, i in got], list(places), p.stderr)
        return p


def main():
    if not os.path.exists(COMPILE):
        sys.exit(f"{os.path.basename(sys.argv[0])}: {COMPILE} is not built")
    os.umask(0o022)
    r = unittest.main(exit=False, verbosity=1).result
    bad = len(r.failures) + len(r.errors)
    print(f"{r.testsRun - bad} passed, {bad} failed, 0 skipped")
    return 1 if bad or r.testsRun == 0 else 0
