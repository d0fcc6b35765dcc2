"""What the comment on a pull request promises."""
