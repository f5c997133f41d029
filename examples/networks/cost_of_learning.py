"""What a step of learning costs, network by network

Networks of the same width see the same batch. The operations of a step, forward and backward,
are counted from its own program; no formula is assumed.
"""

import jax
import matplotlib.pyplot as plt

from halfbrain.networks.count import count
from halfbrain.networks.dendrites import ActiveDendrites
from halfbrain.networks.gated import Gated
from halfbrain.networks.mlp import Mlp
from halfbrain.networks.training import loss

key, sizes = jax.random.key(0), (784, 512, 512, 10)
x, labels = jax.random.uniform(key, (32, 784)), jax.random.randint(key, (32,), 0, 10)
networks = {
    "plain": (Mlp.init(key, sizes), None),
    "gated by task (XdG)": (Gated.init(key, 10, sizes), jax.numpy.eye(10)[:1]),
    "dendrites, a context for all": (ActiveDendrites.init(key, 10, sizes), x[:1]),
}
bars = {}
for name, (network, contexts) in networks.items():
    forward = count(loss, network, x, labels, contexts).flop
    step = count(jax.grad(loss, allow_int=True), network, x, labels, contexts).flop
    bars[name] = forward, step
    print(f"{name}: {forward:.2e} FLOP forward, {step / forward:.2f} times with the gradient")

figure, axes = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
axes.barh(list(bars), [step for _, step in bars.values()], color="C1", label="with the gradient")
axes.barh(list(bars), [forward for forward, _ in bars.values()], color="C0", label="forward")
axes.set_xlabel("FLOP of a batch of 32")
axes.invert_yaxis()
axes.legend()
plt.show()
