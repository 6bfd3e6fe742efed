"""The numpy experiment: a network with hand-written backpropagation, and its replicas."""
