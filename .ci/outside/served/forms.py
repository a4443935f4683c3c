# The ways in which an app is told where a service is, found in its variables by their shape.

import re

from connections import ado_parts

PARTS = ("HOST", "PORT", "USER", "USERNAME", "PASSWORD", "DATABASE", "PASS", "VHOST", "VIRTUALHOST", "REGION")


def all_forms(values):
    """Pairs of a form and what it says: text, or the parts by name."""
    for name, value in values.items():
        if value.startswith("jdbc:"):
            yield "jdbc", {"url": value} | siblings(values, name)
        elif re.match(r"(?!http)[a-z]+://[^@/]*$", value):
            # An address for those who take the credentials apart from it.
            continue
        elif re.match(r"[a-z]+://", value):
            yield value.split(":")[0], {"url": value}
        elif "AccountKey=" in value:
            yield from whole("azure", {"text": value, "bucket": one(values, "(?i)(bucket|container)(_?name)?$")})
        elif re.match(r"host=\S", value):
            yield "libpq", {"text": value}
        elif re.search(r"(?i)(^|;)(host|server)=", value):
            yield "ado", ado_parts(value)
        elif ",password=" in value:
            yield "comma-list", {"text": value}
        elif name.endswith("_SERVERS") or re.fullmatch(r"[a-z0-9.]+:\d+", value):
            yield "address", {"text": value}
        if re.search("(?i)secret_?id$", name):
            yield from whole("approle", approle_of(values))
        if name.endswith("_HOST") and f"{name[:-5]}_PORT" in values:
            yield "parts", parts_of(values, name[:-5])
        if name.endswith(("_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "__SecretKey")):
            yield from whole("s3", s3_of(values))


def whole(form, said):
    """A form of which every part is said; the app has another one otherwise."""
    if all(said.values()):
        yield form, said


def siblings(values, name):
    """User and password that stand beside an address."""
    prefix = name.removesuffix("URL")
    wanted = {"user": f"{prefix}USERNAME", "password": f"{prefix}PASSWORD"}
    return {part: values[variable] for part, variable in wanted.items() if variable in values}


def parts_of(values, prefix):
    names = {"USERNAME": "USER", "PASS": "PASSWORD", "VIRTUALHOST": "VHOST"}
    found = {part: values[f"{prefix}_{part}"] for part in PARTS if f"{prefix}_{part}" in values}
    return {names.get(part, part).lower(): value for part, value in found.items()}


def approle_of(values):
    """Address, role and secret, however they are spelled."""
    return {
        "address": one(values, "(?i)(url|uri|addr|address)$"),
        "user": one(values, "(?i)role_?id$"),
        "password": one(values, "(?i)secret_?id$"),
    }


def s3_of(values):
    """Endpoint, keys, region and bucket, however they are spelled."""
    return {
        "endpoint": one(values, "(?i)(ENDPOINT|ENDPOINT_URL(_S3)?)$"),
        "access_key": one(values, "(?i)(ACCESS_?KEY|ACCESS_KEY_ID)$"),
        "secret_key": one(values, "(?i)(SECRET_?KEY|SECRET_ACCESS_KEY)$"),
        "region": one(values, "(?i)REGION(_NAME)?$"),
        "bucket": one(values, "(?i)BUCKET(_NAME)?$"),
    }


def one(values, pattern):
    return next((value for name, value in values.items() if re.search(pattern, name)), None)
