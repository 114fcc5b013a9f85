"""What a person or a program asks: one use case is one function that gives one view, for API, console and command line alike."""
