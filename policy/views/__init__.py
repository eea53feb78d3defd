"""Pages about analyses and constitutions: for staff, and for the people who review rules."""
