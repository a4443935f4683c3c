//! How the data of a service is brought over that leaves it behind, by what the service is and is used as.

use crate::cli::generate::{PLAN, generated};

#[test]
fn files_of_a_stopped_container_come_along_where_they_are_all() {
    let plan = PLAN
        .replace("uses.cache ", "uses.sessions ")
        .replace("[services.cache]", "[services.sessions]")
        .replace("\"cache\"]", "\"sessions\"]")
        .replace(
            "uses.sessions = { role",
            "uses.sessions = { env = \"CACHE\", role",
        );
    // A cache alone would be thrown away.
    let sessions = |plan: &str| plan.replace("role = \"cache\"", "role = \"session\"");
    let (before, plan) = (sessions(PLAN), sessions(&plan));
    let test = generated(&before).test().plan(&plan);
    let folder = test
        .args(["generate", "prod"])
        .stdout_has([
            "Stop the old cache, on data-1; where its container is gone, this makes another one on its volume:\ndocker volume inspect --format 'found {{.Name}}' shop-prod_cache-data && {\n  docker stop shop-prod-cache-1 ||\n  docker create --name shop-prod-cache-1 --volume shop-prod_cache-data:/data docker.io/library/redis:8.2\n}\n",
            "Copy the data of cache out, on data-1, in deploy/prod/data-1, now that it is stopped: it stays there, in the volume shop-prod_cache-data.\n{ test ! -e cache-data.tar || mv cache-data.tar \"cache-data.before-$(date +%Y%m%d-%H%M%S).tar\"; } &&\ndocker cp shop-prod-cache-1:/data/. - >cache-data.part.tar &&\nmv cache-data.part.tar cache-data.tar\n",
            "Put the data back before sessions is first started on data-1, and start it, in deploy/prod/data-1:\ntest -s cache-data.tar &&\ndocker compose create sessions &&\ndocker compose cp - sessions:/data <cache-data.tar &&\ndocker compose up --detach --wait sessions ||\n{ echo 'cache-data.tar was not put back' >&2; false; }\n",
            "On data-1, in deploy/prod/data-1, look whether sessions has all that the old cache had:\ndocker compose exec -T sessions sh -c 'redis-cli INFO keyspace' </dev/null\n",
            "where cache-data.tar is:\ntest -s cache-data.tar &&\ndocker rm shop-prod-cache-1 &&\ndocker volume rm shop-prod_cache-data\n",
        ])
        .run();
    // What is no longer used stands apart, and goes without what is about the whole file.
    let secrets = "deploy/prod/secrets.env";
    let text = folder.read(secrets);
    let header = text.split("\n\n").next().expect("it begins").to_owned();
    let begin = format!("{header}\n\n# cache: Redis\nCACHE_PASSWORD=");
    assert!(text.starts_with(&begin), "{text}");
    let forget = ["secrets", "rotate", "prod", "CACHE_PASSWORD", "--forget"];
    let folder = folder.test().args(forget);
    let folder = folder.stdout_has(["updated "]).run();
    let text = folder.read(secrets);
    let begin = format!("{header}\n\n# db: PostgreSQL\nDB_PASSWORD=");
    assert!(text.starts_with(&begin), "{text}");
}

#[test]
fn a_volume_that_others_mount_still_is_not_taken_away() {
    let plan = format!(
        "{PLAN}\n[services.copies]\nkind = \"redis\"\n[services.copies.container.volumes.theirs]\n\
         path = \"/theirs\"\nshared = \"db-data\"\n"
    );
    let plan = plan.replace("runs = [\"db\", ", "runs = [\"copies\", \"db\", ");
    let said = "on data-1, and not the volume, which copies mounts too; otherwise MySQL starts on what PostgreSQL has left there.\n";
    let other = plan.replace("kind = \"postgres\"", "kind = \"mysql\"");
    let test = generated(&plan).test().plan(&other);
    let (_, told, _) = test
        .args(["generate", "prod"])
        .stdout_has([
            "Once the copy is safe, delete what PostgreSQL has left in the volume shop-prod_db-data, ",
            said,
        ])
        .output();
    assert!(!told.contains("docker volume rm"), "{told}");
}

