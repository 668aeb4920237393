"""The views that tools read by SQL, over the read models: what they hold, and how they follow."""
