"""The command line: `python -m distrib_app COMMAND`. It goes through the same verbs as the pages."""

import argparse
import sys

from .commands import COMMANDS, add_commands
from .core.kernel.errors import DomainError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a refusal is one sentence on stderr and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m distrib_app", description=__doc__)
    add_commands(parser)
    options = parser.parse_args(arguments)
    try:
        return COMMANDS[options.command](options) or 0
    except DomainError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
