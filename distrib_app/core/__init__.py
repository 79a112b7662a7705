"""What the platform knows and decides; no web, no scheduler, no figure library in here."""
