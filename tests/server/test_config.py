"""Settings: read once, and refused in words when they are wrong or unsafe."""

import msgspec
import pytest

from ground.languages import Language
from server.auth.firebase import TokenVerifier
from server.config import Settings, SettingsRefused

SAFE = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://ambassade:Jk4-92xLq@db.internal/ambassade",
    "REDIS_URL": "rediss://valkey.internal:6379/0",
    "PUBLIC_URL": "https://api.example.com",
    "ALLOWED_HOSTS": "api.example.com",
    "FIREBASE_PROJECT_ID": "a-brand",
}


def reasons(**changes):
    environment = {name: value for name, value in (SAFE | changes).items() if value is not None}
    with pytest.raises(SettingsRefused) as refusal:
        Settings.from_environment(environment)
    return refusal.value.reasons


def test_a_safe_production_starts():
    settings = Settings.from_environment(SAFE)

    assert settings.in_production
    assert settings.allowed_hosts == ("api.example.com",)
    assert settings.default_locale is Language.FRENCH
    assert (settings.minimum_age, settings.programme_time_zone) == (15, "Europe/Paris")


def test_production_is_what_one_gets_without_saying_anything():
    with pytest.raises(SettingsRefused):
        Settings.from_environment({})
    assert Settings().in_production


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"FIREBASE_AUTH_EMULATOR_HOST": "localhost:9099"}, "FIREBASE_AUTH_EMULATOR_HOST"),
        ({"FIREBASE_PROJECT_ID": None}, "FIREBASE_PROJECT_ID"),
        ({"FIREBASE_PROJECT_ID": " "}, "FIREBASE_PROJECT_ID"),
        ({"ALLOWED_HOSTS": "api.example.com,*"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*.example.com"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "other.example.com"}, "ALLOWED_HOSTS"),
        ({"CORS_ORIGINS": "*"}, "CORS_ORIGINS"),
        ({"PUBLIC_URL": "http://api.example.com"}, "PUBLIC_URL"),
        ({"DATABASE_URL": None}, "EMBEDDED_IN_PRODUCTION"),
        ({"DATABASE_URL": "postgresql://ambassade@db.internal/x"}, "guessable"),
        ({"DATABASE_URL": "postgresql://ambassade:password@db.internal/x"}, "guessable"),
        ({"LOG_LEVEL": "debug"}, "LOG_LEVEL"),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN"),
    ],
    ids=str,
)
def test_an_unsafe_production_does_not_start(changes, reason):
    told = reasons(**changes)
    assert any(reason in line for line in told)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ENVIRONMENT": "prod"}, "ENVIRONMENT"),
        ({"MINIMUM_AGE": "fifteen"}, "MINIMUM_AGE"),
        ({"MINIMUM_AGE": "-1"}, "MINIMUM_AGE"),
        ({"READS_PER_MINUTE": "0"}, "_PER_MINUTE"),
        ({"PROGRAMME_TIME_ZONE": "Mars/Olympus"}, "PROGRAMME_TIME_ZONE"),
        ({"PROGRAMME_TIME_ZONE": "../etc/passwd"}, "PROGRAMME_TIME_ZONE"),
        ({"DEFAULT_LOCALE": "de"}, "DEFAULT_LOCALE"),
        ({"TRUSTED_PROXY": "the proxy"}, "TRUSTED_PROXY"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://[x"}, "DATABASE_URL"),
        ({"REDIS_URL": "http://x"}, "REDIS_URL"),
        ({"CORS_ORIGINS": "https://example.com/path"}, "CORS_ORIGINS"),
        ({"PUBLIC_URL": "https://api.example.com:port"}, "PUBLIC_URL"),
        ({"POOL_SIZE": "0"}, "POOL_SIZE"),
        ({"EMBEDDED_IN_PRODUCTION": "maybe"}, "EMBEDDED_IN_PRODUCTION"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_in_words(changes, reason):
    assert any(reason in line for line in reasons(**changes))


def test_all_reasons_are_told_at_once():
    told = reasons(
        LOG_LEVEL="debug", PUBLIC_URL="http://x", FIREBASE_PROJECT_ID=None, MINIMUM_AGE="x"
    )
    assert len(told) >= 4


def test_a_refusal_repeats_no_secret():
    with pytest.raises(SettingsRefused) as refusal:
        Settings.from_environment(SAFE | {"DATABASE_URL": "mysql://u:canary-7f3e@h/d"})
    assert "canary-7f3e" not in str(refusal.value)


def test_the_embedded_database_serves_production_for_who_says_so():
    chosen = {name: value for name, value in SAFE.items() if name != "DATABASE_URL"}
    settings = Settings.from_environment(chosen | {"EMBEDDED_IN_PRODUCTION": "yes"})
    assert settings.embedded_in_production


def test_development_needs_nothing():
    settings = Settings.from_environment({"ENVIRONMENT": "development"})
    assert settings.project_id == "ambassade-development"


def test_lists_are_separated_by_commas():
    settings = Settings.from_environment(
        SAFE | {"CORS_ORIGINS": "https://a.example , https://b.example,"}
    )
    assert settings.cors_origins == ("https://a.example", "https://b.example")


def test_settings_cant_be_changed():
    with pytest.raises(AttributeError):
        Settings().minimum_age = 3
    assert msgspec.structs.replace(Settings(), minimum_age=18).minimum_age == 18


@pytest.mark.parametrize("given", ["/no/such/file.json", "{", '{"type": "service_account"}'])
def test_credentials_that_are_none_are_refused_in_words(given):
    with pytest.raises(SettingsRefused) as refusal:
        TokenVerifier(Settings(environment="test", firebase_credentials=given))
    assert "FIREBASE_CREDENTIALS" in str(refusal.value)
