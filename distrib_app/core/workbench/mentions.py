"""Who is named in a text: `@username`, also right behind or before Chinese characters."""

import re

# an e-mail address is no mention: nothing of a user name may stand before the @
_MENTION = re.compile(r"(?<![A-Za-z0-9_.@-])@([A-Za-z0-9][A-Za-z0-9._@-]{1,63})")


def find_mentions(text: str) -> tuple[str, ...]:
    """The user names mentioned, in small letters, each once, in order; a full stop behind is no part."""
    names = (name.rstrip("._@-").lower() for name in _MENTION.findall(text))
    return tuple(dict.fromkeys(name for name in names if len(name) > 1))
