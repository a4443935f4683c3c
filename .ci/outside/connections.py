# The connection strings of an app say the same as their parts, by the rules of the libraries that read them.

import re
from urllib.parse import parse_qs, unquote, urlsplit

ADO_PAIR = re.compile(r"""\s*([^=;]+)=(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^;]*))(?:;|$)""")

CREDENTIALS = ("_PASSWORD", "_SECRET_KEY", "_ACCESS_KEY", "_API_KEY", "_TOKEN")

USUAL_PORTS = {"http": 80, "https": 443, "mongodb+srv": 27017}


def connection_results(shown, values, secrets, environment):
    credentials = set(secrets.get(environment, {}).values())
    for name, value in values.items():
        if name.endswith(CREDENTIALS):
            yield f"{name} of {shown} is a credential", foreign(value, secrets, credentials)
        if name.endswith("_URL") and f"{name[:-4]}_HOST" in values and "://" in value:
            yield f"{name} of {shown} says what its parts say", url_fault(name[:-4], values)
        if re.search("(?i)password=", value) and ";" in value:
            yield f"{name} of {shown} holds a credential", foreign(ado_parts(value)["password"], secrets, credentials)


def foreign(value, secrets, credentials):
    """Whether a value is none of the environment's credentials, nor of one that it borrows from."""
    borrowed = {text for values in secrets.values() for text in values.values()}
    return None if value in credentials or value in borrowed else f"{value!r} is none"


def url_fault(prefix, values):
    url = urlsplit(values[f"{prefix}_URL"])
    path = unquote(url.path[1:])
    # SQL Server's URLs name an instance in their path, and the database after it.
    query = parse_qs(url.query)
    said = {
        "HOST": url.hostname,
        "PORT": str(url.port or USUAL_PORTS.get(url.scheme)),
        "USER": unquote(url.username) if url.username else None,
        "PASSWORD": unquote(url.password) if url.password else None,
        "DATABASE": query.get("database", [path])[0],
        "VHOST": path,
    }
    parts = {part: values.get(f"{prefix}_{part}") for part in said}
    wrong = {part: value for part, value in parts.items() if value is not None and said[part] != value}
    return "\n".join(f"{part} is {value!r}, the URL says {said[part]!r}" for part, value in wrong.items())


def ado_parts(text):
    """The keywords of an ADO.NET connection string; a quote within quotes is doubled."""
    parts = {}
    for key, double, single, plain in ADO_PAIR.findall(text):
        parts[key.strip().lower()] = double.replace('""', '"') or single.replace("''", "'") or plain.strip()
    return parts
