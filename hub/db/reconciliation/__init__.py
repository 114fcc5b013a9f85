"""What partners hold, beside what is held here."""
