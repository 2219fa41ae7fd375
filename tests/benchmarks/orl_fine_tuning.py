#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether fine-tuning the face network on half of ORL's people helps with the other half.

    python3 tests/benchmarks/orl_fine_tuning.py ORL WORK

ORL holds a folder of photos for each person (s1 ... s40). The network that is shipped is fine-tuned
on the odd-numbered people and judged on the even-numbered ones, then the other way round; every
comparison of two photos counts. WORK takes tables, networks and reports. About ten minutes.
"""
import csv
import itertools
import json
import os
import pathlib
import subprocess
import sys

CLI = os.environ.get("COUNTERSIGN_CLI", str(
    pathlib.Path(__file__).resolve().parents[2] / "build" / "release" / "bin" / "countersign-cli"))
NETWORK = pathlib.Path(__file__).resolve().parents[2] / "models" / "face" / "face.safetensors"
DEVELOPMENT = 4  # people of the half that is trained on by whom the best moment is chosen


def write_table(path, columns, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def run(*arguments):
    return subprocess.run([CLI, *map(str, arguments)], check=True, capture_output=True, text=True)


def main():
    orl = pathlib.Path(sys.argv[1]).resolve()
    work = pathlib.Path(sys.argv[2]).resolve()
    work.mkdir(parents=True, exist_ok=True)
    people = sorted((p for p in orl.iterdir() if p.is_dir()), key=lambda p: int(p.name[1:]))
    photos = {p.name: sorted(f"{p.name}/{f.name}" for f in p.iterdir()) for p in people}
    for half in (1, 0):
        trained = [p.name for p in people if int(p.name[1:]) % 2 == half]
        judged = [p.name for p in people if int(p.name[1:]) % 2 != half]
        manifest = work / f"half-{half}.csv"
        write_table(manifest, ["path", "subject", "label", "split"],
                    [(photo, person, "genuine", "development" if i < DEVELOPMENT else "train")
                     for i, person in enumerate(trained) for photo in photos[person]])
        trials = []
        for a, b in itertools.combinations([(p, f) for p in judged for f in photos[p]], 2):
            kind = "mated" if a[0] == b[0] else "nonMated"
            trials.append((a[1], b[1], kind, "genuine" if a[0] == b[0] else "random", a[0]))
        trial_list = work / f"half-{half}-trials.csv"
        write_table(trial_list, ["references", "probe", "label", "group", "subject"], trials)
        tuned = work / f"tuned-{half}.safetensors"
        if not tuned.exists():
            run("train", "--root", orl, "--corpus", manifest, "--start-from", NETWORK,
                "--output", tuned, "--resume")
        for name, network in (("shipped", NETWORK), ("fine-tuned", tuned)):
            report = work / f"half-{half}-{name}.json"
            run("evaluate", "--modality", "face", "--network", network, "--root", orl,
                "--trials", trial_list, "--report", report)
            figures = next(group for group in json.loads(report.read_text())["groups"]
                           if group["group"] == "random")
            print(f"{'even' if half else 'odd'} half, {name}: EER "
                  f"{100 * figures['equalErrorRate']:.2f} % "
                  f"({100 * figures['equalErrorRateLow']:.2f} to "
                  f"{100 * figures['equalErrorRateHigh']:.2f}), FNMR at FMR 0.1 % "
                  f"{100 * figures['fnmrAtFmr0.1Percent']:.2f} %, "
                  f"{figures['matedTrials']} mated and {figures['nonMatedTrials']} non-mated trials "
                  f"of {figures['people']} people", flush=True)


main()
