"""`python -m fleet_manager` is the `fleet` command."""

from fleet_manager.cli import main

if __name__ == "__main__":
    main()
