"""Version of vosplug."""

__version__ = '0.1.0'
