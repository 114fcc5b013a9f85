"""What a person or a program asks: one use case, one function, one view, for API, console and
command line.
"""
