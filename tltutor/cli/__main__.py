"""`python -m tltutor.cli`: the same as `tltutor`, where scripts are not on the path."""

import sys

from tltutor.cli.main import main

sys.exit(main())
