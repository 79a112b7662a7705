"""What every floor speaks: errors, money, time, rows, actors, events, ledger, lifecycles, numbers."""
