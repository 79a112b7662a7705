"""Find a browser for the journeys, or install one and say so; without any, those tests are skipped.

An existing Chromium or Chrome is used as it is. As root on Debian/Ubuntu `chromium` and CJK fonts come
through apt (INSTALL=0 forbids), else Playwright's own download is tried.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_browser() -> str | None:
    """The path of a browser on this machine, Playwright's own included."""
    for name in (os.environ.get("BROWSER_PATH", ""), *NAMES):
        path = shutil.which(name) if name else None
        if path:
            return path
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    found = sorted(downloads.glob("chromium*/chrome-linux*/*chrom*")) if downloads.exists() else []
    return next((str(path) for path in found if os.access(path, os.X_OK) and path.is_file()), None)


def has_chinese_font() -> bool:
    """Whether Chinese text shows as more than boxes."""
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def main() -> None:
    """Install what is missing, if that is allowed and possible."""
    if find_browser() or os.environ.get("INSTALL") == "0":
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(
            "Installing chromium and fonts-noto-cjk for the browser tests (INSTALL=0 forbids) …", flush=True
        )
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["update"],
            ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"],
        ):
            subprocess.run(
                ["apt-get", "-qq", *command], env=environment, check=False, stdout=subprocess.DEVNULL
            )
    if find_browser() is None:
        print("Downloading a browser with Playwright …", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


if __name__ == "__main__":
    main()
