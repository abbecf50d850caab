"""Everything that acts on `MPSDistill-v0`, or competes with it."""
