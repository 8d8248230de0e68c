"""Model servers that do not exist: they speak the real wires byte by byte, faults included."""
