"""What was asked and answered, kept in one file of the person's own; no Qt in here."""
