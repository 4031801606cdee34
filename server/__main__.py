"""`python -m server` is `ambassade`, where the script isn't on the path."""

from server.cli.main import main

main()
