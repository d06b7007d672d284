"""How each project's databases come to be: ``run(layout)`` does all of one project's migrations.

One process does one project, since importing a project takes longer than most migrations.
"""
