"""The scanners and the workflows' steps themselves, run."""
