"""The models on the organization's servers: listed, brought there, changed, removed, and who may use them."""
