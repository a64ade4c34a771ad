"""`python -m tltutor.cli`: the same as `tltutor`, where scripts are not on the path."""

import sys

from tltutor.cli.program import main

sys.exit(main())
