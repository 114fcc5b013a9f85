"""Who may see what, how he signs in, and what he has seen."""
