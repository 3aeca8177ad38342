"""Web pages: review of pseudo-labels, and demo; ``pip install "vosplug[web]"``."""

from .server import demo_app, review_app, serve, serve_demo

__all__ = ['demo_app', 'review_app', 'serve', 'serve_demo']
