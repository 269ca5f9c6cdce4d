# SPDX-License-Identifier: Apache-2.0
# denial_cases.py - what tests/run-denials does in a sandbox, under which profiles, and where
import re

PROFILE = """default_permissions = "t"
[permissions.t.filesystem]
":minimal" = "read"
"ROOT/ext" = "read"
"ROOT/ext/out" = "write"
"~/notes" = "write"
"~/.ssh" = "deny"
[permissions.t.filesystem.":workspace_roots"]
"." = "write"
"ro" = "read"
"ro/open" = "write"
"secret" = "deny"
"docs/style.md" = "read"
"**/*.pem" = "deny"
[permissions.t.network.unix_sockets]
"ROOT/ext/allowed.sock" = "allow"
"""
# What Landlock can say: access never falls with depth.
FLAT = """default_permissions = "t"
[permissions.t.filesystem]
":minimal" = "read"
"ROOT/ext" = "read"
"BASE/denial-ops" = "read"
"ROOT/ext/out" = "write"
NAMES:ROOT/ext/out
"~/notes" = "write"
NAMES:~/notes
[permissions.t.filesystem.":workspace_roots"]
"a" = "write"
NAMES:a
"ro" = "read"
"ro/open" = "write"
NAMES:ro/open
"docs" = "read"
"""
FLAT = re.sub("NAMES:(.*)", lambda m: "\n".join(f'"{m[1]}/{n}" = "write"' for n in (".git", ".agents", ".codex")), FLAT)
TREE = ["ws/a/b/", "ws/a/b/f", "ws/a/f", "ws/a/g", "ws/a/x", "ws/.git/hooks/", "ws/.git/config", "ws/ro/f", "ws/ro/d/", "ws/ro/open/f",
        "ws/secret/key", "ws/docs/guide.md", "ws/docs/style.md", "ws/keys/a.pem", "ext/data", "ext/d/e/", "ext/out/f",
        "home/.ssh/id", "home/notes/n", "home/other", "tmp/"]

# call, first path, second path or argument; paths below ROOT.  With what it is on the host: if the call would fail there too, it
# is no denial where the command may look.
OPERATIONS = """
read ws/a/f
read ws/secret/key
read ws/secret/none
pass ws/a/b/f
read ws/keys/a.pem
read ws/none
read ext/data
read ext/none
read home/.ssh/id
read home/other
path ws/secret
stat ws/secret/key
list ws/a
list ws/secret/key
write ws/a/f
write ws/ro/f
write ext/data
write ws/none
write ws/.git/config
update ws/docs/style.md
update ws/docs/guide.md
append ws/secret/key
empty ws/ro/f
openat2 ext/data
create ws/new
create ws/ro/new
create ext/new
create ws/.git/hooks/pre-commit
create ws/ro/open/new
create home/.ssh/authorized_keys
create home/new
fresh ext/data
fresh ext/d/fresh
nameless ext/d
nameless ws/a
mkdir ext/d
mkdir ext/made
mkdir ext/none/made
mkdir ws/a/made
mkdir ws/.codex
mkdirat ws/ro/made
mkfifo ws/ro/fifo
symlink ext/link
symlink ws/.git/link
bind ws/ro/sock
bind ws/a/sock
unlink ws/a/x
unlink ws/ro/f
unlink ws/ro/none
unlink ws/keys/a.pem
unlink ws/docs/style.md
unlinkat ext/data
rmdir ws/.git
rmdir ext/d/e
rename ws/a/g ws/a/h
rename ws/a/b/f ext/h
rename ext/data ws/a/data
rename ws/keys ws/keys2
rename ws/secret ws/secret2
link ext/data ws/a/linked
link ws/a/f ws/.git/f
chmod ws/ro/f
chmod ws/a/f
fchmod ext/data
chown ws/.git/config
touch ws/docs/style.md
truncate ws/ro/f
truncate ws/secret/key
setxattr ext/data
removexattr ws/.git/config
execute ws/secret/key
execute ws/a/f
look ws/secret/key
path home/other
path home/.ssh/id
path ws/none
look home/other
look home
look ws/none
look ext/data
canread ws/secret/key
canread home/.ssh/id
canread ws/a/f
canwrite ws/ro/f
canwrite ext/d
canwrite ext/none
canwrite ws/a/f
canexecute ws/secret/key
canexecute ext/data
enter home/.ssh
enter ws/secret
enter ws/ro
again ws/ro/open/f
again ext/data
creat ext/created
lchown ws/docs/style.md
exchange ws/a/f ws/ro/f
connect ext/allowed.sock
connect ext/none.sock
tcp 192.0.2.1 80
tcp 127.0.0.1 9
udp 192.0.2.1 53
tcp 2001:db8::1 443
udp 2001:db8::1 53
message 192.0.2.1 54
messages 192.0.2.1 55
messages 2001:db8::1 55
message 127.0.0.1 9
tcp ::1 9
socket 17 3
socket 1 2
socket 2 1
""".strip().splitlines()
LOOKS = {"path": "stat", "stat": "stat", "look": "stat", "enter": "stat", "canread": "read", "canwrite": "write",
         "canexecute": "execute"}
INTERNET = {"tcp", "udp", "message", "messages"}
READS = {"read", "pass", "list", "execute"}
FRESH = {"create", "fresh", "mkdir", "mkdirat", "mkfifo", "symlink", "bind", "append", "creat"}
ACTION = {"read": "read", "list": "read", "execute": "execute", "write": "write", "update": "write", "empty": "write",
          "openat2": "write", "again": "write", "exchange": "rename", **LOOKS, "nameless": "create", "unlink": "remove", "unlinkat": "remove", "rmdir": "remove",
          "rename": "rename", "link": "link", "truncate": "write", "connect": "connect", "tcp": "connect", "udp": "send", "message": "send", "messages": "send",
          "socket": "socket"}
