"""Pages: for staff, and for people on their phones."""
