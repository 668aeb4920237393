"""What is needed to run the service somewhere."""