#[test]
fn a_queue_with_another_name_hands_its_messages_over() {
    let before = PLAN
        .replace("kind = \"redis\"", "kind = \"rabbitmq\"")
        .replace("role = \"cache\"", "role = \"queue\"");
    let after = before
        .replace("uses.cache ", "uses.jobs ")
        .replace("[services.cache]", "[services.jobs]")
        .replace(", \"cache\"]", ", \"jobs\"]");
    let test = generated(&before).test().plan(&after);
    let (_, said, _) = test
        .args(["generate", "prod"])
        .stdout_has([
            "    --hostname cache \\\n",
            "No copy of cache holds the messages in its queues: on data-1, let nobody send any more, and those who work on them go on until this shows none; what is left then goes over in a step below.\ndocker exec shop-prod-cache-1 sh -c 'sleep 6 && rabbitmqctl -q list_queues ",
            "Copy the data of cache out, but the messages in its queues, on data-1, ",
            "docker exec shop-prod-cache-1 sh -c 'rabbitmqctl -q export_definitions -' >cache.part.dump &&\n",
            "import_definitions && printf \"%s\\n\" \"$RABBITMQ_DEFAULT_PASS\" | rabbitmqctl -q change_password \"$RABBITMQ_DEFAULT_USER\"' <cache.dump ||\n",
            "this starts the old cache again beside jobs, without its ports, has it hand them over, and stops it.",
            "docker rm --force shop-prod-cache-1 &&\ndocker run --detach --name shop-prod-cache-1 \\\n  --user 999:999 \\\n  --hostname cache \\\n  --network shop-prod_inside \\\n",
            // What the copy leaves out would be lost.
            "docker rm shop-prod-cache-1\n# docker volume rm shop-prod_cache-data\n",
        ])
        .output();
    // A credential that nothing reads is not fetched.
    assert!(!said.contains("sed -n"), "{said}");
    let other = after.replace("kind = \"rabbitmq\"", "kind = \"redis\"");
    let other = other.replace("services.jobs", "services.cache");
    let other = other
        .replace("uses.jobs", "uses.cache")
        .replace("\"jobs\"", "\"cache\"");
    let test = generated(&before).test().plan(&other);
    let (_, said, _) = test
        .args(["generate", "prod"])
        .stdout_has([
            "No copy of cache holds the messages in its queues: on data-1, let nobody send any more, and those who work on them go on until this shows none.\n",
            "otherwise Redis starts on what RabbitMQ has left there; take the # away once you have a copy:\n# docker volume rm shop-prod_cache-data\n",
        ])
        .output();
    assert!(!said.contains("cache.dump"), "{said}");
}

