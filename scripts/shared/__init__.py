"""What every subject uses: steps, exact numbers, schemas, streams of random numbers, which code a step runs."""
