"""`python -m deploy.bench`."""

import sys

from deploy.bench import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
