"""Use cases for API, console and command line: one function each, which returns one frozen view."""
