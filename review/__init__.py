"""What a change does to the stacks, told to the people who review it."""
