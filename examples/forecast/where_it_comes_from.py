"""Where a figure comes from

Every number opens to the tree that it was worked out from, down to the sources. The bars are
what each part of the work takes of a detailed neuron's FLOP.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

print("\n".join(str(hb.explain("blue-brain")).splitlines()[:12]))
print(hb.find_facts("brains.human.neocortical_neurons"))

terms = hb.estimate("blue-brain")["blue-brain"].terms
figure, axes = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
axes.barh(list(terms), [each.p50 for each in terms.values()])
axes.set(xscale="log", xlabel="FLOP of the whole training")
axes.invert_yaxis()
plt.show()
