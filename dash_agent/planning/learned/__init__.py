"""What planning takes from learnings. Read `taken` first."""
