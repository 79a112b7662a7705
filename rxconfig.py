"""Reflex configuration: names and plugins, no logic."""

import reflex as rx

from distrib_app.serving import SameOriginPlugin

config = rx.Config(
    app_name="distrib_app",
    api_url="http://localhost:8000",
    state_manager_mode="memory",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    default_color_mode="light",
    cors_allowed_origins=(),
    plugins=[SameOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
