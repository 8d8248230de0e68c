"""Pure translations between the programs' shapes and Olympus's own."""
