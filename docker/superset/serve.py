"""What the Superset container runs: installs the repository's dashboards, then becomes the server.

Run by the pipeline's Python, which knows the data folder and its secrets.
"""

import os

from vigie import clock, dashboards, keys, settings
from vigie.lake import Lake


def main() -> None:
    told = settings.read()
    run = clock.start(told.data, Lake.stamped_mode(told.data) or "sample", caused_by="docker")
    secrets = keys.superset(run.data)
    print(dashboards.deploy(run, secrets).summary(), flush=True)
    command = dashboards.server_command(told.superset_port)
    os.execve(command[0], command, dashboards.superset_environment(run.data, secrets))


if __name__ == "__main__":
    main()
