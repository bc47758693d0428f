"""The settings window: one file for each page, and the fields that the pages are made of."""
