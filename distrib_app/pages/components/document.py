"""What surrounds a page in the browser: the document's language and title, light or dark, the focus."""

from typing import Any

import reflex as rx
from reflex_base.components.component import Component
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData

from ...i18n import Locale

# The main heading takes the focus when a link led to another page, as it would after a page load, so that a
# screen reader starts there; not on the first load, and not while somebody types in the page.
_FOCUS = """
  const here = window.location.pathname
  const before = window.lastPath
  window.lastPath = here
  if (before === undefined || before === here) return undefined
  const land = () => {
    const heading = document.querySelector("main h1")
    if (!heading) return false
    const main = document.querySelector("main")
    const active = document.activeElement
    if (!active || active === main || !main.contains(active)) {
      heading.tabIndex = -1
      heading.focus({ preventScroll: true })
    }
    return true
  }
  if (land()) return undefined
  const watch = new MutationObserver(() => { if (land()) watch.disconnect() })
  watch.observe(document.body, { childList: true, subtree: true })
  return () => watch.disconnect()
"""


class _Document(Component):
    """Draws nothing; its effects keep the document in step with the tab."""

    tag = "Fragment"
    library = "react"

    lang: rx.Var[str]
    name: rx.Var[str]
    theme: rx.Var[str]

    def _exclude_props(self) -> list[str]:
        return ["lang", "name", "theme"]

    def add_hooks(self) -> list[str | rx.Var[str]]:
        """One effect each."""
        return [
            _effect(f"document.documentElement.lang = ({self.lang!s}).replace('_', '-')", self.lang),
            _effect(f"document.title = {self.name!s}", self.name),
            _effect(f"if ({self.theme!s}) {_SET_THEME!s}({self.theme!s})", self.theme, _SET_THEME),
            _effect(_FOCUS, _PATH),
        ]


def _effect(body: str, *used: rx.Var[Any]) -> rx.Var[str]:
    """An effect that runs again when the first of the vars it uses has changed."""
    data = VarData.merge(
        VarData(imports={"react": [ImportVar(tag="useEffect")]}), *(one._get_all_var_data() for one in used)
    )
    return rx.Var(f"useEffect(() => {{ {body} }}, [{used[0]!s}])", _var_data=data)


_SET_THEME = rx.Var(
    "setColorMode",
    _var_data=VarData(
        imports={
            "$/utils/context": [ImportVar(tag="ColorModeContext")],
            "react": [ImportVar(tag="useContext")],
        },
        hooks={"const { setColorMode } = useContext(ColorModeContext)": None},
    ),
)
_PATH = rx.Var(
    "pathname",
    _var_data=VarData(
        imports={"react-router": [ImportVar(tag="useLocation")]},
        hooks={"const { pathname } = useLocation()": None},
    ),
)


def document(title: Any) -> rx.Component:
    """Keeps language, title, theme and focus of the document; one on every page."""
    return _Document.create(lang=Locale.lang, name=title, theme=Locale.theme)
