"""The machine Olympus runs on: processors, memory, disk, GPUs, and what a container may use of them."""
