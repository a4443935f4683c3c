//! What the founding documents say about needs and defaults, each statement quoted, with the behaviour it gives.

use backstay::suggest::{AnswerSource, Basis, Cause, Suggestion, grown, place_words, suggestions};

use crate::suggested::{begun, catalog, suggested};
use crate::support::{analysis, built};

/// The kinds that answer, and the services: `redis as cache`.
fn answers(needs: &str, stack: &str, team: &[&str]) -> Vec<String> {
    let (_, found) = suggested(needs, stack, team);
    let said = found.iter().map(|suggestion| {
        let answer = suggestion.answer.as_ref().expect("there is an answer");
        format!(
            "{}: {} as {}",
            suggestion.need.role, answer.kind.id, answer.service
        )
    });
    said.collect()
}

/// The kind that answers one need.
#[track_caller]
fn kind(need: &str, stack: &str, team: &[&str]) -> String {
    one(need, stack, team)
        .answer
        .expect("there is an answer")
        .kind
        .id
        .clone()
}

#[track_caller]
fn one(need: &str, stack: &str, team: &[&str]) -> Suggestion {
    let (_, mut found) = suggested(need, stack, team);
    found.swap_remove(0)
}

/// Why a kind was not chosen.
fn against(suggestion: &Suggestion, kind: &str) -> String {
    let rejected = suggestion
        .rejected
        .iter()
        .find(|rejected| rejected.kind == kind);
    rejected.map_or_else(String::new, |rejected| rejected.reason.clone())
}

/// What is suggested for the open needs of a plan.
fn for_plan(text: &str) -> Vec<String> {
    let (catalog, plan) = (catalog(), analysis(text).plan);
    let basis = Basis::of_plan(&plan, catalog).expect("a stack");
    let found = suggestions(&basis).into_iter();
    let said = found.map(|it| {
        let answer = it.answer.expect("there is an answer");
        let source = match answer.source {
            AnswerSource::New => "new",
            _ => "there",
        };
        format!(
            "{}: {} {} ({source})",
            it.need.role, answer.kind.id, answer.service
        )
    });
    said.collect()
}

fn plan_with(needs: &str, services: &str) -> String {
    format!("name = \"shop\"\n[apps.web]\nneeds = [{needs}]\n{services}")
}

#[test]
fn postgres_for_your_primary_database_expandable_to_cockroachdb() {
    // "Postgres for your primary database, expandable to CockroachDB if you need something much more scalable."
    assert_eq!(kind("database", "default", &[]), "postgres");
    assert_eq!(kind("database:20000/s", "default", &[]), "cockroachdb");
    let catalog = catalog();
    let (plan, found) = suggested("database", "default", &[]);
    let basis = Basis::of_plan(&plan, catalog).expect("a stack");
    let answer = found[0].answer.as_ref().expect("there is an answer");
    let grown = grown(&basis, &answer.kind, found[0].need.role);
    assert!(grown.iter().any(|grown| grown.name == "cockroachdb"));
}

#[test]
fn wasabi_for_your_files_and_backups() {
    // "Wasabi for your files and backups."
    assert_eq!(
        answers("files,backup", "default", &[]),
        ["files: wasabi as files", "backup: wasabi as files"]
    );
}

#[test]
fn redis_for_your_cache_streams_queue_and_search() {
    // "Redis for your cache, streams, queue, and search." One of it, before there are four services.
    assert_eq!(
        answers("cache,session,queue,stream,search", "default", &[]),
        ["cache", "session", "queue", "stream", "search"]
            .map(|role| format!("{role}: redis as cache"))
    );
}

#[test]
fn victoriametrics_for_your_metrics() {
    // "VictoriaMetrics for your metrics, as a time-series database."
    // "Products like InfluxDB, Prometheus, and VictoriaMetrics provide time-series databases."
    let found = one("metrics", "default", &[]);
    assert_eq!(
        found.answer.as_ref().map(|answer| answer.kind.id.as_str()),
        Some("victoriametrics")
    );
    for other in ["influxdb", "prometheus"] {
        assert!(!against(&found, other).is_empty(), "{other}");
    }
    // "high-granularity diagnostic information for the last five minutes, and lower-granularity … for the last five
    // years": what keeps weeks does for weeks, and not for years.
    assert_eq!(
        kind("metrics:7days", "default", &["prometheus"]),
        "prometheus"
    );
    let years = one("metrics:5years", "default", &["prometheus"]);
    assert!(against(&years, "prometheus").contains("5 years is longer"));
}

