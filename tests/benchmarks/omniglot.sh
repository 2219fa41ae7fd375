#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Shows that the engine is general: trains on Omniglot's "background small 1" and "small 2", and
# answers the 20 published one-shot runs (400 answers, 20 classes each).
#
#   tests/benchmarks/omniglot.sh OMNIGLOT WORK
#
# OMNIGLOT is the folder "python" of https://github.com/brendenlake/omniglot; WORK takes the images
# and the network.
set -eu
omniglot=$(readlink -f "$1")
mkdir -p "$2"
work=$(readlink -f "$2")
cli=${COUNTERSIGN_CLI:-$(dirname "$(readlink -f "$0")")/../../build/release/bin/countersign-cli}

cd "$work"
python3 - "$omniglot" <<'PYTHON'
import pathlib, shutil, sys, zipfile
source = pathlib.Path(sys.argv[1])
# Both sets hold some of the same alphabets: one folder for all, every drawing once.
for small in ("small1", "small2"):
    with zipfile.ZipFile(source / f"images_background_{small}.zip") as archive:
        archive.extractall("unpacked")
    for image in pathlib.Path("unpacked").glob("*/*/*/*.png"):
        target = pathlib.Path("background", *image.parts[2:])
        target.parent.mkdir(parents=True, exist_ok=True)
        image.replace(target)
    shutil.rmtree("unpacked")
with zipfile.ZipFile(source / "one-shot-classification" / "all_runs.zip") as archive:
    archive.extractall("runs")
# Two characters of each alphabet to judge by while training goes on, all others to train on.
with open("manifest.csv", "w") as table:
    table.write("path,subject,label,split\n")
    for alphabet in sorted(pathlib.Path("background").iterdir()):
        characters = sorted(alphabet.iterdir())
        for character in characters:
            split = "development" if character in characters[:2] else "train"
            for image in sorted(character.iterdir()):
                path = image.relative_to("background")
                table.write(f"{path},{path.parent},genuine,{split}\n")
PYTHON

cat > options.json <<'JSON'
{"name": "omniglot", "steps": 4000, "stepsPerEpoch": 400, "seed": 1,
 "batch": {"subjects": 24, "genuine": 4, "forgeries": 0},
 "losses": [{"kind": "supervisedContrastive", "temperature": 0.1}],
 "augmentation": {"rotation": 15, "scale": 0.2, "shear": 0.25, "shift": 0.06,
                  "elasticAmplitude": 2.5, "elasticLength": 16},
 "averageDecay": 0.998,
 "architecture": {"canvas": {"height": 56, "width": 56}, "channels": [32, 64, 96, 128],
                  "strides": [2, 2, 1], "gridRows": 4, "gridColumns": 4, "embeddingSize": 128},
 "data": ["Omniglot background small 1 and 2 (Lake et al., 2015): MIT licence."]}
JSON
"$cli" train --root background --corpus manifest.csv --options options.json --output omniglot.safetensors --resume
"$cli" one-shot --network omniglot.safetensors --runs runs
