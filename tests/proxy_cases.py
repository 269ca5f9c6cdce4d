# SPDX-License-Identifier: Apache-2.0
# proxy_cases.py - what tests/run-proxy and run-proxy-streams ask of the managed proxy, and the program that asks it in the sandbox

import proxy_world

CLIENT = r"""
import json, os, socket, struct, sys, time
socket.setdefaulttimeout(20)
def proxy(port=3128):
    return socket.create_connection(("127.0.0.1", port))
def read_all(s):
    out = b""
    while True:
        try:
            more = s.recv(65536)
        except ConnectionResetError:
            return out + b"<reset>"
        if not more:
            return out
        out += more
def read_head(s):
    out = b""
    while b"\r\n\r\n" not in out:
        more = s.recv(1)
        if not more:
            break
        out += more
    return out
def ask(text, port=3128):
    s = proxy(port)
    s.sendall(text if isinstance(text, bytes) else text.encode("latin-1"))
    return read_all(s).decode("latin-1")
def bracket(host):
    return "[%s]" % host if ":" in host and not host.startswith("[") else host
def http(host, port, method="GET", path="/"):
    to = bracket(host) + ("" if port == 80 else ":%d" % port)
    return ask("%s http://%s%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (method, to, path, to))
def tunnel(host, port):
    s = proxy()
    to = "%s:%d" % (bracket(host), port)
    s.sendall(("CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (to, to)).encode("latin-1"))
    return s, read_head(s).decode("latin-1")
def socks(host, port, kind=None):
    s = proxy(8081)
    s.sendall(b"\x05\x01\x00")
    if s.recv(2) != b"\x05\x00":
        return s, -1
    if kind == "v4":
        to = b"\x01" + socket.inet_aton(host)
    elif kind == "v6":
        to = b"\x04" + socket.inet_pton(socket.AF_INET6, host)
    else:
        name = host.encode()
        to = b"\x03" + bytes([len(name)]) + name
    s.sendall(b"\x05\x01\x00" + to + struct.pack("!H", port))
    answer = s.recv(10)
    return s, answer[1] if len(answer) > 1 else -1
def verdict(text):
    if "reached " in text:
        return "reached"
    for line in text.split("\r\n"):
        if line.lower().startswith("x-proxy-error:"):
            return line.split(": ")[1]
    return text.split("\r\n")[0][:60]
def get_through(s):
    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    s.shutdown(socket.SHUT_WR)
    return read_all(s).decode("latin-1")
def try_one(way, host, port):
    if way in ("GET", "HEAD", "OPTIONS", "POST", "DELETE"):
        text = http(host, port, way)
        return verdict(text) if way != "HEAD" or " 200 " not in text else "reached"
    if way == "CONNECT":
        s, head = tunnel(host, port)
        return verdict(get_through(s)) if " 200 " in head else verdict(head)
    s, code = socks(host, port)
    return verdict(get_through(s)) if code == 0 else "socks %d" % code
"""

SPELLINGS = {
    "10.1.2.3": ["10.1.2.3", "10.66051", "0x0a010203", "012.1.2.3", "[::ffff:10.1.2.3]", "167838211"],
    "93.184.216.34": ["93.184.216.34", "93.184.55330", "0x5db8d822", "1572395042", "[::ffff:5db8:d822]"],
    "127.0.0.1": ["127.1", "0x7f000001", "0177.0.0.1", "2130706433", "[::ffff:7f00:1]", "127.0.0.1"],
    "example.org": ["EXAMPLE.org", "example.org.", "Example.Org"],
    "xn--bcher-kva.example": ["xn--bcher-kva.example", "XN--BCHER-KVA.EXAMPLE"],
}
CANONICAL = {s: host for host, spellings in SPELLINGS.items() for s in spellings}
TABLES = (
    ("names", '"example.org" = "allow"\n"*.example.org" = "allow"\n"other.net:443" = "allow"\n"bücher.example" = "allow"\n', ""),
    ("deny", '"*" = "allow"\n"**.example.org" = "deny"\n"denied.net:80" = "deny"\n"151.101.1.69" = "deny"\n', ""),
    ("addresses", '"93.184.216.34" = "allow"\n"10.1.2.3:80" = "allow"\n"[2606:2800:220:1::1]" = "allow"\n"*.net" = "allow"\n'
     '"169.254.169.254" = "deny"\n', ""),
    ("local", '"*.net" = "allow"\n"127.0.0.1" = "allow"\n"private.net" = "deny"\n"[fd00::1]" = "deny"\n', "allow_local_binding = true"),
    ("limited", '"**.example.org" = "allow"\n"mixed.net" = "allow"\n"[2a00:1450:4001::5]" = "allow"\n', 'mode = "limited"'),
    ("nothing", "", ""),
    ("only limited", None, 'mode = "limited"'),
)
DESTINATIONS = (
    [(h, 80) for h in ("example.org", "www.example.org", "a.b.example.org", "other.net", "six.net", "both.net", "loop.net",
                       "loop6.net", "private.net", "meta.net", "cgnat.net", "mixed.net", "ula.net", "denied.net", "bench.net",
                       "doc.net", "mapped.net", "xn--bcher-kva.example", "nowhere.net", "localhost", "example.org.evil.test",
                       "notexample.org")] +
    [(h, 443) for h in ("example.org", "other.net", "denied.net", "10.1.2.3", "93.184.216.34")] +
    [(h, 8080) for h in ("example.org", "other.net", "127.0.0.1")] +
    [(a, 80) for a in proxy_world.PUBLIC + proxy_world.SPECIAL + ["::1", "0.0.0.0", "255.255.255.255", "::ffff:10.1.2.3"]] +
    [(s, 80) for spellings in SPELLINGS.values() for s in spellings])
