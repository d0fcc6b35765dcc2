"""Engine tier: the language host, the environment and the value providers under the real CLI."""
