"""The Keras DQN of the MPS family."""