WAYS = ("GET", "CONNECT", "SOCKS", "POST", "HEAD")

# Heads that two readers could take for different requests, or for none.
REFUSED = {
    "length and chunks": "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "the same length twice": "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5, 5\r\n\r\nhello",
    "a signed length": "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: +5\r\n\r\nhello",
    "a coding behind chunked": "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a coding that is nearly chunked": "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": "POST http://example.org/ HTTP/1.0\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length : 5\r\n\r\nhello",
    "a folded line": "GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\nX: a\r\n b\r\n\r\n",
    "a bare line feed": "GET http://example.org/ HTTP/1.1\nHost: example.org\n\n",
    "a line feed within": "GET http://example.org/ HTTP/1.1\r\nHost: example.org\nX: y\r\n\r\n",
    "a bare carriage return": "GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\nX: a\rb\r\n\r\n",
    "a NUL": "GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\nX: a\0b\r\n\r\n",
    "no Host": "GET http://example.org/ HTTP/1.1\r\n\r\n",
    "two Hosts": "GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\nHost: example.org\r\n\r\n",
    "another Host": "GET http://example.org/ HTTP/1.1\r\nHost: other.net\r\n\r\n",
    "another port in Host": "GET http://example.org/ HTTP/1.1\r\nHost: example.org:81\r\n\r\n",
    "another Host with CONNECT": "CONNECT example.org:443 HTTP/1.1\r\nHost: other.net:443\r\n\r\n",
    "a user name": "GET http://example.org@other.net/ HTTP/1.1\r\nHost: other.net\r\n\r\n",
    "a path alone": "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "https": "GET https://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "a CONNECT without a port": "CONNECT example.org HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "a CONNECT with a body": "CONNECT example.org:80 HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\n\r\nhello",
    "a CONNECT in small letters": "connect example.org:80 HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "an escaped host": "GET http://ex%61mple.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "a zone": "GET http://[fe80::1%25lo]/ HTTP/1.1\r\nHost: [fe80::1%25lo]\r\n\r\n",
    "a pattern": "GET http://*.example.org/ HTTP/1.1\r\nHost: *.example.org\r\n\r\n",
    "two spaces": "GET  http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "no version": "GET http://example.org/\r\nHost: example.org\r\n\r\n",
    "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "many fields": "GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n" + "A: b\r\n" * 101 + "\r\n",
    "a long line": "GET http://example.org/" + "a" * 9000 + " HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "a long head": "GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n" + ("A: " + "b" * 8000 + "\r\n") * 5 + "\r\n",
    "many empty lines": "\r\n\r\n\r\n\r\nGET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "bad chunks": "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n",
    "a chunk that is too long": "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
}

# Who is let send and is not read from, and the other way round.
PRESSURE = r"""
count = int(sys.argv[1])
kept = []
try_one("GET", "example.org", 80)
print("up", flush=True)
sys.stdin.readline()
def keep(s, text):
    s.sendall(text.encode()); kept.append(s)
for i in range(count):
    keep(tunnel("example.org", 80)[0], "GET /endless/t HTTP/1.1\r\nHost: x\r\n\r\n")
    keep(socks("example.org", 80)[0], "GET /endless/s HTTP/1.1\r\nHost: x\r\n\r\n")
    keep(proxy(), "GET http://example.org/endless/g HTTP/1.1\r\nHost: example.org\r\n\r\n")
    keep(tunnel("example.org", 80)[0], "GET /deaf/t HTTP/1.1\r\nHost: x\r\n\r\n")
    keep(proxy(), "POST http://example.org/deaf/p HTTP/1.1\r\nHost: example.org\r\nContent-Length: 1000000000000\r\n\r\n")
# Until nothing is taken for a while: by then it is in the way of itself, or there is no end.
full, sent = 0, 0
for s in kept:
    s.setblocking(False)
while full < 20 and sent < 4 << 30:
    full += 1
    for s in kept:
        try:
            while sent < 4 << 30:
                sent += s.send(bytes(1 << 16)); full = 0
        except BlockingIOError:
            pass
    time.sleep(0.05)
print(sent, flush=True)
sys.stdin.readline()
print(json.dumps([try_one(way, "example.org", 80) for way in ("GET", "CONNECT", "SOCKS")]), flush=True)
"""

# Who sends a byte a second.
SLOW = r"""
import threading
out = {}
def trickle(name, port, text):
    # With a byte a second it would take far longer than anybody waits.
    s, t, answer = proxy(port), time.monotonic(), b""
    s.settimeout(1)
    for c in text * 9:
        try:
            s.send(bytes([c]))
            more = s.recv(4096)
            answer += more
            if not more:
                break
        except socket.timeout:
            continue
        except OSError:
            break
        if time.monotonic() - t > 300:
            answer += b"never"
            break
    out[name] = answer.decode("latin-1").split("\r\n")[0]
field = b"A: " + b"b" * 200 + b"\r\n"
threads = [threading.Thread(target=trickle, args=a) for a in (
    ("a head", 3128, b"GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n" + field),
    ("a tunnel", 3128, b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n" + field),
    ("methods of SOCKS", 8081, b"\x05\xff" + b"\x01" * 255),
    ("a name of SOCKS", 8081, b"\x05\x01\x00\x05\x01\x00\x03\xff" + b"a" * 255))]
for t in threads: t.start()
for t in threads: t.join()
print(json.dumps(out, sort_keys=True))
"""
