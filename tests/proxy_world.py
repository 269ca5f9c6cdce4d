# SPDX-License-Identifier: Apache-2.0
# proxy_world.py - an internet of our own in a network namespace: addresses, names, servers
#
# enter() puts the process into namespaces where every address of ADDRESSES is
# on the loopback and nothing else exists; serve() starts what answers there.

import ctypes
import os
import socket
import struct
import subprocess
import threading
import time

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x20000, 0x10000000, 0x40000000
PUBLIC = ["93.184.216.34", "151.101.1.69", "8.8.8.8", "2606:2800:220:1::1", "2a00:1450:4001::5"]
SPECIAL = ["10.1.2.3", "192.168.7.7", "172.16.5.5", "169.254.169.254", "100.64.1.1", "198.18.0.1", "203.0.113.5",
           "fd00::1", "2001:db8::1"]
NAMES = {
    "example.org": ["93.184.216.34"], "www.example.org": ["93.184.216.34"], "a.b.example.org": ["151.101.1.69"],
    "other.net": ["151.101.1.69"], "six.net": ["2606:2800:220:1::1"], "both.net": ["8.8.8.8", "2a00:1450:4001::5"],
    "loop.net": ["127.0.0.1"], "loop6.net": ["::1"], "private.net": ["10.1.2.3"], "meta.net": ["169.254.169.254"],
    "cgnat.net": ["100.64.1.1"], "mixed.net": ["10.1.2.3", "93.184.216.34"], "ula.net": ["fd00::1"],
    "denied.net": ["8.8.8.8"], "bench.net": ["198.18.0.1"], "doc.net": ["203.0.113.5"], "b\u00fccher.example".encode("idna").decode(): ["8.8.8.8"],
    "mapped.net": ["::ffff:127.0.0.1"], "upstream.test": ["127.0.0.1"],
}
PORTS = (80, 443, 8080)


def fail(what):
    raise OSError(ctypes.get_errno(), "%s: %s" % (what, os.strerror(ctypes.get_errno())))


def unshare(flags):
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        fail("unshare")


