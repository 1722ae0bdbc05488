"""``python -m skycommons`` is ``skycommons``."""

import sys

from skycommons.cli import main

if __name__ == "__main__":
    sys.exit(main())
