"""Pages of deliberation: for staff, and for people on their phones."""
