#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ends the program in the middle of its work, lets its disk fail, keeps it busy, and has many desks
# work with one store.
#
# Usage: tests/reliability/run.sh [full|short] [SUITE]
#   full:  240 kills, every request to the disk, twenty minutes of work, 16 desks with 500 operations
#          each; otherwise five minutes in all.
#   SUITE: only this one, for example ManyDesks.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
preset=${PRESET:-release}
cmake --preset "$preset" >/dev/null && cmake --build --preset "$preset" --target reliability_tests || exit 2
export COUNTERSIGN_RELIABILITY=${1:-short}
ctest --test-dir "build/$preset" -L reliability -R "${2:-.}" --no-tests=error --parallel "$(nproc)" --verbose |
  grep -E '^[0-9]+: [a-z ]+: |^[0-9]+: [0-9]+ rounds|FAILED|Failure|error:|Passed|Failed|tests passed|\*\*\*'
exit "${PIPESTATUS[0]}"
