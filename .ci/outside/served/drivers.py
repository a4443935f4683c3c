# Connects with a driver as an app in Python or Java does, inside a sandbox, and prints `reached`.

import json
import sys
from urllib.parse import unquote, urlsplit

DRIVERS = ["/usr/share/java/postgresql.jar", "/usr/share/java/mariadb-java-client.jar"]


def jdbc(said):
    """By the JDBC drivers of Debian, in a machine for Java within this process."""
    import jpype

    jpype.startJVM(classpath=DRIVERS)
    credentials = [said["user"], said["password"]] if "password" in said else []
    connection = jpype.JClass("java.sql.DriverManager").getConnection(said["url"], *credentials)
    rows = connection.createStatement().executeQuery("SELECT 'reached'")
    rows.next()
    return str(rows.getString(1))


def amqp(said):
    import pika

    if "url" in said:
        parameters = pika.URLParameters(said["url"])
    else:
        credentials = pika.PlainCredentials(said["user"], said["password"])
        parameters = pika.ConnectionParameters(said["host"], int(said["port"]), said.get("vhost", "/"), credentials)
    channel = pika.BlockingConnection(parameters).channel()
    channel.queue_declare("it")
    channel.basic_publish("", "it", b"reached")
    return channel.basic_get("it", auto_ack=True)[2].decode()


def nats(said):
    import asyncio

    import nats

    async def answer():
        # The client for Python decodes nothing in a URL, unlike the one for Go; so it gets the parts.
        url = urlsplit(said["url"]) if "url" in said else None
        known = {"user": unquote(url.username), "password": unquote(url.password)} if url else said
        connection = await nats.connect(
            f"nats://{url.hostname}:{url.port}" if url else f"nats://{said['host']}:{said['port']}",
            user=known["user"],
            password=known["password"],
            allow_reconnect=False,
            connect_timeout=5,
        )
        inbox = await connection.subscribe("it")
        await connection.publish("it", b"reached")
        return (await inbox.next_msg(timeout=5)).data.decode()

    return asyncio.run(answer())


def memcached(said):
    from pymemcache.client.base import Client

    client = Client(said.get("text") or (said["host"], int(said["port"])), timeout=5)
    client.set("it", "reached", noreply=False)
    return client.get("it").decode()


def s3(said):
    import boto3
    from botocore.config import Config

    # Of a stand-in's many addresses the one with the bucket in the path always works.
    client = boto3.client(
        "s3",
        endpoint_url=said["endpoint"],
        aws_access_key_id=said["access_key"],
        aws_secret_access_key=said["secret_key"],
        region_name=said["region"],
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )
    client.put_object(Bucket=said["bucket"], Key="it", Body=b"reached")
    return client.get_object(Bucket=said["bucket"], Key="it")["Body"].read().decode()


def approle(said):
    import hvac

    client = hvac.Client(said["address"])
    client.auth.approle.login(said["user"], said["password"])
    return "reached" if client.is_authenticated() else "not logged in"


def azure(said):
    from azure.storage.blob import BlobServiceClient

    service = BlobServiceClient.from_connection_string(said["text"], retry_total=0)
    blob = service.get_blob_client(said["bucket"], "it")
    blob.upload_blob(b"reached", overwrite=True)
    return blob.download_blob().readall().decode()


if __name__ == "__main__":
    print(globals()[sys.argv[1]](json.loads(sys.argv[2])))
