# Real clients, one for each form of connection of each protocol: the commands that reach a server with it.

import json
import shlex
import sys



def command(judges, protocol, form, said):
    """The command that connects and prints `reached`, and its variables; nothing if no client takes the form."""
    made = CLIENTS.get((protocol, form))
    return made(judges, said) if made else None


def with_psql(_, said):
    # Keywords of Npgsql and variables of libpq, by the same names as the parts.
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "database"}
    variables = {name: said.get(part, said.get("username")) for name, part in names.items()}
    return ["psql", "-AtXc", "SELECT 'reached'"], variables


def with_psql_text(_, said):
    return ["psql", "-AtXc", "SELECT 'reached'", "-d", said.get("url") or said["text"]], {}


def with_mysql(_, said):
    host, user = said.get("host") or said["server"], said.get("user") or said["user id"]
    options = [f"--host={host}", f"--port={said['port']}", f"--user={user}", f"--database={said['database']}"]
    # No option file of this machine, and over TCP even where a socket would do.
    command = ["mysql", "--no-defaults", "--protocol=tcp", *options, "-BNe", "SELECT 'reached'"]
    return command, {"MYSQL_PWD": said["password"]}


def with_mysql2(judges, said):
    script = """
        require('mysql2/promise').createConnection(process.env.CONNECTION)
            .then(c => c.query("SELECT 'reached' AS it").then(([rows]) => { console.log(rows[0].it); c.end(); }))
            .catch(e => { console.error(e.message); process.exit(1); });
    """
    variables = {"CONNECTION": said["url"], "NODE_PATH": judges / "modules/node_modules"}
    return [judges / "node/bin/node", "-e", script], variables


def with_redis_cli(_, said):
    return ["redis-cli", "--no-auth-warning", "-e", "-u", said["url"], "ECHO", "reached"], {}


def with_redis_parts(_, said):
    where = ["-h", said["host"], "-p", said["port"]]
    return ["redis-cli", "-e", *where, "ECHO", "reached"], {"REDISCLI_AUTH": said.get("password", "")}


def with_redis_list(judges, said):
    """What StackExchange.Redis makes of its list: an address first, then keywords; a comma ends each."""
    address, *pairs = said["text"].split(",")
    keywords = dict(pair.split("=", 1) for pair in pairs)
    host, port = address.rsplit(":", 1)
    return with_redis_parts(judges, {"host": host, "port": port, "password": keywords["password"]})


def with_curl(_, said):
    return ["sh", "-c", f"curl -fsS --max-time 5 -o /dev/null {shlex.quote(said['url'])} && echo reached"], {}


def driver(name):
    """A driver in Python, which takes what is said as JSON."""
    return lambda judges, said: ([sys.executable, "-B", "/drivers.py", name, json.dumps(said)], {})


CLIENTS = {
    ("postgres", "postgresql"): with_psql_text,
    ("postgres", "postgres"): with_psql_text,
    ("postgres", "libpq"): with_psql_text,
    ("postgres", "parts"): with_psql,
    ("postgres", "ado"): with_psql,
    ("postgres", "jdbc"): driver("jdbc"),
    ("mysql", "mysql"): with_mysql2,
    ("mysql", "parts"): with_mysql,
    ("mysql", "ado"): with_mysql,
    ("mysql", "jdbc"): driver("jdbc"),
    ("redis", "redis"): with_redis_cli,
    ("redis", "parts"): with_redis_parts,
    ("redis", "comma-list"): with_redis_list,
    ("amqp", "amqp"): driver("amqp"),
    ("amqp", "parts"): driver("amqp"),
    ("nats", "nats"): driver("nats"),
    ("nats", "parts"): driver("nats"),
    ("memcached", "address"): driver("memcached"),
    ("memcached", "parts"): driver("memcached"),
    ("s3", "s3"): driver("s3"),
    ("vault", "approle"): driver("approle"),
    ("azure-blob", "azure"): driver("azure"),
    ("http", "http"): with_curl,
}
