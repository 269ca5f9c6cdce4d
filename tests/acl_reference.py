# SPDX-License-Identifier: Apache-2.0
"""acl_reference - what Windows grants by a DACL, by the words of its documentation, slow and literal

A judge of plans for Windows: it shares nothing with the product. An access control entry is (deny, flags, mask, sid),
in the order of the list; a token is a Token; a request is a mask. `reading' says which rights a write-restricted token
puts to its restricting SIDs as well: strict, measured or lenient.
"""
import dataclasses

OI, CI, NP, IO, ID = 1, 2, 4, 8, 16
READ, WRITE, EXECUTE, ALL = 0x120089, 0x120116, 0x1200a0, 0x1f01ff
GENERIC = {0x80000000: READ, 0x40000000: WRITE, 0x20000000: EXECUTE, 0x10000000: ALL}
OWNER_RIGHTS = "S-1-3-4"


@dataclasses.dataclass(frozen=True)
class Token:
    user: str
    groups: frozenset = frozenset()
    deny_only: frozenset = frozenset()
    restricting: tuple = ()
    write_restricted: bool = False


def files(mask):
    for bit, means in GENERIC.items():
        if mask & bit:
            mask = mask & ~bit | means
    return mask


def twice(reading):
    """The rights that are put to the restricting SIDs of a write-restricted token."""
    only_write = WRITE & ~(READ | EXECUTE)
    return {"strict": 0xffffffff & ~(READ | EXECUTE), "measured": only_write | 0xd0000, "lenient": only_write}[reading]


def walk(dacl, owner, want, allowed, denied):
    """Entries are looked at in order until all that is wanted was granted, or some of it denied."""
    left = want
    if owner in allowed and not any(sid == OWNER_RIGHTS and not flags & IO for _, flags, _, sid in dacl):
        left &= ~0x60000        # an owner may read and write the DACL
    for deny, flags, mask, sid in dacl:
        if not left:
            break
        if flags & IO:
            continue
        who = owner if sid == OWNER_RIGHTS else sid
        if deny and who in denied and files(mask) & left:
            return False
        if not deny and who in allowed:
            left &= ~files(mask)
    return not left


def access(dacl, owner, want, token, reading):
    want = files(want)
    if dacl is None:
        return True
    enabled = {token.user} | token.groups
    if token.user in token.deny_only:
        enabled.discard(token.user)
    if not walk(dacl, owner, want, enabled, enabled | {token.user} | token.deny_only):
        return False
    if not token.restricting:
        return True
    again = want & twice(reading) if token.write_restricted else want
    return walk(dacl, owner, again, set(token.restricting), set(token.restricting))


def inherit(dacl, directory):
    """What a child gets from its parent."""
    out = []
    for deny, flags, mask, sid in dacl:
        if directory and flags & CI:
            out.append((deny, ID if flags & NP else flags & (OI | CI) | ID, mask, sid))
        elif directory and flags & OI and not flags & NP:
            out.append((deny, OI | IO | ID, mask, sid))
        elif not directory and flags & OI:
            out.append((deny, ID, mask, sid))
    return out


def canonical(dacl):
    own = [e for e in dacl if not e[1] & ID]
    return [e for e in own if e[0]] + [e for e in own if not e[0]] + [e for e in dacl if e[1] & ID]


class Volume:
    """Directories and files with entries of their own; paths as tuples of components, () being the top."""

    def __init__(self, dacl, owner):
        self.nodes = {(): (True, owner, list(dacl))}

    def add(self, path, directory, owner, own=()):
        self.nodes[path] = (directory, owner, list(own))
        self.known = {}

    def dacl(self, path):
        directory, _, own = self.nodes[path]
        if path not in self.known:
            self.known[path] = canonical(own) + (inherit(self.dacl(path[:-1]), directory) if path else [])
        return self.known[path]

    def check(self, path, want, token, reading):
        return access(self.dacl(path), self.nodes[path][1], want, token, reading)

    def can_delete(self, path, token, reading):
        """DELETE on the object, or FILE_DELETE_CHILD on what holds it."""
        return self.check(path, 0x10000, token, reading) or self.check(path[:-1], 0x40, token, reading)
