"""States translate: they parse what a page sends, call core through the gate, and assign what it shows."""
