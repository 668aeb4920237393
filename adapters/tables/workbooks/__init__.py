"""Excel workbooks to answer in: written with room for answers, and read when they come back."""
