"""House rules that no linter knows."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from piccolo.table import Table

from ground.engine import fetch, require_pool
from ground.errors import AmbassadeError
from server.config import Settings

ROOT = Path(__file__).parent.parent
PACKAGES = ("ground", "notifications", "gamification", "community", "server")
LONGEST_MODULE = 320
LONGEST_FUNCTION = 45
SQL = re.compile(
    r"^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|ALTER|DROP|TRUNCATE|SET|LOCK|COPY)\s"
)
# Statements that outlive their transaction on a connection of the pool, which nobody resets.
OUTLIVES = re.compile(
    r"(?:\A|;)\s*(?:SET\s+(?!LOCAL\b)|LISTEN\s|PREPARE\s|DECLARE\s|CREATE\s+TEMP)"
    r"|\bpg_(?:try_)?advisory_lock(?:_shared)?\s*\(|\bset_config\s*\([^)]*false"
)
# A connection of its own, for as long as the migrations last.
OWN_CONNECTION = {"server/migrations.py"}
# Puts statements together from the names of its own columns, and was read for it.
REVIEWED = {"gamification/recognition/kept.py"}
MONEY = {
    "amount",
    "bonus",
    "cash",
    "cashback",
    "commission",
    "cost",
    "coupon",
    "currency",
    "discount",
    "dollar",
    "dollars",
    "earnings",
    "eur",
    "euro",
    "euros",
    "fee",
    "gift",
    "giftcard",
    "income",
    "invoice",
    "money",
    "paid",
    "payment",
    "payout",
    "price",
    "prices",
    "purse",
    "rebate",
    "remuneration",
    "revenue",
    "salary",
    "usd",
    "voucher",
    "wage",
    "wallet",
}
MONEY_TOGETHER = {("reward", "value"), ("monetary", "value"), ("cash", "value"), ("money", "value")}


def modules():
    return [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "piccolo_migrations" not in path.parts
    ]


def named(path):
    return str(path.relative_to(ROOT))


@cache
def tree(path):
    return ast.parse(path.read_text())


def calls(path):
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def where(rule, *, but=()):
    """The places that a rule finds, in all modules but some."""
    return [
        f"{named(path)}:{line}"
        for path in modules()
        if not named(path).startswith(tuple(but))
        for line in rule(path)
    ]


def test_only_the_ground_opens_transactions():
    """Piccolo's own leak connections, and its batches swallow failures. Ours is `unit_of_work`."""

    def opening(path):
        methods = [call for call in calls(path) if isinstance(call.func, ast.Attribute)]
        return [c.lineno for c in methods if c.func.attr in {"transaction", "atomic", "batch"}]

    assert where(opening, but=["ground/"]) == []


def test_only_the_clock_reads_the_time():
    readers = {
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("datetime", "today"),
        ("date", "today"),
        ("time", "time"),
        ("time", "localtime"),
    }

    def reading(path):
        methods = [call for call in calls(path) if isinstance(call.func, ast.Attribute)]
        named_so = [
            (c.lineno, ast.unparse(c.func.value).rpartition(".")[2], c.func.attr) for c in methods
        ]
        return [line for line, *pair in named_so if tuple(pair) in readers]

    assert where(reading, but=["ground/clock.py"]) == []


def test_a_statement_holds_no_value_that_was_written_into_it():
    """Values go in as parameters (T27). Constants of the module may be put together."""

    def writing(path):
        return [node.lineno for node in ast.walk(tree(path)) if _writes_values_into_sql(node)]

    assert where(writing, but=REVIEWED) == []


def _writes_values_into_sql(node):
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str(first)), *_]) if SQL.match(first):
            inserted = [v.value for v in node.values if isinstance(v, ast.FormattedValue)]
            return not all(isinstance(v, ast.Name) and v.id.isupper() for v in inserted)
        case ast.BinOp(left=ast.Constant(value=str(first)), op=ast.Mod() | ast.Add()):
            return bool(SQL.match(first)) and not isinstance(node.right, ast.Constant)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(first)), attr="format")):
            return bool(SQL.match(first))
        case _:
            return False


def test_no_statement_outlives_its_transaction():
    """The pool sends no reset query between two users of a connection, to spare a round trip."""

    def outliving(path):
        docstrings = {id(n.body[0].value) for n in ast.walk(tree(path)) if _has_docstring(n)}
        texts = [n for n in ast.walk(tree(path)) if isinstance(n, ast.Constant)]
        said = [t for t in texts if isinstance(t.value, str) and id(t) not in docstrings]
        return [text.lineno for text in said if OUTLIVES.search(text.value)]

    assert where(outliving, but=OWN_CONNECTION) == []


def _has_docstring(node):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None


