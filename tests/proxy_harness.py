# SPDX-License-Identifier: Apache-2.0
# proxy_harness.py - sandboxes with a managed proxy, on an internet of their own: what the tests of it share

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import types

import proxy_world
from proxy_cases import CLIENT

BUILD = os.environ.get("top_builddir", ".")
PROGRAM = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else BUILD + "/cdxp-run")
COMPILER = os.path.join(os.path.dirname(PROGRAM), "cdxpc")
PORTABLE = os.path.abspath(BUILD + "/tests/portable-net/cdxp-proxy")
ROOT = os.geteuid() == 0
WHO = "root" if ROOT else "user"
SYSTEM = "/usr/bin/python3"
PYTHON = SYSTEM if os.access(SYSTEM, os.X_OK) else os.path.realpath(sys.executable)
NOBODY = 65534

passed = failed = skipped = 0
# Where this is: set before the first of the parts, and the backend before each.
here = types.SimpleNamespace(backend="builtin", base=None, work=None, resolver=None, servers=None)


def say(good, name, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print("%s %d - %s %s: %s" % ("ok" if good else "not ok", passed + failed + skipped, here.backend, WHO, name), flush=True)
    if not good:
        print("# " + str(detail)[:3000].replace("\n", "\n# "), flush=True)


def skip(name, why):
    global skipped
    skipped += 1
    print("ok %d - %s %s: %s # SKIP %s" % (passed + failed + skipped, here.backend, WHO, name, why), flush=True)


PROFILE = """default_permissions = "p"
[permissions.p.filesystem]
":minimal" = "read"
"%(python)s" = "read"
"%(build)s" = "read"
[permissions.p.filesystem.":workspace_roots"]
"." = "write"
[permissions.p.network]
enabled = true
%(more)s
[permissions.p.network.domains]
%(domains)s
"""
RULES = """"**.example.org" = "allow"
"*.net" = "allow"
"bücher.example" = "allow"
"denied.net" = "deny"
"""


def profile(domains=RULES, more="", text=None):
    path = os.path.join(here.base, "profile.toml")
    with open(path, "w") as f:
        f.write(text or PROFILE % {"python": PYTHON if PYTHON == SYSTEM else sys.base_prefix, "build": os.path.dirname(PROGRAM),
                                   "more": more, "domains": domains})
    return path


def environment(**more):
    e = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    e.update(HOME=here.base + "/home", XDG_STATE_HOME=here.base + "/state", PYTHONDONTWRITEBYTECODE="1", GIT_CONFIG_NOSYSTEM="1", **more)
    e.pop("TMPDIR", None)
    return e


def start(*command, domains=RULES, more="", options=(), env=None, text=None, **popen):
    popen.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen([PROGRAM, "--backend=" + here.backend, *options, profile(domains, more, text), "--", *command],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=here.work,
                            env=env or environment(), errors="replace", **popen)


def run(*command, timeout=60, **how):
    p = start(*command, **how)
    try:
        out, err = p.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        p.kill()
        out, err = p.communicate()
        return -1, out, "timed out: " + err
    return p.returncode, out, err


def inside(code, *args, **how):
    """The code in a sandbox, with the functions above; what it gives as JSON."""
    script = os.path.join(here.work, "client.py")
    with open(script, "w") as f:
        f.write(CLIENT + code)
    status, out, err = run(PYTHON, script, *args, **how)
    try:
        return json.loads(out)
    except ValueError:
        return {"status": status, "out": out, "err": err}


def wait_for(what):
    for _ in range(1500):
        if what():
            break
        time.sleep(0.02)
    return what()


def backends():
    found = ["builtin"]
    if shutil.which("bwrap") and subprocess.run(["bwrap", "--unshare-user", "--ro-bind", "/", "/", "true"],
                                                capture_output=True).returncode == 0:
        found.append("bwrap")
    return found


def again_as_user(script):
    """The same by an ordinary user, who may not be able to read the build directory."""
    source = os.path.dirname(os.path.abspath(sys.argv[0]))
    with tempfile.TemporaryDirectory(prefix="cdxp-u-", dir="/tmp") as d:
        os.chmod(d, 0o755)
        for name in ("cdxp-run", "cdxp-proxy", "cdxpc"):
            shutil.copy(os.path.join(os.path.dirname(PROGRAM), name), d)
        os.mkdir(d + "/tests")
        for name in (script, "proxy_cases.py", "proxy_harness.py", "proxy_world.py", "reference.py", "reference_path.py"):
            shutil.copy(os.path.join(source, name), d + "/tests")
        os.mkdir(d + "/home")
        os.chown(d + "/home", NOBODY, NOBODY)
        p = subprocess.run(["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups", PYTHON,
                            d + "/tests/" + script, d + "/cdxp-run"], cwd=d + "/home",
                           env=dict(os.environ, HOME=d + "/home", top_srcdir=d, WITHOUT_WAITING="1"))
        return p.returncode


def in_world(d, every, once, first, last):
    """A process of its own, as namespaces are entered once."""
    here.base, here.work = d, d + "/work"
    for name in ("work", "home", "state"):
        os.mkdir(os.path.join(d, name))
    try:
        proxy_world.enter(d)
    except (OSError, subprocess.CalledProcessError) as e:
        print("1..0 # SKIP no network of our own can be made here: %s" % e, flush=True)
        return 77
    here.resolver, here.servers = proxy_world.Resolver(), proxy_world.Servers()
    try:
        only = os.environ.get("ONLY", "").split()
        # How long the proxy waits for somebody is the same whoever runs it: half a minute once is enough.
        wait = first and (first.__name__ in only if only else not os.environ.get("WITHOUT_WAITING"))
        begun = first() if wait else None
        for here.backend in backends():
            for part in every if here.backend == "builtin" else once:
                if not only or part.__name__ in only:
                    part()
        here.backend = "builtin"
        if begun:
            last(begun)
    finally:
        print("# %s: %d passed, %d failed, %d skipped" % (WHO, passed, failed, skipped), flush=True)
    return 1 if failed else 0


def portably(script, parts):
    """These parts with the proxy as other systems have it: no splice(2), no edge-triggered events."""
    with tempfile.TemporaryDirectory(prefix="cdxp-p-", dir="/var/tmp") as d:
        for file in (PROGRAM, COMPILER, PORTABLE):
            shutil.copy(file, d)
        print("# with what every system has:", flush=True)
        return subprocess.run([PYTHON, os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), script), d + "/cdxp-run"],
                              env=dict(os.environ, ONLY=" ".join(part.__name__ for part in parts), ONLY_AS_WE_ARE="1")).returncode


def main(every, once, first=None, last=None, portable=()):
    """The parts, those for bwrap too, and one that goes on beside them: what begins it and what looks at it; and those
    that are tried with the proxy of other systems too. The status."""
    script = os.path.basename(sys.argv[0])
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    if not shutil.which("ip"):
        print("1..0 # SKIP no ip")
        return 77
    with tempfile.TemporaryDirectory(prefix="cp-", dir="/var/tmp") as d:
        os.chmod(d, 0o755)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                status = in_world(d, every, once, first, last)
            except Exception:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if os.environ.get("ONLY_AS_WE_ARE"):
        return status
    others = [again_as_user(script)] if ROOT and shutil.which("setpriv") else []
    if portable and os.access(PORTABLE, os.X_OK) and not os.environ.get("ONLY"):
        others.append(portably(script, portable))
    return 1 if 1 in (status, *others) or min(status, *others, 0) < 0 else status
