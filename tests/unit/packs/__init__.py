"""Example packs that are wrong; see README.md."""