def enter(base):
    """As root, or as an ordinary user, who becomes user 0 of a user namespace; OSError where that cannot be."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        unshare(CLONE_NEWNS | CLONE_NEWNET)
    else:
        unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET)
        for name, text in (("setgroups", "deny"), ("uid_map", "0 %d 1" % uid), ("gid_map", "0 %d 1" % gid)):
            with open("/proc/self/" + name, "w") as f:
                f.write(text)
    if libc.mount(b"none", b"/", None, 0x44000, None) != 0:      # MS_REC | MS_PRIVATE
        fail("mount")
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n"),
                       ("nsswitch.conf", "hosts: files dns\n"), ("hosts", "127.0.0.1 localhost\n")):
        path = os.path.join(base, name)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o644)
        if os.path.exists("/etc/" + name) and libc.mount(path.encode(), os.path.realpath("/etc/" + name).encode(), None, 4096, None) != 0:
            fail("mount " + name)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for a in PUBLIC + SPECIAL:
        subprocess.run(["ip", "addr", "add", a + ("/128" if ":" in a else "/32"), "dev", "lo"] +
                       (["nodad"] if ":" in a else []), check=True)


class Resolver:
    """Answers A and AAAA from `names'; counts what it is asked."""

    def __init__(self):
        self.names = {k: list(v) for k, v in NAMES.items()}
        self.script = {}             # name: lists of addresses, one for each question
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.run, daemon=True).start()

    def addresses(self, name, kind):
        script = self.script.get(name)
        if script and kind == 1:
            return script.pop(0) if len(script) > 1 else script[0]
        return self.names.get(name)

    def run(self):
        while True:
            q, who = self.socket.recvfrom(2048)
            at, labels = 12, []
            while q[at]:
                labels.append(q[at + 1:at + 1 + q[at]].decode("latin-1"))
                at += q[at] + 1
            kind = struct.unpack("!H", q[at + 1:at + 3])[0]
            name = ".".join(labels).lower()
            self.asked.append(name)
            found = self.addresses(name, kind)
            data = [socket.inet_pton(socket.AF_INET6, a) if ":" in a else socket.inet_aton(a) for a in found or []
                    if (":" in a) == (kind == 28)]
            answer = q[:2] + struct.pack("!HHHHH", 0x8180 | (0 if found else 3), 1, len(data), 0, 0) + q[12:at + 5]
            for d in data:
                answer += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(d)) + d
            self.socket.sendto(answer, who)


def listener(family, port, host=""):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((host, port))
    s.listen(512)
    return s


def each(server, serve):
    def loop():
        while True:
            try:
                guest, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=quietly, args=(serve, guest), daemon=True).start()
    threading.Thread(target=loop, daemon=True).start()


def quietly(serve, guest):
    try:
        with guest:
            serve(guest)
    except OSError:
        pass


class Servers:
    """At every address: HTTP that tells where it was reached and what it got."""

    def __init__(self):
        self.reached = []            # (address, port)
        self.heads = []
        self.sent = {}
        self.wake = threading.Event()
        self.ends = []               # (target, how it ended, bytes that went one way)
        for family in (socket.AF_INET, socket.AF_INET6):
            for port in PORTS:
                each(listener(family, port), self.http)
            udp = socket.socket(family, socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            udp.bind(("", 9999))
            threading.Thread(target=self.echo, args=(udp,), daemon=True).start()

    def echo(self, s):
        while True:
            data, who = s.recvfrom(65536)
            self.reached.append(("udp", 9999))
            s.sendto(b"echo " + data, who)

    def http(self, c):
        host, port = c.getsockname()[:2]
        self.reached.append((host, port))
        text = b""
        while True:
            while b"\r\n\r\n" not in text:
                more = c.recv(65536)
                if not more:
                    return
                text += more
            head, _, text = text.partition(b"\r\n\r\n")
            self.heads.append(head.decode("latin-1"))
            lines = head.decode("latin-1").split("\r\n")
            fields = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
            length, body = int(fields.get("content-length", 0)), b""
            if " /deaf" in lines[0]:
                length = 0
            if fields.get("transfer-encoding") == "chunked":
                body, text = self.chunks(c, text)
            while len(body) + len(text) < length:
                more = c.recv(65536)
                if not more:
                    return
                text += more
            if length:
                body, text = text[:length], text[length:]
            method, target, _ = lines[0].split(" ")
            if self.answer(c, method, target, fields, body, host, port):
                return

    def chunks(self, c, text):
        body = b""
        while True:
            while b"\r\n" not in text:
                text += c.recv(65536)
            size, _, text = text.partition(b"\r\n")
            n = int(size.split(b";")[0], 16)
            if n == 0:
                text = b"\r\n" + text
                while b"\r\n\r\n" not in text:
                    text += c.recv(65536)
                return body, text.partition(b"\r\n\r\n")[2]
            while len(text) < n + 2:
                text += c.recv(65536)
            body, text = body + text[:n], text[n + 2:]

    def drain(self, c):
        n = 0
        while True:
            more = c.recv(65536)
            if not more:
                return n
            n += len(more)

    def endless(self, c, target):
        n, piece = 0, bytes(1 << 16)
        try:
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
            while True:
                n += c.send(piece)
                self.sent[c] = n
        except OSError as e:
            self.ends.append((target, type(e).__name__, n))
        return True

    def deaf(self, c, target):
        """Reads nothing until it is told to."""
        self.wake.wait()
        try:
            self.ends.append((target, "end", self.drain(c)))
        except OSError as e:
            self.ends.append((target, type(e).__name__, 0))
        return True

    def answer(self, c, method, target, fields, body, host, port):
        """True: the connection is at its end."""
        say = ("reached %s %d %s %s %s %d\n" % (host, port, method, target, fields.get("host", "-"), len(body))).encode()
        if target.startswith("/big"):
            n = int(target.rsplit("/", 1)[1])
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % n)
            piece = bytes(1 << 18)
            while n > 0:
                n -= c.send(piece[:min(n, len(piece))])
            return False
        if target.startswith("/endless"):
            return self.endless(c, target)
        if target.startswith("/deaf"):
            return self.deaf(c, target)
        if target == "/half":
            c.sendall(say)
            c.shutdown(socket.SHUT_WR)
            self.ends.append((target, "end", self.drain(c)))
            return True
        if target == "/reset":
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + say)
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return True
        if target == "/chunked":
            c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for i in range(3):
                c.sendall(b"%x\r\n%s\r\n" % (len(say), say))
                time.sleep(0.01)
            c.sendall(b"0\r\n\r\n")
            return False
        if target == "/close":
            c.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + say)
            return True
        if target == "/cut":
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort")
            return True
        if target == "/nothing":
            return True
        if target == "/garbage":
            c.sendall(b"this is no HTTP\r\n\r\n")
            return True
        if target == "/both":
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            return True
        if target == "/continue":
            c.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if target == "/switch":
            c.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
            return True
        c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(say) +
                  (b"" if method == "HEAD" else say))
        return False
