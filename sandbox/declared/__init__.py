"""Partners by declaration: a YAML each in `sandbox/partners/`, one server for all of them."""
