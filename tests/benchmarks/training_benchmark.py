#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the training step with Python PyTorch's, in alternating rounds of one run.

The same network, batch and loss on both sides, channels-last, the same number of threads, tensors
ready beforehand. Needs Debian's python3-torch. Usage:

    python3 tests/benchmarks/training_benchmark.py build/release/bin/training_benchmark [threads]
"""
import json
import math
import os
import subprocess
import sys
import time

THREADS = int(sys.argv[2]) if len(sys.argv) > 2 else 1
os.environ["OMP_NUM_THREADS"] = str(THREADS)
if "avx512bw" in open("/proc/cpuinfo").read():
    os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX")

import torch  # noqa: E402  (the environment must be set before)
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

STEPS = 12
ROUNDS = 3
PEOPLE, GENUINE, FORGERIES = 10, 4, 3
CHANNELS, STRIDES = (32, 48, 96, 160, 224), (2, 2, 2, 1)


class Block(nn.Module):
    def __init__(self, inside, outside, stride):
        super().__init__()
        self.stride = stride
        self.first = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outside)
        self.second = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outside)
        self.shortcut = nn.Conv2d(inside, outside, 1, bias=False)
        self.shortcut_norm = nn.BatchNorm2d(outside)
        nn.init.zeros_(self.second_norm.weight)

    def forward(self, x):
        direct = x if self.stride == 1 else functional.avg_pool2d(x, self.stride, ceil_mode=True)
        inner = functional.relu(self.first_norm(self.first(x)), inplace=True)
        sum_ = self.second_norm(self.second(inner)) + self.shortcut_norm(self.shortcut(direct))
        return functional.relu(sum_, inplace=True)


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, CHANNELS[0], 3, 2, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(CHANNELS[0])
        self.blocks = nn.Sequential(
            *(Block(a, b, s) for a, b, s in zip(CHANNELS, CHANNELS[1:], STRIDES)))
        self.projection = nn.Linear(CHANNELS[-1] * 3 * 6, 256)

    def forward(self, x):
        x = functional.relu(self.stem_norm(self.stem(x)), inplace=True)
        x = functional.adaptive_avg_pool2d(self.blocks(x), (3, 6)).contiguous().flatten(1)
        return functional.normalize(self.projection(x))


def masked_mean(values, mask):
    return (values * mask).sum() / mask.sum().clamp_min(1)


def loss_of(embeddings, person, genuine, log_scale, offset):
    scores = embeddings @ embeddings.t()
    same = person[:, None] == person[None, :]
    either, both = genuine[:, None] | genuine[None, :], genuine[:, None] & genuine[None, :]
    mated = same & both & ~torch.eye(len(person), dtype=torch.bool)
    skilled = same & (genuine[:, None] ^ genuine[None, :])
    random = ~same & either
    logits = log_scale.exp() * (scores - offset)
    costs = functional.softplus(logits)
    hard = costs.masked_select(random)
    pairwise = (masked_mean(functional.softplus(-logits), mated) + masked_mean(costs, skilled) +
                hard.topk(math.ceil(0.05 * hard.numel()), sorted=False)[0].mean())
    scaled = scores / 0.1
    everything = scaled.masked_fill(~(mated | skilled | random), -math.inf)
    contrastive = masked_mean(everything.logsumexp(1, keepdim=True) - scaled, mated)
    return pairwise + 0.3 * contrastive


def python_rate():
    torch.manual_seed(1)
    branch = Branch().to(memory_format=torch.channels_last).train()
    log_scale = nn.Parameter(torch.tensor(math.log(10.0)))
    offset = nn.Parameter(torch.tensor(0.5))
    parameters = [*branch.parameters(), log_scale, offset]
    decayed = [p for p in parameters if p.dim() >= 2]
    free = [p for p in parameters if p.dim() < 2]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 1e-2}, {"params": free, "weight_decay": 0.0}], 1e-3)
    count = PEOPLE * (GENUINE + FORGERIES)
    data = torch.rand(count, 1, 112, 224).contiguous(memory_format=torch.channels_last)
    place = torch.arange(count)
    person = place // (GENUINE + FORGERIES)
    genuine = place % (GENUINE + FORGERIES) < GENUINE

    def step():
        loss = loss_of(branch(data), person, genuine, log_scale, offset)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 5)
        optimiser.step()
        return loss.item()

    for _ in range(2):
        step()
    began = time.perf_counter()
    for _ in range(STEPS):
        step()
    return count * STEPS / (time.perf_counter() - began)


def main():
    torch.set_num_threads(THREADS)
    torch.set_flush_denormal(True)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(python_rate())
        text = subprocess.run([sys.argv[1], str(STEPS), str(THREADS)], check=True,
                              capture_output=True, text=True).stdout
        ours.append(json.loads(text)["imagesPerSecond"])
    ratios = sorted(a / b for a, b in zip(ours, theirs))
    print(f"PyTorch {torch.__version__}: " + ", ".join(f"{x:.1f}" for x in theirs) + " images/s")
    print("Countersign:    " + ", ".join(f"{x:.1f}" for x in ours) + " images/s")
    print(f"ratio: {ratios[len(ratios) // 2]:.2f} (median of {ROUNDS}; "
          f"{ratios[0]:.2f} to {ratios[-1]:.2f})")


main()
