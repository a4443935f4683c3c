# Runs inside a sandbox: takes commands as lines of JSON and answers with what came of them.
#
# It ends, and everything in the sandbox with it, when nobody talks to it any more.

import json
import os
import subprocess
import sys

LOG = "/agent/log"


def main():
    for line in sys.stdin:
        task = json.loads(line)
        answer = start(task) if task["stays"] else run(task)
        print(json.dumps(answer), flush=True)


def start(task):
    """A server, which is left running; what it prints goes into a log."""
    with open(LOG, "ab") as log:
        child = subprocess.Popen(
            task["command"],
            env=task["environment"],
            cwd=task["inside"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return {"pid": child.pid}


def run(task):
    try:
        done = subprocess.run(
            task["command"],
            env=task["environment"],
            cwd=task["inside"],
            input=task["input"].encode(),
            capture_output=True,
            timeout=task["timeout"],
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        return {"code": -1, "out": "", "err": f"it takes more than {task['timeout']} seconds"}
    except OSError as error:
        return {"code": 127, "out": "", "err": str(error)}
    return {
        "code": done.returncode,
        "out": done.stdout.decode("utf-8", "replace"),
        "err": done.stderr.decode("utf-8", "replace"),
    }


if __name__ == "__main__":
    os.umask(0o022)
    main()