#[test]
fn a_cache_that_becomes_another_kind_is_thrown_away() {
    let plan = PLAN.replace("kind = \"redis\"", "kind = \"valkey\"");
    let test = generated(PLAN).test().plan(&plan);
    test.args(["generate", "prod"])
        .stdout_has(["
2. Throw the old cache away, on data-1, with what it keeps: as a cache, it can be filled again.
docker stop shop-prod-cache-1
docker rm shop-prod-cache-1
docker volume rm shop-prod_cache-data

3. Start cache on data-1, in deploy/prod/data-1:
docker compose up --detach --wait cache

4. Start web anew on app-1, in deploy/prod/app-1:
docker compose up --detach --force-recreate web

all of this is kept in "])
        .run();
    // What sessions lie in is not a cache alone, and nobody would want to lose it.
    let sessions = |plan: &str| {
        plan.replace(
            "uses.cache = { role = \"cache\"",
            "uses.cache = { role = \"cache\", also = [\"session\"]",
        )
    };
    let test = generated(&sessions(PLAN)).test().plan(&sessions(&plan));
    let (_, said, _) = test
        .args(["generate", "prod"])
        .stdout_has(["Copy the data of cache out, ", "Fill cache on data-1 with "])
        .output();
    assert!(!said.contains("Throw"), "{said}");
}

#[test]
fn what_is_a_cache_only_by_its_kind_is_not_thrown_away() {
    // As an import has it: nobody has said what it is used as.
    let unsaid = PLAN.replace("uses.cache = { role = \"cache\" }", "uses.cache = {}");
    let plan = unsaid.replace("environments.prod.", "environments.live.");
    let test = generated(&unsaid).test().plan(&plan);
    let (_, said, _) = test
        .args(["generate"])
        .stdout_has([
            "left behind: cache on data-1 of prod, which runs on data-1 of live now\n",
            "Copy the data of cache out, on data-1, ",
            "Put the data back before cache is first started on data-1, ",
        ])
        .output();
    assert!(!said.contains("Throw"), "{said}");
}

#[test]
fn what_the_old_container_needs_stays_until_its_part_is_deleted() {
    let plan = PLAN
        .replace("uses.db ", "uses.main ")
        .replace("[services.db]", "[services.main]")
        .replace("\"db\"", "\"main\"");
    let test = generated(PLAN).test().plan(&plan).args(["generate"]);
    let ahead = "db on box of dev, db on data-1 of prod leave something behind: steps are to be taken by hand";
    let (folder, said, _) = test
        .stdout_has(["created deploy/left-behind.md\n"])
        .output();
    assert!(
        !said.contains(ahead) && !said.contains("removed "),
        "{said}"
    );
    let held = "deploy/prod/data-1/secrets/db-password";
    let test = folder.test().args(["generate", "--check"]);
    let folder = test.stdout("every file is up to date\n").run();
    assert!(folder.has(held));
    folder.remove("deploy/left-behind.md");
    let test = folder.test().args(["generate"]);
    let folder = test.stdout_has([&format!("removed {held}\n")]).run();
    assert!(!folder.has(held));
    // A look ahead says first what is in it last.
    let test = generated(PLAN).test().plan(&plan);
    let (_, said, _) = test
        .args(["generate", "--dry-run"])
        .stdout_has([ahead])
        .output();
    assert!(
        said.starts_with(&format!("{ahead}, as is said at the end\n\n--- ")),
        "{said}"
    );
    assert!(!said.contains("db-password: no longer"), "{said}");
}

#[test]
fn files_go_where_the_new_container_has_them() {
    let before = PLAN
        .replace("kind = \"redis\"", "kind = \"nginx\"")
        .replace("role = \"cache\"", "role = \"files\"");
    let after = before
        .replace("uses.cache ", "uses.pages ")
        .replace("[services.cache]", "[services.pages]")
        .replace("\"cache\"]", "\"pages\"]");
    let mount = "[services.cache.container.volumes.html]\npath = \"/usr/share/nginx/html\"\n";
    let test = generated(&format!("{before}\n{mount}")).test().plan(&after);
    test.args(["generate", "prod"])
        .stdout_has([
            "docker cp shop-prod-cache-1:/usr/share/nginx/html/. - >cache-html.part.tar &&\n",
            "docker compose cp - pages:/var/tmp <cache-html.tar &&\n",
        ])
        .run();
}

#[test]
fn an_old_container_is_started_again_as_it_ran() {
    let plan = format!(
        "{}\n[services.db.container]\ncommand = [\"mongod\", \"--dbpath\", \"/data/db/deep\", \"--auth\"]\n\
         [services.db.container.volumes.logs]\nfrom = \"./logs\"\npath = \"/var/log/mongodb\"\n",
        PLAN.replace("kind = \"postgres\"", "kind = \"mongodb\"")
    );
    let after = plan
        .replace("uses.db ", "uses.main ")
        .replace("[services.db", "[services.main")
        .replace("\"db\"", "\"main\"");
    let test = generated(&plan).test().plan(&after);
    test.args(["generate", "prod"])
        .stdout_has([
            "    --volume \"$PWD/../../../logs\":/var/log/mongodb \\\n    --volume \"$PWD/config/db/app-user.js\":/docker-entrypoint-initdb.d/app-user.js:ro \\\n",
            "    docker.io/library/mongo:8.0 mongod --dbpath /data/db/deep --auth\n",
        ])
        .run();
}
