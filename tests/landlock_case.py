# SPDX-License-Identifier: Apache-2.0
# landlock_case.py - what a test under the kernel's Landlock has: a directory with programs, TAP; exit 77 without Landlock

import atexit
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
RUN, DRIVER = BUILD + "/cdxp-run", BUILD + "/tests/landlock-driver"

passed = failed = skipped = 0


def say(good, name, detail=""):
    global passed, failed
    passed, failed = passed + good, failed + (not good)
    print("%s %d - %s" % ("ok" if good else "not ok", passed + failed + skipped, name), flush=True)
    if not good:
        print("# " + str(detail).replace("\n", "\n# "), flush=True)


def skip(name, why):
    global skipped
    skipped += 1
    print("ok %d - %s # SKIP %s" % (passed + failed + skipped, name, why), flush=True)


abi, _, why = subprocess.run([DRIVER, "abi"], text=True, capture_output=True).stdout.strip().partition(" ")
if why:
    print("SKIP: " + why)
    sys.exit(77)
ABI = min(int(abi), 7)
base = tempfile.mkdtemp(prefix="cdxp-landlock-", dir="/var/tmp")
atexit.register(shutil.rmtree, base, ignore_errors=True)
os.chmod(base, 0o755)
# the checkout may lie where rules of a test do not reach
for tool in ("probe", "landlock-calls"):
    shutil.copy(BUILD + "/tests/" + tool, base)
PROBE, CALLS = base + "/probe", base + "/landlock-calls"
home = base + "/home"
os.mkdir(home)
ENV = dict(os.environ, HOME=home, XDG_STATE_HOME=home + "/state", XDG_CACHE_HOME=home + "/cache", PATH="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
SYSTEM = [d for d in ("/bin", "/etc", "/lib", "/lib32", "/lib64", "/sbin", "/usr") if os.path.isdir(d) and not os.path.islink(d)]


def play(*parts):
    for part in parts:
        part()
    print("1..%d" % (passed + failed + skipped))
    print("# %d passed, %d failed, %d skipped" % (passed, failed, skipped))
    sys.exit(1 if failed else 0)
