"""`grade`: evidence about a candidate's program, gathered from outside its container."""

__version__ = "0.1.0"
