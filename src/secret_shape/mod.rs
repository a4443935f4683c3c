//! Texts that look like credentials, by the key they stand under or by their own form.

mod form;
mod named;
mod place;
mod told;
mod words;

pub use form::{passwords_in, shaped_like_a_secret};
pub use place::{credentials_in, masked, masked_at};
pub use told::Hidden;
pub use words::{Spot, credentials_among, is_behind, passwords_in_words};

use crate::secret_shape::named::named_like_a_secret;

/// Whether the text under `key` looks like a credential.
pub fn looks_secret(key: &str, text: &str) -> bool {
    // With anything behind it, it is more than a name.
    let is_template = text.starts_with("{{") && text.find("}}") == Some(text.len() - 2);
    let is_named = text.starts_with("${") || is_template || is_variable(text);
    if text.is_empty() || is_named {
        return false;
    }
    named_like_a_secret(key, text) || shaped_like_a_secret(text)
}

/// `$DB_PASSWORD`, as commands have it.
fn is_variable(text: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let name = text.strip_prefix('$');
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(is_of_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_their_key_or_by_their_form() {
        for (key, text) in [
            ("DB_PASSWORD", "hunter2"),
            ("ApiKey", "x1"),
            ("JWT_SECRET", "s"),
            ("DATABASE_URL", "postgres://app:hunter2@db/shop"),
            ("X", "Server=db;User=a;Password=hunter2"),
            ("description", "AKIAIOSFODNN7EXAMPLE"),
            ("password", "hunter2"),
            ("db_password", "hunter2"),
            ("stripe-api-key", "x1"),
            ("secret", "x1"),
            ("OPTIONS", r#"{"user":"a","password":"abc"}"#),
            ("OPTIONS", r#"{"db_token": 7}"#),
            ("command", r#"serve "{\"user\":\"a\",\"password\":\"a\"}""#),
            ("HEADER", "Authorization: Basic YXBwOmFiYw=="),
            ("HEADER", "Bearer abc123def456"),
            ("command", "--requirepass=hunter2"),
            ("command", "serve --db.password=\"hunter2\""),
            ("test", "PGPASSWORD=hunter2 psql -c 'select 1'"),
            ("test", "sh -c \"PGPASSWORD=hunter2 psql -c 'select 1'\""),
            ("--requirepass", "hunter2"),
            ("RABBITMQ_DEFAULT_PASS", "hunter2"),
            ("PGPASSWORD", "hunter2"),
            ("SMTP_PASS", "1234"),
            ("SMTP_PASS_2", "hunter2"),
            ("WEBPASSWORD", "hunter2"),
            ("ADMINPASSWORD", "hunter2"),
            ("DBPASS", "hunter2"),
            ("ROOTPASSWD", "hunter2"),
            ("JWTSECRET", "hunter2"),
            ("JWTSecret", "hunter2"),
            ("NEO4J_AUTH", "neo4j/hunter2"),
            ("BASIC_AUTH", "app:hunter2"),
            ("auth", "app:hunter2"),
            ("proxy.basicauth.users", "app:hunter2"),
            ("DB_PASSWORDS", "hunter2"),
            ("VNC_PW", "hunter2"),
            ("spring.datasource.password", "hunter2"),
            ("dbpassword", "hunter2"),
            ("smtp.pass", "hunter2"),
            ("HOOK", "https://hooks.slack.com/services/T0/B0/xyz"),
            (
                "SENTRY_DSN",
                "https://0123456789abcdef0123@o1.ingest.sentry.io/7",
            ),
            ("SENTRY_DSN", "https://reports@sentry.example.com/7"),
            ("VAULT_ENC_KEY", "keep-this-to-yourself"),
            ("PG_META_CRYPTO_KEY", "hunter2"),
            ("CRYPTO_KEY", "hunter2"),
            ("DB_ENC_KEY", "hunter2"),
            ("ENC_KEY", "hunter2"),
            ("RECORD_ENCRYPTION_PRIMARY_KEY", "hunter2"),
            ("RECORD_ENCRYPTION_DETERMINISTIC_KEY", "hunter2"),
            ("VAULT_KEY", "0123456789abcdef0123456789abcdef"),
            ("LICENSE_KEY", "hunter2"),
            ("SHOP_LICENSE", "AB12-CD34-EF56-GH78"),
            ("JWT", "hunter2"),
            ("JWT", "aLongTextThatSigns"),
            ("CACHE_AUTH", "mycachesecret"),
            ("AUTH", "hunter2"),
            (
                "ID",
                "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
            ),
            ("users", "admin:$apr1$Zx81$uTyHdzEyYmUyWwYzLmFhYw"),
            ("users", "a:x,admin:$2y$05$uTyHdzEyYmUyWwYzLmFhYw"),
            ("command", "serve --encryption-key=hunter2"),
            ("APP_SALT", "hunter2"),
            ("APP_KEY", "base64:abcdef0123456789"),
            ("COOKIE", "hunter2"),
            ("RABBITMQ_ERLANG_COOKIE", "hunter2"),
            ("PASSWORD", "/abc+Def/0123456789=="),
            ("command", "SMTP_PASS=hunter2 serve"),
            ("test", "mysqladmin ping -h localhost -u root -phunter2"),
            ("test", "mysqladmin -phunter2 ping"),
            ("test", "/usr/bin/mariadb-admin -phunter2 ping"),
            ("test", "curl -f -u root:hunter2 http://localhost"),
            ("test", "sh -c 'redis-cli -a hunter2 ping'"),
            ("test", "mongosh -u root -p hunter2"),
            ("test", "sqlcmd -U sa -P hunter2 -Q 'select 1'"),
            ("test", "mysql -u root \\\n -phunter2"),
        ] {
            assert!(looks_secret(key, text), "{key} = {text}");
        }
    }

    #[test]
    fn what_only_speaks_of_a_secret_is_none() {
        for (key, text) in [
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("DB_PASSWORD", "${DB_PASSWORD}"),
            ("TOKEN_TTL", "3600"),
            ("role", "secrets"),
            ("needs", "secrets"),
            ("secrets", "vault"),
            ("kind", "token"),
            ("token_ttl", "3600"),
            ("password", "${DB_PASSWORD}"),
            ("OPTIONS", r#"{"password":"${DB_PASSWORD}"}"#),
            ("HEADER", "Authorization: Bearer ${TOKEN}"),
            ("reason", "Bearer tokens are used"),
            ("DATABASE_URL", "postgres://db/shop"),
            ("KEY_ID", "7"),
            ("command", "--password-file=/run/secrets/db"),
            ("command", "PGPASSWORD=\"$DB_PASSWORD\" psql"),
            ("command", "--secret=/run/secrets/one"),
            ("--password-file", "x"),
            ("--verbose", "x"),
            ("--password", "$DB_PASSWORD"),
            ("--password", "{{ secret('A') }}"),
            ("command", "serve --password={{ secret('A') }}"),
            (
                "command",
                r#"serve {"user":"a","password":"{{ secret('A') }}"}"#,
            ),
            ("command", "serve postgres://shop:{{ secret('A') }}@db/shop"),
            ("command", "serve host=db password={{ secret('A') }}"),
            ("test", "redis-cli -a {{ secret('A') }} ping"),
            ("test", "mysqladmin -u root -p{{ secret('A') }} ping"),
            ("test", "curl -u root:{{ secret('A') }} http://localhost"),
            ("PASSWORD_MIN_LENGTH", "8"),
            ("MIN_PASSWORD", "8"),
            ("PASS_THROUGH", "all"),
            ("BYPASS", "localhost"),
            ("PROXY_BYPASS", "localhost"),
            ("COMPASS", "north"),
            ("PROXY_PASS", "http://app:80"),
            ("FASTCGI_PASS", "php:9000"),
            ("KEY_PREFIX", "shop"),
            ("API_KEY_PREFIX", "shop"),
            ("AUTH", "none"),
            ("SMTP_AUTH", "plain"),
            ("AUTH", "auth-server:9000"),
            ("AUTH", "auth-server-of-the-shop"),
            ("AUTH", "login1.example.com"),
            ("AUTH", "true"),
            ("auth", "auth-server:9000"),
            ("basicauth", "app:${PASSWORD}"),
            ("SMTP_AUTH", "CRAM-MD5"),
            ("HOST_AUTH", "scram-sha-256"),
            ("JWT", "HS256"),
            ("JWT", "https://sso.example.com/realms/shop1"),
            ("LICENSE", "accept"),
            ("LICENSE", "trial"),
            ("LICENSE", "Apache-2.0"),
            ("ENCRYPTION_PUBLIC_KEY", "0123456789abcdef0123456789abcdef"),
            (
                "CAPTCHA_SITE_KEY",
                "6Labcdef0123456789abcdef0123456789abcdef",
            ),
            ("SERVICE_KEY", "shop-orders-and-baskets-of-customers"),
            ("PRIMARY_KEY", "id"),
            ("PARTITION_KEY", "customer"),
            ("DATABASE_DSN", "postgres://shop@db/shop"),
            ("users", "admin:${HASH}"),
            ("users", "1000:1000"),
            ("ENABLE_AUTH", "true"),
            ("ALLOW_EMPTY_PASSWORD", "yes"),
            ("MYSQL_RANDOM_ROOT_PASSWORD", "1"),
            ("SECURE_COOKIE", "strict"),
            ("SALT_ROUNDS", "10"),
            ("BCRYPT_SALT", "10"),
            ("JWT_SECRET", "/run/secrets/jwt"),
            ("PRIVATE_KEY", "./keys/app"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "key.json"),
            ("PWD", "/var/www"),
            ("SESSION_KEY", "user"),
            ("DATABASE_DSN", "host=db port=5432"),
            ("X", "https://web@sentry.io/7"),
            ("X", "https://hooks.slack.com/services/$HOOK"),
            (
                "test",
                "mysqladmin ping -h localhost -p$MYSQL_ROOT_PASSWORD",
            ),
            ("test", "mysqladmin ping -p\"$MYSQL_ROOT_PASSWORD\""),
            ("test", "curl -u \"$USER:$PASSWORD\" http://localhost"),
            ("test", "pg_isready -p 5432 -U app"),
            ("test", "serve -u 1000:1000 -p8080:80"),
            ("command", "tool -a all -p plain"),
            ("command", "psql -p5432 -c 'select 1'"),
            ("command", "mkdir -p db-data"),
            (
                "command",
                "owner=$(id -u)\nmkdir -v -p /opt/shop/{logs,dags}",
            ),
            ("command", "sudo -u app mkdir -p /opt/shop"),
            ("command", "id -u && mkdir -p data"),
        ] {
            assert!(!looks_secret(key, text), "{key} = {text}");
        }
    }
}
