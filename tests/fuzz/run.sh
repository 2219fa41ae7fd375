#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzzes everything that is read from files of others, two at a time, so many seconds each.
#
# Usage: tests/fuzz/run.sh [SECONDS] [FOLDER]
#   FOLDER keeps what is found, for the next run; without it only the corpus beside this file is
#   used. A finding is left there, or here, as crash-…
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
seconds=${1:-20}
folder=${2:-$(mktemp -d)}
cmake --preset fuzz >/dev/null && cmake --build --preset fuzz || exit 2

fuzz() {
  local name=$1 seconds=$2 folder=$3
  mkdir -p "$folder/$name"
  build/fuzz/bin/fuzz_"$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=3000 \
    -max_len=65536 -print_final_stats=1 -artifact_prefix="$folder/" \
    "$folder/$name" "tests/fuzz/corpus/$name" >"$folder/$name.log" 2>&1
  local code=$?
  printf '%-12s %s inputs in %s s: %s\n' "$name" \
    "$(sed -n 's/stat::number_of_executed_units: *//p' "$folder/$name.log")" "$seconds" \
    "$([ "$code" -eq 0 ] && echo 'no finding' || grep -m 1 -E 'SUMMARY|ERROR' "$folder/$name.log")"
  return "$code"
}
export -f fuzz
printf '%s\n' image safetensors triallist manifest tflite person audit |
  xargs -P 2 -I NAME bash -c "fuzz NAME '$seconds' '$folder'"
