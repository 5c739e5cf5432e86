"""Grade submissions: untrusted code runs in a child, values come back, marks are made here."""
