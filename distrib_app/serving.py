"""Build the pages when sources changed, then serve everything on one port.

`reflex run --env prod` builds at every start and bakes the port into the bundle; here the bundle talks to
the origin it came from, and a digest of the sources decides whether a build is needed.
"""

import fcntl
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from reflex_base import constants
from reflex_base.environment import environment as switches
from reflex_base.plugins import Plugin

from .core.kernel.settings import get_settings

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / switches.REFLEX_WEB_WORKDIR.get()
STATIC = WEB / "build" / "client"
DIGEST = WEB / "sources.sha256"
LOCK = ROOT / ".build.lock"
_BAKED = re.compile(r"""(["'`])(http|ws)://localhost:8000(/[\w/]*)\1""")


class SameOriginPlugin(Plugin):
    """Makes the bundle call the origin that served it, whatever host and port that is."""

    def post_build(self, **context: Any) -> None:
        """Replace the baked-in backend addresses in the built scripts."""
        for path in Path(context["static_dir"]).rglob("*.js"):
            text = path.read_text(encoding="utf-8")
            patched = _BAKED.sub(_same_origin, text)
            if patched != text:
                path.write_text(patched, encoding="utf-8")


def _same_origin(match: re.Match[str]) -> str:
    origin = '(globalThis.location?location.origin:"http://localhost:8000")'
    if match[2] == "ws":
        origin += '.replace(/^http/,"ws")'
    return f'({origin}+"{match[3]}")'


def environment() -> dict[str, str]:
    """The environment of the front-end tools: Node from the wheel, npm, no telemetry."""
    scripts = str(Path(sys.executable).parent)
    registry = os.environ.get("NPM_CONFIG_REGISTRY") or _npm_registry(scripts)
    return os.environ | {
        "PATH": scripts + os.pathsep + os.environ.get("PATH", ""),
        "REFLEX_USE_NPM": "1",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_SHOW_BUILT_WITH_REFLEX": "false",
        "NPM_CONFIG_REGISTRY": registry,
        "npm_config_omit_lockfile_registry_resolved": "true",
        "npm_config_fund": "false",
        "npm_config_audit": "false",
    }


def _npm_registry(scripts: str) -> str:
    path = scripts + os.pathsep + os.environ.get("PATH", "")
    result = subprocess.run(
        [shutil.which("npm", path=path) or "npm", "config", "get", "registry"],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def sources_digest() -> str:
    """A digest of everything a build depends on: page, state, figure and text sources, assets, the lock."""
    return _digest(_sources()) + _digest(_lock_files())


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _lock_files() -> list[Path]:
    return [path for path in (ROOT / "reflex.lock").rglob("*") if path.is_file()]


def _sources() -> list[Path]:
    parts = ("pages", "state", "figures", "i18n")
    files = [
        path
        for part in parts
        for path in (ROOT / "distrib_app" / part).rglob("*")
        if path.suffix in {".py", ".po"}
    ]
    files += [path for path in (ROOT / "assets").rglob("*") if path.is_file()]
    files += [ROOT / "rxconfig.py", ROOT / "requirements.txt", Path(__file__)]
    return [*files, ROOT / "distrib_app" / "distrib_app.py", ROOT / "distrib_app" / "routes.py"]


def build_pages(*, force: bool = False) -> bool:
    """Build the production bundle if a source changed; returns whether it was built."""
    with LOCK.open("w") as turn:  # of two that start together, the second finds the work done
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not force and is_built():
            return False
        _build()
        return True


def _build() -> None:
    command = [
        sys.executable,
        "-m",
        "reflex",
        "export",
        "--frontend-only",
        "--no-zip",
        "--loglevel",
        "warning",
    ]
    digest = _digest(_sources())  # before the build: what changes meanwhile asks for another one
    subprocess.run(command, cwd=ROOT, env=environment(), check=True)
    DIGEST.write_text(digest + _digest(_lock_files()))  # the build itself may put the lock in order


def is_built() -> bool:
    """Whether the bundle on disk is that of the present sources."""
    return (STATIC / "index.html").exists() and DIGEST.exists() and DIGEST.read_text() == sources_digest()


def is_port_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def serve(host: str, port: int) -> None:
    """Serve pages, websocket and REST until stopped, in as many processes as the settings say."""
    from granian import Granian  # noqa: PLC0415 - only the server process needs it
    from granian.constants import Interfaces  # noqa: PLC0415

    os.environ |= {"REFLEX_TELEMETRY_ENABLED": "false"}
    switches.REFLEX_ENV_MODE.set(constants.Env.PROD)
    switches.REFLEX_SKIP_COMPILE.set(True)
    switches.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)
    Granian(
        target="distrib_app.distrib_app:app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=get_settings().processes,
        log_level="warning",
        websockets=True,
    ).serve()