async def test_sessions_of_the_pool_stay_as_they_were(client, sign_in):
    headers = sign_in("camille") | {"Idempotency-Key": "k"}
    joining = {
        "display_name": "Camille",
        "locale": "fr",
        "time_zone": "Europe/Paris",
        "charter_version": 1,
        "old_enough": True,
    }
    assert (await client.post("/v1/members", json=joining, headers=headers)).status_code == 201
    assert (await client.get("/v1/me", headers=headers)).status_code == 200

    assert require_pool().get_size() > 0
    # asyncpg turns jit off and on again when it meets a new type.
    assert (
        await fetch("SELECT name FROM pg_settings WHERE source = 'session' AND name <> 'jit'") == []
    )
    assert await fetch("SELECT FROM pg_listening_channels()") == []
    assert (
        await fetch(
            "SELECT FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        == []
    )


def test_a_module_fits_into_a_head():
    def too_long(path):
        lines = len(path.read_text().splitlines())
        return [lines] if lines > LONGEST_MODULE else []

    assert where(too_long) == []


def test_a_function_fits_onto_a_screen():
    def too_long(path):
        kinds = ast.FunctionDef | ast.AsyncFunctionDef
        functions = [n for n in ast.walk(tree(path)) if isinstance(n, kinds)]
        return [f.name for f in functions if f.end_lineno - f.lineno >= LONGEST_FUNCTION]

    assert where(too_long) == []


def test_nothing_is_left_for_later():
    later = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|NotImplementedError")
    assert where(lambda path: later.findall(path.read_text())) == []


def test_a_name_has_one_address_and_says_something():
    for path in modules():
        assert path.name != "__init__.py" or path.read_text() == "", named(path)
        assert path.name not in {"utils.py", "helpers.py", "common.py", "base.py", "misc.py"}


@pytest.mark.parametrize(
    ("library", "doors"),
    [
        ("firebase_admin", ["server/auth/firebase.py", "notifications/push/firebase.py"]),
        ("procrastinate", ["server/worker/", "server/migrations.py"]),
    ],
)
def test_a_library_is_behind_one_door(library, doors):
    """One module verifies tokens, one sends; whoever needs a job asks `ground.jobs`."""

    def importing(path):
        for node in ast.walk(tree(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            yield from (node.lineno for name in names if name.split(".")[0] == library)

    assert where(importing, but=doors) == []


def test_a_process_that_serves_has_no_job_runner_and_no_migrations_in_memory():
    """They would take twenty MiB, of the hundred and fifty that it may have."""
    said = subprocess.run(
        [sys.executable, "-c", "import sys, server.app; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {*said.stdout.split()}

    assert loaded & {"procrastinate", "psycopg", "server.migrations", "server.worker.app"} == set()
    assert "server.app" in loaded


@cache
def classes_below(base):
    """All classes of ours that are made from another, in every module there is."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if "piccolo_migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found, waiting = [], [base]
    while waiting:
        below = waiting.pop().__subclasses__()
        found += [c for c in below if c.__module__.split(".")[0] in PACKAGES]
        waiting += below
    return found


def words(name):
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[_\W]+", spaced.lower()) if word]


def speaks_of_money(name):
    said = words(name)
    return bool(MONEY & set(said)) or bool(MONEY_TOGETHER & set(pairwise(said)))


@pytest.mark.parametrize(
    ("name", "speaks"),
    [
        ("price", True),
        ("unit_price", True),
        ("rewardValue", True),
        ("reward_value", True),
        ("points", False),
        ("priced_out", False),
        ("value", False),
        ("currency_code", True),
        ("eurovision", False),
        ("gift_card", True),
    ],
)
def test_what_speaks_of_money(name, speaks):
    assert speaks_of_money(name) is speaks


def test_there_is_no_money_in_any_table():
    """Recognition is the only currency: R1 to R4."""
    tables = classes_below(Table)
    names = [(t.__name__, t._meta.tablename) for t in tables]
    columns = [(t.__name__, c._meta.name) for t in tables for c in t._meta.columns]
    assert len(tables) >= 10
    assert [pair for pair in names + columns if speaks_of_money(pair[1])] == []


def test_there_is_no_money_in_any_message():
    structs = classes_below(msgspec.Struct)
    fields = [(s.__name__, f) for s in structs for f in (s.__name__, *s.__struct_fields__)]
    assert len(structs) >= 30
    assert [pair for pair in fields if speaks_of_money(pair[1])] == []


async def test_there_is_no_money_in_the_database(database):
    rows = await fetch(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name NOT LIKE 'procrastinate%'"
    )
    named_so = [(r["table_name"], r["column_name"]) for r in rows]
    assert len(named_so) >= 50
    assert [pair for pair in named_so if any(map(speaks_of_money, pair))] == []


def test_every_error_says_what_it_is():
    errors = classes_below(AmbassadeError)
    assert len(errors) >= 20
    for error in errors:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code), error
        assert 400 <= error.status <= 503, error
        assert error.title[0].isupper(), error
        assert not error.title.endswith("."), error
        assert inspect.cleandoc(error.__doc__ or ""), error


def test_every_error_has_a_code_of_its_own():
    counted = Counter(error.code for error in classes_below(AmbassadeError))
    assert [code for code, times in counted.items() if times > 1] == []


def test_the_example_of_an_environment_explains_every_setting():
    text = (ROOT / ".env.example").read_text()
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))
    defaults = msgspec.structs.asdict(Settings())

    assert set(given) == {name.upper() for name in defaults}
    for name, value in given.items():
        assert value == _written(defaults[name.lower()]), name
        assert re.search(rf"^#.*\n(?:[A-Z_]+=.*\n)*{name}=", text, re.MULTILINE), name


def _written(value):
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ",".join(value)
        case _:
            return str(value)
