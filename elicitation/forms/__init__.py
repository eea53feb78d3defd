"""What pages accept: from staff, and from people on their phones."""