#[test]
fn no_service_is_suggested_that_no_need_asked_for() {
    // "Of course, you shouldn't introduce services until you know that you'll need them."
    assert_eq!(answers("", "default", &[]), [""; 0]);
    assert_eq!(for_plan(&plan_with("", "")), [""; 0]);
    assert_eq!(answers("cache", "default", &[]).len(), 1);
    // "Databaseless applications might do something like perform a single task on every call": they get none.
    let text = begun("", &["local", "prod"], "default");
    assert!(!text.contains("[services"), "{text}");
}

#[test]
fn answers_say_that_they_age() {
    // "this segment may be badly outdated … you should absolutely go do this research yourself."
    let catalog = catalog();
    for stack in catalog.stacks() {
        let said = backstay::report::suggest::reviewed(&stack);
        assert!(
            said.contains(&stack.reviewed) && said.contains("they age"),
            "{said}"
        );
    }
}

#[test]
fn a_few_files_fit_on_a_server_with_a_second_one_for_copies() {
    // "The simple way to store files is just to stash them on a server, making sure to back them up to a secondary
    // server, every now and again, and serving them using something like the NGINX web server."
    assert_eq!(kind("files:5GiB", "default", &[]), "nginx");
    assert_eq!(kind("files:20GiB", "self-hosted", &[]), "nginx");
    let built = built(&begun("files:5GiB", &["prod"], "self-hosted"));
    let copies = built.uses("prod", "files", "backups");
    assert!(!copies.is_empty());
    assert_ne!(copies[0].target.host, copies[0].user.host);
}

#[test]
fn between_20_and_1000_gigabytes_one_starts_to_think_of_an_object_store() {
    // "somewhere in the 20-1000 gigabyte range you're gonna have to start thinking about infinite file storage."
    let between = one("files:200GiB", "default", &[]);
    assert_eq!(
        between
            .answer
            .as_ref()
            .map(|answer| answer.kind.id.as_str()),
        Some("wasabi")
    );
    assert!(
        against(&between, "nginx").contains("lie between"),
        "{between:?}"
    );
    let nginx = "[services.store]\nkind = \"nginx\"\n[sizes.files]\nstored = ";
    let there = for_plan(&plan_with("\"files\"", &format!("{nginx}\"200 GiB\"")));
    assert_eq!(there, ["files: nginx store (there)"]);
    // "These strategies start to tap out once you're storing more files than you can fit on a single server."
    let beyond = for_plan(&plan_with("\"files\"", &format!("{nginx}\"2 TiB\"")));
    assert_eq!(beyond, ["files: wasabi files (new)"]);
    assert!(against(&one("files:2TiB", "default", &[]), "nginx").contains("at most"));
}

#[test]
fn infinite_storage_is_set_up_with_a_provider_and_ceph_is_for_providers() {
    // "products like S3, Google Storage, or Wasabi - this is something you'll probably set up with them rather than
    // running it in house".
    let catalog = catalog();
    for (stack, store) in [
        ("aws", "s3"),
        ("gcp", "gcs"),
        ("default", "wasabi"),
        ("azure", "azure-blob"),
    ] {
        assert_eq!(kind("files:2TiB", stack, &[]), store);
        let (plan, found) = suggested("files", stack, &[]);
        let basis = Basis::of_plan(&plan, catalog).expect("a stack");
        let answer = found[0].answer.as_ref().expect("there is an answer");
        let places = place_words(&basis, &answer.kind, found[0].need.role);
        let (_, last) = places.last().expect("there are places");
        assert!(last.starts_with("managed"), "{stack}: {last}");
    }
    // "Ceph … generally intended to be set up at the service provider level".
    assert!(against(&one("files", "default", &[]), "ceph").contains("offer storage to others"));
    assert_eq!(kind("files:2TiB", "self-hosted", &[]), "ceph");
}

#[test]
fn ephemeral_data_is_the_wheelhouse_of_redis_and_memcached() {
    // "user sessions are very temporary … This is the wheelhouse of services like Redis, and memcached."
    let cache = one("cache", "default", &[]);
    assert_eq!(
        cache.answer.as_ref().map(|answer| answer.kind.id.as_str()),
        Some("redis")
    );
    assert!(!against(&cache, "memcached").is_empty());
    assert_eq!(kind("cache", "default", &["memcached"]), "memcached");
    assert_eq!(kind("session", "default", &["memcached"]), "redis");
}

#[test]
fn a_queue_can_be_the_database_or_the_cache_that_is_there() {
    // "We can just use our databases or our cache to resolve this problem".
    let database = "[services.db]\nkind = \"postgres\"\n";
    assert_eq!(
        for_plan(&plan_with("\"queue\"", database)),
        ["queue: postgres db (there)"]
    );
    let cache = "[services.fast]\nkind = \"redis\"\n";
    assert_eq!(
        for_plan(&plan_with("\"queue\"", cache)),
        ["queue: redis fast (there)"]
    );
    // Where a cache is new anyway, it takes the queue too.
    assert_eq!(
        for_plan(&plan_with("\"queue\", \"cache\"", database)),
        ["cache: redis cache (new)", "queue: redis cache (new)"]
    );
}

