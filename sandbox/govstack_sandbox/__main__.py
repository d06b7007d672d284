"""What the toolkit and the supervisor run in the environment of OpenStack."""

import argparse
from pathlib import Path

from govstack_sandbox.services import service_of


def main() -> None:
    """Run the subcommand; each imports only what it needs."""
    parser = argparse.ArgumentParser(prog="govstack_sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build-template", help="migrate all databases once")
    build.add_argument("target", type=Path)
    migrate = commands.add_parser("migrate", help="migrate the databases of one project")
    migrate.add_argument("service")
    migrate.add_argument("root", type=Path)
    supervise = commands.add_parser("supervise", help="run the cloud until told to stop")
    supervise.add_argument("root", type=Path)
    supervise.add_argument("template", type=Path)
    supervise.add_argument("--lock", type=int, required=True, help="descriptor of the held lock")
    serve = commands.add_parser("serve", help="run one service")
    serve.add_argument("service")
    serve.add_argument("root", type=Path)
    serve.add_argument("--socket", type=int, required=True, help="descriptor to accept from")
    serve.add_argument("--notify", type=int, required=True, help="descriptor to report to")
    extend = commands.add_parser("extend", help="add services to a cloud that runs")
    extend.add_argument("root", type=Path)
    extend.add_argument("template", type=Path)
    extend.add_argument("services", nargs="+")
    settle = commands.add_parser("settle", help="fill a new cloud, and wait until it is ready")
    settle.add_argument("root", type=Path)
    clear = commands.add_parser("clear-hosts", help="end what is left of a cloud's hosts")
    clear.add_argument("root", type=Path)
    _run(parser.parse_args())


def _run(arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "build-template":
            from govstack_sandbox.template import build_template

            build_template(arguments.target)
        case "migrate":
            from govstack_sandbox.migrate import migrate

            migrate(arguments.service, arguments.root)
        case "supervise":
            from govstack_sandbox.supervisor import supervise

            supervise(arguments.root, arguments.template, lock=arguments.lock)
        case "serve":
            _serve(arguments)
        case "extend":
            from govstack_sandbox.extend import extend

            extend(arguments.root, arguments.template, arguments.services)
        case "settle":
            from govstack_sandbox.settle import settle

            settle(arguments.root)
        case "clear-hosts":
            from govstack_sandbox.hosts.clear import clear

            clear(arguments.root)


def _serve(arguments: argparse.Namespace) -> None:
    numbers = {"socket_number": arguments.socket, "notify_number": arguments.notify}
    if arguments.service == "hosts":
        from govstack_sandbox.hosts import server

        server.serve(arguments.root, **numbers)
    elif arguments.service == "faults":
        from govstack_sandbox.faults import server as faults

        faults.serve(arguments.root, **numbers)
    elif service_of(arguments.service).green:
        from govstack_sandbox.hosting import swift

        swift.serve(arguments.root, **numbers)
    else:
        from govstack_sandbox.serve import serve

        serve(arguments.service, arguments.root, **numbers)


if __name__ == "__main__":
    main()
