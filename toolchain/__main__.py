"""`python -m toolchain`: the commands behind `make`."""

from toolchain.cli.app import main

if __name__ == "__main__":
    main()
