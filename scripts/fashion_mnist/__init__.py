"""The PyTorch experiment: training, test-set evaluation and samples."""
