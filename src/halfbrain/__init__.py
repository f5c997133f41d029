"""halfbrain: how much compute would it take to train half a human neocortex?"""
