#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ends the program in the middle of its work, lets its disk fail, and keeps it busy.
#
# Usage: tests/reliability/run.sh [full]
#   full: 240 kills, every request to the disk, twenty minutes of work; otherwise five minutes in
#   all.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
preset=${PRESET:-release}
cmake --preset "$preset" >/dev/null && cmake --build --preset "$preset" --target reliability_tests || exit 2
export COUNTERSIGN_RELIABILITY=${1:-short}
ctest --test-dir "build/$preset" -L reliability --no-tests=error --parallel "$(nproc)" --verbose |
  grep -E '^[0-9]+: [a-z ]+: |^[0-9]+: [0-9]+ rounds|FAILED|Failure|error:|Passed|Failed|tests passed|\*\*\*'
exit "${PIPESTATUS[0]}"
