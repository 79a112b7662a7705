"""Calls a handler now and then while its tab is looked at, and at once when somebody comes back to it."""

from typing import Any

import reflex as rx
from reflex_base.components.component import Component
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData


class _Heartbeat(Component):
    """Draws nothing; a hidden tab asks nothing."""

    tag = "Fragment"
    library = "react"

    milliseconds: rx.Var[int]
    on_beat: rx.EventHandler[rx.event.no_args_event_spec]

    def _exclude_props(self) -> list[str]:
        return ["milliseconds", "on_beat"]

    def add_hooks(self) -> list[str | rx.Var[str]]:
        """The effect."""
        beat = rx.Var.create(self.event_triggers["on_beat"])
        data = VarData.merge(
            VarData(imports={"react": [ImportVar(tag="useEffect")]}), beat._get_all_var_data()
        )
        body = f"""
  const beat = () => {{ if (!document.hidden) ({beat!s})() }}
  const timer = setInterval(beat, {self.milliseconds!s})
  document.addEventListener("visibilitychange", beat)
  return () => {{ clearInterval(timer); document.removeEventListener("visibilitychange", beat) }}
"""
        return [rx.Var(f"useEffect(() => {{ {body} }}, [])", _var_data=data)]


def heartbeat(handler: Any, *, seconds: int) -> rx.Component:
    """Call `handler` every `seconds` while the tab is visible."""
    return _Heartbeat.create(milliseconds=seconds * 1000, on_beat=handler)
