"""For the tests of assetflow and of its users: fakes that are steered, and the contract of a store."""
