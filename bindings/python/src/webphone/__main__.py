"""`python -m webphone`: the command line."""

import sys

from webphone._cli import main

if __name__ == "__main__":
    sys.exit(main())
