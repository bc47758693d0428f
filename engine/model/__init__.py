"""The network: vision tower, resampler, decoder, and the three joined."""