#[test]
fn redelivery_and_dead_letters_want_a_message_queue() {
    // "Products like RabbitMQ … redelivered until they're guaranteed to have been processed, eventually rolled into a
    // dead letter queue if they fail repeatedly".
    for stack in ["default", "aws", "azure", "gcp", "self-hosted"] {
        for need in [
            "queue:redelivery",
            "queue:dead-letters",
            "queue:redelivery+dead-letters",
        ] {
            assert_eq!(kind(need, stack, &[]), "rabbitmq", "{need} in {stack}");
        }
    }
    let redis = "[services.fast]\nkind = \"redis\"\n[needs.queue]\nrequires = [\"redelivery\"]\n";
    assert_eq!(
        for_plan(&plan_with("\"queue\"", redis)),
        ["queue: rabbitmq queue (new)"]
    );
}

#[test]
fn many_readers_of_one_log_want_kafka() {
    // "Many different consumers can then keep a pointer to where they were reading on the stream … Systems like Apache
    // Kafka and Redis provide Streams."
    assert_eq!(kind("stream", "default", &[]), "redis");
    assert_eq!(kind("stream:many-readers", "default", &[]), "kafka");
    assert_eq!(kind("stream:7days", "default", &[]), "kafka");
    let lacking = one("stream:many-readers", "default", &[]);
    assert!(
        against(&lacking, "redis").contains("many-readers"),
        "{lacking:?}"
    );
}

#[test]
fn elasticsearch_provides_search_and_logs_with_kibana() {
    // "Products like ElasticSearch provide search capabilities."
    assert_eq!(kind("search:8GiB", "default", &[]), "elasticsearch");
    // "Logging services like Elasticsearch, Kibana, etc".
    assert_eq!(
        answers("logs", "default", &[]),
        [
            "logs: elasticsearch as logs",
            "dashboard: kibana as dashboard"
        ]
    );
}

#[test]
fn redis_is_not_suggested_as_the_primary_database() {
    // "You should probably not use Redis as your primary database - it's really not designed for that".
    assert_eq!(kind("database", "default", &["redis"]), "postgres");
    assert!(against(&one("database", "default", &[]), "redis").contains("not designed"));
}

#[test]
fn what_a_team_knows_answers_what_it_is_made_for() {
    // "We have worked with MySQL throughout this course as the primary backing service for our applications."
    assert_eq!(kind("database", "default", &["mysql"]), "mysql");
    assert_eq!(kind("database", "aws", &["mssql"]), "mssql");
    // "I have a friend who just uses DynamoDB for everything".
    assert_eq!(kind("session", "default", &["dynamodb"]), "dynamodb");
    // "Choosing a backing service is determined by application requirements."
    assert_eq!(
        kind("database:20000/s", "default", &["mysql"]),
        "cockroachdb"
    );
    assert_eq!(kind("queue:redelivery", "default", &["redis"]), "rabbitmq");
}

#[test]
fn you_need_a_place_to_keep_backups_of_the_database() {
    // "You'll also be backing up your database - presumably - and you'll need a place to keep those backups."
    let text = begun("database", &["local", "prod"], "default");
    let plan = analysis(&text).plan;
    assert!(plan.services.contains_key("backups"), "{text}");
    let (catalog, plan) = (
        catalog(),
        analysis("name = \"shop\"\n[apps.web]\nneeds = [\"database\"]\n[environments.prod.hosts.app-1]\nruns = [\"web\"]\n").plan,
    );
    let found = suggestions(&Basis::of_plan(&plan, catalog).expect("a stack"));
    assert_eq!(found.last().map(|it| it.need.cause), Some(Cause::Copies));
}

#[test]
fn services_are_internal_locally_and_in_tests_and_external_in_production() {
    // "A local application environment almost always uses an internal backing service."
    // "In a testing environment you would usually have an internal backing service so everything needed to run the
    // tests exists in the same location". "As a best practice in a production environment a backing service should be
    // external". "dev env -- … connected to a DB on some other machine".
    // "all dedicated Azure offerings will be external".
    for stack in ["default", "azure", "self-hosted"] {
        let built = built(&begun(
            "database,cache,files",
            &["local", "dev", "test", "prod"],
            stack,
        ));
        for (environment, locality) in [
            ("local", "internal"),
            ("test", "internal"),
            ("dev", "external"),
            ("prod", "external"),
        ] {
            for service in ["database", "cache", "files"] {
                let reached = built.reached(environment, "web", service);
                assert!(
                    reached.starts_with(locality),
                    "{stack} {environment} {service}: {reached}"
                );
            }
        }
    }
}
