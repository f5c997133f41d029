"""halfbrain: how much compute would it take to train half a human neocortex?"""

from halfbrain.version import VERSION as __version__

__all__ = ["__version__"]
