"""A force's answers in a workbook: downloaded, filled in, sent back, checked and recorded."""
