"""Web pages: a review of pseudo-labels, and a demo; ``pip install "vosplug[web]"``."""

from .server import demo_app, review_app, serve, serve_demo

__all__ = ['demo_app', 'review_app', 'serve', 'serve_demo']
