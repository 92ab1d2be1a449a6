"""The linter of analysts' files. `linter.check` runs it; a rule is a function, and each module is a family of them."""
