"""For every test; also puts this folder on the path, so that ``small_data`` can be imported."""

from hypothesis import settings

# no deadline: CI machines stall; no random seeds: a red test stays red
settings.register_profile('vosplug', deadline=None, derandomize=True, max_examples=50)
settings.load_profile('vosplug')
