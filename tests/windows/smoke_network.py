# SPDX-License-Identifier: Apache-2.0
# smoke_network.py - smoke.py's cases of the network: off, through the managed proxy, and what an administrator sets up

import base64
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

from smoke_system import NETWORK, REAL, profile, say, say_to, skip


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


def echo(listener):
    """Whoever connects gets back what he sends until its end, or "bye", and then the end."""
    while True:
        try:
            s = listener.accept()[0]
        except OSError:
            return
        with s:
            got = b""
            for more in iter(lambda: s.recv(65536), b""):
                got += more
                if got.endswith(b"bye"):
                    break
            s.sendall(got)


def connect(m):
    """What ssh would run as a ProxyCommand: a command in the sandbox, and what it is told there."""
    if not m.has_proxy():
        skip("connect", "no cdxp-proxy.exe beside cdxp-run.exe")
        return
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=echo, args=(listener,), daemon=True).start()
    port = str(listener.getsockname()[1])
    ws = m.dir(m.base + "\\connect\\ws")
    exe = m.copy(ws + "\\cdxp-run.exe")
    prof = profile(m, "connect", '"." = "write"', network=NETWORK + '[permissions.p.network.domains]\n"127.0.0.1" = "allow"\n'
        '"denied.test" = "deny"\n')

    def run(*words, data=b""):
        return m.run("--advisory-network", "-C", ws, prof, "--", *words, input=data, stdin=None)

    data = bytes(range(256)) * 4096 + b"\x1a\r\n\n"
    p = run(exe, "connect", "127.0.0.1", port, data=data)
    say(p.returncode == 0 and p.stdout == data, "connect: %d bytes there and back, and the end of the input" % len(data),
        (p.returncode, len(p.stdout), p.stderr))
    p = m.popen("--advisory-network", "-C", ws, prof, "--", exe, "connect", "127.0.0.1", port, stdin=subprocess.PIPE)
    p.stdin.write(b"good bye")
    p.stdin.flush()
    got = p.stdout.read(), p.wait(timeout=60)
    p.communicate()
    say(got == (b"good bye", 0), "connect: it ends with the connection, whatever more there might be to send", got)
    p = run(exe, "connect", "denied.test", "22")
    say(p.returncode == 1 and b"connect: " in p.stderr and b'"denied.test" = "deny"' in p.stderr and b"(403)" in p.stderr,
        "connect: what a rule denies, and which", p)
    p = run("cmd", "/c", "set HTTPS_PROXY=http://cdxp:0@127.0.0.1:%HTTPS_PROXY:*@127.0.0.1:=%&" + exe + " connect 127.0.0.1 " + port)
    say(p.returncode == 1 and b"(407)" in p.stderr and p.stdout == b"", "connect: nobody without the token", p)
    for variables, words, what in (("set HTTPS_PROXY=&set ALL_PROXY=&set HTTP_PROXY=&", b"names no proxy", "where there is no proxy"),
            ("set HTTPS_PROXY=http://127.0.0.1:1&", b"cannot be reached", "where it does not listen")):
        p = run("cmd", "/c", variables + exe + " connect 127.0.0.1 " + port)
        say(p.returncode == 2 and words in p.stderr, "connect: " + what, p)
    listener.close()


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
