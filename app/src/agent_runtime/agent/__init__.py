"""The feature-extraction agent: typed findings from a language model or from rules."""
