"""The ensembles of replicas: the described procedure twice, and wrong procedures that a verdict should catch.

Data alone, without numpy, so that the workflow can read the names.
"""

RIGHT = {
    "ulp": "the stated seed, one weight of a pixel in use moved by whole units in the last place",
    "seeds": "initial weights from other seeds",
}

# name → (what is done differently, the fields of kernel.Procedure that say so)
WRONG = {
    "learning-rate-third": ("a third of the learning rate", {"rate_factor": 1 / 3}),
    "learning-rate-triple": ("three times the learning rate", {"rate_factor": 3.0}),
    "pixels-scaled": ("pixels divided by 255", {"pixel_scale": 1 / 255}),
    "no-sigmoid-derivative": ("the factor s′ forgotten", {"sigmoid_derivative": False}),
    "biases-fixed": ("biases never updated", {"biases_move": False}),
    "sign-flipped": ("gradient ascent: the output error has the wrong sign", {"output_error_sign": -1.0}),
    "squared-error": ("squared error in place of cross-entropy", {"squared_error": True}),
    "reshuffled": ("training images in random order", {}),
    "initial-variance": ("initial weights of variance one over the smaller width", {}),
}

DESCRIPTIONS = RIGHT | {name: text for name, (text, _) in WRONG.items()}
