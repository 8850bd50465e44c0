"""Training speed of the same model in PyTorch, for spec/bench/train_beside.lua.

The shape and batches of spec/bench/train.lua, as one would write them in PyTorch: whole sequences of
one length, attention as two batched products, AdamW over all weights at once. Prints tokens per
second of each step.
    python3 train_torch.py THREADS SEQUENCES LENGTH STEPS
"""
import math
import sys
import time

import torch
import torch.nn.functional as F

threads, sequences, length, steps = (int(a) for a in sys.argv[1:5])
LAYERS, WIDTH, HEADS, GROUPS, SIZE, HIDDEN, VOCABULARY = 12, 192, 6, 2, 32, 512, 4096
torch.set_num_threads(threads)
torch.manual_seed(1)


def weight(rows, cols):
    return torch.nn.Parameter(torch.randn(rows, cols) * 0.02)


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm = torch.nn.Parameter(torch.ones(WIDTH))
        self.qkv = weight((HEADS + 2 * GROUPS) * SIZE, WIDTH)
        self.out = weight(WIDTH, HEADS * SIZE)
        self.mlp_norm = torch.nn.Parameter(torch.ones(WIDTH))
        self.gate_up = weight(2 * HIDDEN, WIDTH)
        self.down = weight(WIDTH, HIDDEN)


def rmsnorm(x, w):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * w


def rope(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


def attention(block, x, cos, sin, mask):
    batch, tokens, _ = x.shape
    qkv = F.linear(rmsnorm(x, block.attention_norm), block.qkv)
    q, k, v = qkv.split((HEADS * SIZE, GROUPS * SIZE, GROUPS * SIZE), -1)
    q = rope(q.view(batch, tokens, HEADS, SIZE).transpose(1, 2), cos, sin)
    k = rope(k.view(batch, tokens, GROUPS, SIZE).transpose(1, 2), cos, sin)
    v = v.view(batch, tokens, GROUPS, SIZE).transpose(1, 2)
    k, v = (t.repeat_interleave(HEADS // GROUPS, 1) for t in (k, v))
    scores = (q @ k.transpose(-1, -2)) / math.sqrt(SIZE) + mask
    mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, tokens, HEADS * SIZE)
    return x + F.linear(mixed, block.out)


def mlp(block, x):
    gate, up = F.linear(rmsnorm(x, block.mlp_norm), block.gate_up).chunk(2, -1)
    return x + F.linear(F.silu(gate) * up, block.down)


embed = weight(VOCABULARY, WIDTH)
norm = torch.nn.Parameter(torch.ones(WIDTH))
blocks = torch.nn.ModuleList(Block() for _ in range(LAYERS))
weights = [embed, norm, *blocks.parameters()]
optimiser = torch.optim.AdamW(weights, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, foreach=True)
angles = torch.arange(length)[:, None] * 10000.0 ** (-torch.arange(0, SIZE, 2) / SIZE)
cos, sin = torch.cat((angles, angles), -1).cos(), torch.cat((angles, angles), -1).sin()
mask = torch.full((length, length), -math.inf).triu(1)
ids = torch.randint(VOCABULARY, (sequences, length + 1))

for step in range(steps):
    began = time.perf_counter()
    x = embed[ids[:, :-1]]
    for block in blocks:
        x = mlp(block, attention(block, x, cos, sin, mask))
    logits = F.linear(rmsnorm(x, norm), embed)
    loss = F.cross_entropy(logits.view(-1, VOCABULARY), ids[:, 1:].reshape(-1))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(weights, 1.0)
    optimiser.step()
    optimiser.zero_grad(set_to_none=False)
    print(sequences * length / (time.perf_counter() - began), flush=True)
