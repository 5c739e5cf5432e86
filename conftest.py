"""What every test run needs, that of the notebooks included."""

import os

# The kernels that check the notebooks hide no warning: it would be an output, which is compared.
# (Unclosed sockets of the kernel itself are reported at random moments, so they are left out.)
os.environ["PYTHONWARNINGS"] = "default,ignore::ResourceWarning"

# A learner's progress is no business of the tests.
os.environ["COURSE_PROGRESS"] = "off"
