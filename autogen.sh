#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# autogen.sh - makes ./configure in a checkout; a release has it already
set -eu
cd "$(dirname "$0")"
exec autoreconf --install --force --warnings=all
