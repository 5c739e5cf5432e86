"""Settings for nbgrader: copy this file into the course directory, beside `source/`.

The exercises' stubs are what learners get: generating an assignment leaves them as they are.
"""

c = get_config()  # noqa: F821

c.ClearSolutions.begin_solution_delimeter = "# YOUR CODE HERE"
c.ClearSolutions.end_solution_delimeter = "raise NotImplementedError()"
