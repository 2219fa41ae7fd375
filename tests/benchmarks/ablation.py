#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each idea of training brings on a corpus that the network has never seen.

    python3 tests/benchmarks/ablation.py DATA WORK

DATA holds signatures/ (manifest.csv, cedar, bhsig-bengali, bhsig-hindi) and pen/svc2004.zip. Every
idea is trained with the same small budget on two corpora and the pen data, and judged on the third,
which takes turns: three folds, a seed each, one core. What is done already is not done again, so the
program may be stopped and started at will (a run takes about 20 minutes). The table that is printed
at the end, and by --table before it, is the one of models/README.md.
"""
import csv
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import zipfile

FOLDS = {"cedar": 1, "bhsig-bengali": 2, "bhsig-hindi": 3}  # corpus that is held out, and seed
BASE = {
    "steps": 600, "stepsPerEpoch": 150, "learningRate": 0.002, "averageDecay": 0.99,
    "batch": {"subjects": 10, "genuine": 4, "forgeries": 3},
    "losses": [{"kind": "pairwiseLogistic", "hardestShare": 0.05},
               {"kind": "supervisedContrastive", "weight": 0.3, "temperature": 0.1}],
}
PSEUDO = {"batch": {"subjects": 9, "genuine": 4, "forgeries": 2, "pseudoWriters": 2},
          "pseudoWriters": {"amplitude": 5, "length": 40, "variants": 4}}
VIRTUAL = {"virtualWriters": {"share": 0.7}}
LOCAL = {"architecture": {"mapChannels": 24}}
IDEAS = {
    "base": {},
    "local": LOCAL,
    "pseudo": PSEUDO,
    "invented": {"invented": {"signers": 600, "genuine": 6, "forgeries": 5, "share": 0.3}},
    "augment": {"augmentation": {
        "rotation": 10, "scale": 0.15, "shear": 0.15, "shift": 0.05, "elasticAmplitude": 3,
        "elasticLength": 30, "strokeChance": 0.7, "fadeChance": 0.2, "occlusionChance": 0.3,
        "occlusionSize": 0.25, "lineChance": 0.1}},
    "virtual": VIRTUAL,
    "together": {**LOCAL, **PSEUDO, **VIRTUAL},
}
# Networks of an idea that use references in another way: nothing is trained anew.
ADJUSTED = {"base-copies": "base", "together-copies": "together"}
COPIES = 8


def write_table(path, columns, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def make_folds(data, work):
    """A manifest for each fold, and trials of the writers of the corpus that is held out."""
    root = work / "root"
    if not root.exists():
        root.mkdir(parents=True)
        (root / "signatures").symlink_to(data / "signatures")
        with zipfile.ZipFile(data / "pen" / "svc2004.zip") as archive:
            archive.extractall(root / "pen" / "svc2004")
    with open(data / "signatures" / "manifest.csv") as file:
        samples = list(csv.DictReader(file))
    pen = [(f"pen/svc2004/{task}/U{user}S{n}.TXT", f"svc2004-{task}-{user}",
            "genuine" if n <= 20 else "skilledForgery", "train")
           for task in ("task1", "task2") for user in range(1, 31) for n in range(1, 41)]
    (work / "folds").mkdir(exist_ok=True)
    for held in FOLDS:
        rows = [("signatures/" + s["path"], s["subject"], s["label"],
                 "validation" if s["path"].startswith(held) else s["split"]) for s in samples]
        write_table(work / "folds" / f"{held}.csv", ("path", "subject", "label", "split"), rows + pen)
        # The validation writers stay out, so that no idea is chosen by them.
        writers = {}
        for s in samples:
            if s["path"].startswith(held) and s["split"] != "validation":
                writers.setdefault(s["subject"], {"genuine": [], "skilledForgery": []})[
                    s["label"]].append(s["path"])
        for references in (1, 8):
            write_table(work / "folds" / f"{held}-held-{references}ref.csv",
                        ("references", "probe", "label", "group", "subject"),
                        trials(writers, references, random.Random(7)))


def trials(writers, references, draw):
    for writer in sorted(writers):
        own, forged = writers[writer]["genuine"], writers[writer]["skilledForgery"]
        others = [path for other in sorted(writers) if other != writer
                  for path in writers[other]["genuine"]]
        if references == 1:
            for one, two in itertools.combinations(own, 2):
                yield one, two, "mated", "genuine", writer
            for one in draw.sample(own, min(12, len(own))):
                for two in forged:
                    yield one, two, "nonMated", "skilled", writer
            for _ in range(100):
                yield draw.choice(own), draw.choice(others), "nonMated", "random", writer
            continue
        if len(own) <= references:
            continue
        for _ in range(2):
            chosen = draw.sample(own, references)
            names = "|".join(chosen)
            for probe in own:
                if probe not in chosen:
                    yield names, probe, "mated", "genuine", writer
            for probe in forged:
                yield names, probe, "nonMated", "skilled", writer
            for _ in range(10):
                yield names, draw.choice(others), "nonMated", "random", writer


def run(cli, work, idea, held, seed):
    """Trains and judges; gives up on nothing that was done before."""
    name = f"{idea}-{held}-{seed}"
    network = work / "runs" / f"{name}.safetensors"
    if not network.exists() and idea in ADJUSTED:
        # The usual score is measured on writers of a corpus that is not the one held out.
        seen = next(corpus for corpus in FOLDS if corpus != held)
        subprocess.run([cli, "adjust-network", work / "runs" / f"{ADJUSTED[idea]}-{held}-{seed}.safetensors",
                        "--output", network, "--reference-copies", str(COPIES), "--even-out",
                        work / "root/signatures" / f"{seen}-development-1ref.csv", "--root",
                        work / "root/signatures"], check=True)
    if not network.exists():
        options = work / "runs" / f"{name}.json"
        options.write_text(json.dumps({**BASE, **IDEAS[idea], "name": idea, "seed": seed}))
        subprocess.run([cli, "train", "--corpus", work / "folds" / f"{held}.csv", "--root",
                        work / "root", "--options", options, "--output", network, "--resume"],
                       check=True)
    for references in (1, 8):
        report = work / "results" / f"{name}-held-{references}.json"
        if not report.exists():
            subprocess.run([cli, "evaluate", "--network", network, "--root", work / "root/signatures",
                            "--trials", work / "folds" / f"{held}-held-{references}ref.csv",
                            "--report", report, "--threads", "1"], check=True)
    base = work / "runs" / f"base-{held}-{seed}.safetensors"
    report = work / "results" / f"{name}-against-base.json"
    if idea != "base" and not report.exists() and base.exists():
        subprocess.run([cli, "compare-networks", network, "--before", base, "--root",
                        work / "root/signatures", "--trials",
                        work / "folds" / f"{held}-held-1ref.csv", "--report", report], check=True)


def percent(group, with_interval=True):
    text = f"{100 * group['equalErrorRate']:.1f}"
    if with_interval:
        text += f" ({100 * group['equalErrorRateLow']:.1f}-{100 * group['equalErrorRateHigh']:.1f})"
    return text


def print_table(work):
    print("| idea | held out | 1 reference | difference to base | 8 references | other people |")
    print("|---|---|---|---|---|---|")
    for idea in [*IDEAS, *ADJUSTED]:
        for held, seed in FOLDS.items():
            name = f"{idea}-{held}-{seed}"
            reports = [work / "results" / f"{name}-held-{n}.json" for n in (1, 8)]
            if not all(report.exists() for report in reports):
                continue
            one, eight = ({g["group"]: g for g in json.loads(report.read_text())["groups"]}
                          for report in reports)
            difference = "–"
            compared = work / "results" / f"{name}-against-base.json"
            if compared.exists():
                group = json.loads(compared.read_text())["lists"][0]["groups"][0]
                value, low, high = (100 * x for x in group["difference"])
                difference = f"{value:+.1f} ({low:+.1f} to {high:+.1f})"
            print(f"| {idea} | {held} | {percent(one['skilled'])} | {difference} | "
                  f"{percent(eight['skilled'])} | {percent(one['random'], False)} |")


def main():
    arguments = [a for a in sys.argv[1:] if a != "--table"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    data, work = (pathlib.Path(a).resolve() for a in arguments)
    here = pathlib.Path(__file__).resolve().parent
    cli = os.environ.get("COUNTERSIGN_CLI", here / "../../build/release/bin/countersign-cli")
    if "--table" not in sys.argv:
        for folder in ("runs", "results"):
            (work / folder).mkdir(parents=True, exist_ok=True)
        make_folds(data, work)
        for (held, seed), idea in itertools.product(FOLDS.items(), [*IDEAS, *ADJUSTED]):
            run(cli, work, idea, held, seed)
    print_table(work)


if __name__ == "__main__":
    main()
