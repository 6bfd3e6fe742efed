"""The worked example of regression under the absolute loss: its certified optimum, and the descent to it."""
