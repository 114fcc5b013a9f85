"""What those who write a connector test it with."""
