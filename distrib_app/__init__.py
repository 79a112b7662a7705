"""Open platform for multi-tier distribution. `core` decides, `state` translates, `pages` describe."""

__version__ = "0.1.0"
