"""The Active Dendrites Network's equations in plain PyTorch, a context for each sample.

Run by benchmarks/dendrites.py with another Python; it reads weights and batches from one file and
writes losses and seconds to another.
"""

import sys
import time

import numpy as np
import torch


def forward(weights, x, context, winners):
    at = 0
    for k in winners:
        weight, bias, segments = weights[at : at + 3]
        at += 3
        responses = torch.einsum("usc,bc->bus", segments, context)
        chosen = responses.abs().argmax(dim=2, keepdim=True)
        gate = torch.sigmoid(responses.gather(2, chosen).squeeze(2))
        y = torch.nn.functional.linear(x, weight, bias) * gate
        edge = y.topk(k, dim=1).values[:, -1:]
        x = torch.where(y >= edge, y, torch.zeros_like(y))
    return torch.nn.functional.linear(x, weights[at], weights[at + 1])


def main(given, results):
    torch.set_num_threads(2)
    file = np.load(given)
    weights = [torch.tensor(file[f"w{i}"], requires_grad=True) for i in range(int(file["arrays"]))]
    masks = {i: torch.tensor(file[f"m{i}"]) for i in range(len(weights)) if f"m{i}" in file}
    images, labels = torch.tensor(file["images"]), torch.tensor(file["labels"]).long()
    context = torch.tensor(file["context"])
    optimiser = torch.optim.Adam(weights, lr=float(file["rate"]))
    losses, ends = [], [time.perf_counter()]
    for batch in torch.tensor(file["order"]).long():
        x = images[batch]
        optimiser.zero_grad()
        logits = forward(weights, x, context.expand(len(x), -1), list(file["winners"]))
        loss = torch.nn.functional.cross_entropy(logits, labels[batch])
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            for i, mask in masks.items():
                weights[i] *= mask
        losses.append(float(loss.detach()))
        ends.append(time.perf_counter())
    np.savez(results, losses=losses, seconds=np.diff(ends))
    print(torch.__version__)


if __name__ == "__main__":
    main(*sys.argv[1:])
