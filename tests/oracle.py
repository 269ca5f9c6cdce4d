# SPDX-License-Identifier: Apache-2.0
"""oracle - judges that are no part of this package, where they are there

Looked for in $CDXP_ORACLE, or ../shared/oracle beside the sources.
"""
import importlib.util, os, subprocess, sys

SOURCE = os.environ.get("top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))


def places():
    yield os.environ.get("CDXP_ORACLE", "")
    yield SOURCE + "/../shared/oracle"
    top = subprocess.run(["git", "-C", SOURCE, "rev-parse", "--git-common-dir"], capture_output=True, text=True).stdout.strip()
    if top:
        yield os.path.join(SOURCE, top, "../../shared/oracle")


def find(name):
    """The path of a file of theirs, or None."""
    return next((os.path.join(d, name) for d in places() if d and os.path.exists(os.path.join(d, name))), None)


def load(name):
    """A module of theirs, or None."""
    path = find(name)
    if path is None:
        return None
    spec = importlib.util.spec_from_file_location(os.path.basename(name)[:-3], path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
