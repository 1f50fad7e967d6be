"""Parse and call: every command of the contract that this version computes.

A command imports what only it needs when it is called: `planner --help`, a wrong argument and `planner explain` would
otherwise wait for every library of `planner run`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import errno
import json
import logging
import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from planner import information
from planner.errors import LimitError, PlanningError
from planner.progress import progress

OK: Final = 0
AT_FAULT: Final = 1
INTERRUPTED: Final = 130
_KEYS: Final = "keys of the service's clients: scopes, rate and quota; only their SHA-256 is kept"
GRACE_SECONDS: Final = 20
"""How long a stopping service waits for answers under way."""
METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's own variable."""
MODELS: Final = ("backup_cover", "fair", "max_cover", "min_teams", "p_center", "p_median")
SCOPES: Final = ("read", "reports")
SCHEMA: Final = "planner"
"""What the usage names of `planner.siting`, `planner.keys` and `planner.postgis` without importing them; tests hold them equal."""
_NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT)


def now_utc(text: str | None = None) -> dt.datetime:
    """Return the time of a run, UTC, whole seconds: `text`, else SOURCE_DATE_EPOCH, else the clock.

    Parameters
    ----------
    text : str, optional
        ISO 8601; without an offset it is taken as UTC.

    Raises
    ------
    ValueError
        When it is not a time.
    """
    if text is not None:
        found = dt.datetime.fromisoformat(text)
        found = found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found
    elif epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        found = dt.datetime.fromtimestamp(int(epoch), tz=dt.UTC)
    else:
        found = dt.datetime.now(tz=dt.UTC)
    return found.astimezone(dt.UTC).replace(microsecond=0)


def _time(text: str) -> dt.datetime:
    try:
        return now_utc(text)
    except ValueError as error:
        message = f"{text!r} is not a time in ISO 8601, for example 2026-01-31T08:00:00Z"
        raise argparse.ArgumentTypeError(message) from error


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**63:
        message = f"{text!r} is not a whole number from 0 to 2^63 - 1"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > 10**9:
        message = f"{text!r} is not a whole number from 0 upwards"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _not_negative(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        message = f"{text!r} is not a number from 0 upwards"
        raise argparse.ArgumentTypeError(message)
    return value


def _many(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        message = f"{text!r} is not a number of processes, 1 to 1024"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        message = f"{text!r} is not a number above 0"
        raise argparse.ArgumentTypeError(message)
    return value


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        message = f"{text!r} is not a share from 0 to 1"
        raise argparse.ArgumentTypeError(message)
    return value


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        message = f"{text!r} is not a port from 0 to 65535"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        message = f"{text!r} is not a number of workers from 1 to 64"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _init(arguments: argparse.Namespace) -> int:
    from planner import workspace

    folder = workspace.init(arguments.folder)
    print(f"A workspace stands in {folder}. Next: fill inputs/, edit plan.toml, then: planner check {folder}/plan.toml")
    return OK


def _check(arguments: argparse.Namespace) -> int:
    from planner import pipeline

    with progress() as shown:
        result = pipeline.check(arguments.plan, out=arguments.out, now=now_utc(), progress=shown)
    if arguments.json:
        print(json.dumps(result.as_dict(), ensure_ascii=False))
    else:
        for issue in result.issues:
            print(f"{issue.severity}: {issue}")
        others = len(result.issues) - result.errors
        print(f"{result.errors} errors, {others} other remarks; report: {result.report}")
    return AT_FAULT if result.errors else OK


def _run(arguments: argparse.Namespace) -> int:
    from planner import pipeline

    with progress() as shown:
        if arguments.dry_run:
            now = arguments.now or now_utc()
            print("\n".join(pipeline.foresee(arguments.plan, now=now, seed=arguments.seed, progress=shown)))
            return OK
        path = pipeline.run(
            arguments.plan,
            out=arguments.out,
            now=arguments.now or now_utc(),
            seed=arguments.seed,
            progress=shown,
            workers=arguments.workers,
            scheduler=arguments.scheduler,
        )
    print(path)
    return OK


def _scenarios(arguments: argparse.Namespace) -> int:
    from planner import scenarios

    with progress() as shown:
        found = scenarios.compare(arguments.plan, now=arguments.now or now_utc(), progress=shown)
    print(found.as_text())
    print(scenarios.write_page(found, folder=arguments.plan.resolve().parent))
    return AT_FAULT if found.refused else OK


def _demo(arguments: argparse.Namespace) -> int:
    from planner import demonstration, pipeline

    plan = demonstration.prepare(arguments.folder)
    with progress() as shown:
        path = pipeline.run(plan, out=None, now=arguments.now or now_utc(), seed=None, progress=shown)
    print(f"map:   {path / 'maps' / 'need.html'}")
    print(f"serve: {demonstration.command()} serve {path.parent}")
    print(path)
    return OK


def _explain(arguments: argparse.Namespace) -> int:
    from planner import explain, products

    publication = products.open_publication(arguments.publication)
    found = explain.explain(publication, arguments.unit_id, language=arguments.language)
    print(json.dumps(found.as_dict(), ensure_ascii=False) if arguments.json else found.as_text())
    return OK


def _compare(arguments: argparse.Namespace) -> int:
    from planner import compare, products

    before, after = (products.open_publication(folder) for folder in (arguments.before, arguments.after))
    found = compare.compare(before, after, language=arguments.language)
    print(json.dumps(found.as_dict(), ensure_ascii=False) if arguments.json else found.as_text())
    return OK


def _serve(arguments: argparse.Namespace) -> int:
    import uvicorn

    from planner import products

    published: Path = arguments.published
    products.open_publication(published)
    os.environ["PLANNER_PUBLISHED"] = str(published.resolve())
    with _shared_metrics(arguments.workers):
        # no access log: its lines would hold query strings, and with them people's positions
        uvicorn.run(
            "api.main:create_app",
            factory=True,
            http="api.protocol:Guarded",
            host=arguments.host,
            port=arguments.port,
            workers=arguments.workers,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    return OK


@contextmanager
def _shared_metrics(workers: int) -> Iterator[None]:
    """Let several workers count together, in a folder that is theirs alone unless the operator named one."""
    if workers < 2 or METRICS in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="planner-metrics-") as folder:
        os.environ[METRICS] = folder
        try:
            yield
        finally:
            del os.environ[METRICS]


def _info(arguments: argparse.Namespace) -> int:
    versions = information.versions()
    if arguments.json:
        print(json.dumps(versions, ensure_ascii=False))
    else:
        width = max(map(len, versions))
        print("\n".join(f"{name:<{width}}  {version}" for name, version in versions.items()))
    return OK


def _site(arguments: argparse.Namespace) -> int:
    from planner import question

    found = question.ask(
        arguments.model,
        minutes=arguments.minutes,
        need=arguments.need,
        capacity=arguments.capacity,
        teams=arguments.teams,
        budget=arguments.budget,
        reach_minutes=arguments.reach,
        share=arguments.share,
        gap=arguments.gap,
        time_limit_s=arguments.time_limit,
    )
    print(json.dumps(found.as_dict(), ensure_ascii=False) if arguments.json else found.as_text())
    return OK


def _publish(arguments: argparse.Namespace) -> int:
    from planner import postgis, products

    publication = products.open_publication(arguments.publication)
    rows = postgis.publish(publication, url=arguments.postgis, schema=arguments.schema)
    found = ", ".join(f"{count} {name}" for name, count in rows.items())
    print(f"{publication.manifest.id} in schema {arguments.schema}: {found}")
    return OK


def _rollback(arguments: argparse.Namespace) -> int:
    from planner import archive

    print(archive.rollback(arguments.published, arguments.publication_id))
    return OK


def _disputes(arguments: argparse.Namespace) -> int:
    from planner import disputes

    count = disputes.export(arguments.database, out=arguments.out)
    print(f"{count} reports in {arguments.out}")
    return OK


def _keys_add(arguments: argparse.Namespace) -> int:
    from planner import keys

    key, token = keys.add(
        arguments.file,
        name=arguments.name,
        scopes=tuple(arguments.scope or ["read"]),
        per_second=arguments.per_second,
        per_day=arguments.per_day,
        days=arguments.days,
        now=now_utc(),
    )
    print(
        f"key {key.key_id} of {key.name}: {', '.join(key.scopes)}; it is shown this once and kept nowhere:",
        file=sys.stderr,
    )
    print(token)
    return OK


def _keys_list(arguments: argparse.Namespace) -> int:
    from planner import keys

    for key in keys.read(arguments.file).keys:
        state = "revoked" if key.revoked is not None else "active" if key.active(now_utc()) else "expired"
        quota = f"{key.per_second:g}/s" + ("" if key.per_day is None else f", {key.per_day}/day")
        until = "" if key.expires is None else f", until {key.expires}"
        print(f"{key.key_id}  {state:<7}  {'+'.join(key.scopes)}  {quota}  since {key.created}{until}  {key.name}")
    return OK


def _keys_revoke(arguments: argparse.Namespace) -> int:
    from planner import keys

    key = keys.revoke(arguments.file, arguments.key_id, now=now_utc())
    print(f"key {key.key_id} of {key.name} is revoked since {key.revoked}")
    return OK


def _fetch(arguments: argparse.Namespace) -> int:
    from planner import demonstration

    with progress() as shown:
        target = demonstration.fetch_boundaries(arguments.to, base_url=arguments.base_url, progress=shown)
    print(target)
    return OK


class _Commands(Protocol):
    """What argparse gives for sub-commands; its own type is private."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser:  # noqa: A002 - argparse's name
        """Add one command."""


def _add(
    commands: _Commands, name: str, call: Callable[[argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    found = commands.add_parser(name, help=text, description=text)
    found.set_defaults(call=call)
    return found


def parser() -> argparse.ArgumentParser:
    """Return the whole command line."""
    top = argparse.ArgumentParser(
        prog="planner",
        description="Who is underserved, why, and where community digital teams should work.",
        epilog="Status: 0 done; 1 inputs or plan at fault; 2 wrong usage; 3 no plan within the limits; 130 interrupted.",
    )
    top.add_argument("--version", action="version", version=f"planner {information.version()}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    one = _add(
        commands,
        "init",
        _init,
        "make a workspace: plan.toml with every key explained, inputs/ with a template per layer",
    )
    one.add_argument("folder", type=Path, metavar="DIR", help="a new or an empty folder")

    one = _add(commands, "check", _check, "validate every input; writes quality/report.html and issues.csv")
    one.add_argument("plan", type=Path, metavar="PLAN", help="plan.toml of a workspace")
    one.add_argument("--out", type=Path, metavar="DIR", help="folder of the report (default: quality/ beside the plan)")
    one.add_argument("--json", action="store_true", help="print one JSON object")

    one = _add(commands, "run", _run, "the whole path; the last line printed is the publication's path")
    one.add_argument("plan", type=Path, metavar="PLAN", help="plan.toml of a workspace")
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="folder of publications (default: published/ beside the plan)"
    )
    one.add_argument(
        "--now",
        type=_time,
        metavar="T",
        help="time of the publication, ISO 8601 (default: SOURCE_DATE_EPOCH, else the clock)",
    )
    one.add_argument("--seed", type=_seed, metavar="N", help="instead of the plan's seed")
    where = one.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=_many, default=1, metavar="N", help="processes that work on provinces (default 1)"
    )
    where.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster instead, for example tcp://10.0.0.5:8786")
    one.add_argument("--dry-run", action="store_true", help="say what would be computed and why; compute nothing")

    one = _add(
        commands,
        "scenarios",
        _scenarios,
        "every [scenario.*] of the plan beside the plan itself; nothing is published, the last line is the page's path",
    )
    one.add_argument("plan", type=Path, metavar="PLAN", help="plan.toml of a workspace")
    one.add_argument("--now", type=_time, metavar="T", help="time by which data are stale, ISO 8601")

    one = _add(commands, "explain", _explain, "one village: numbers, sources, contributions, response, nearest team")
    one.add_argument("publication", type=Path, metavar="PUB", help="a publication, or the folder of publications")
    one.add_argument("unit_id", metavar="UNIT_ID", help="of the village, for example 24259-030")
    one.add_argument("--language", choices=("vi", "en"), help="default: the plan's language")
    one.add_argument("--json", action="store_true", help="print one JSON object")

    one = _add(commands, "compare", _compare, "two publications: who moved, why, how many people")
    one.add_argument("before", type=Path, metavar="A", help="a publication, or the folder of publications")
    one.add_argument("after", type=Path, metavar="B", help="a publication, or the folder of publications")
    one.add_argument("--language", choices=("vi", "en"), help="default: the later plan's language")
    one.add_argument("--json", action="store_true", help="print one JSON object")

    one = _add(
        commands, "site", _site, "a siting problem you bring: where to open sites, with a bound on how good it can get"
    )
    one.add_argument("model", choices=MODELS, metavar="MODEL", help=", ".join(MODELS))
    one.add_argument(
        "--minutes",
        type=Path,
        required=True,
        metavar="M",
        help="CSV unit_id x site ids, empty = unreachable; or Parquet unit_id, site_id, minutes",
    )
    one.add_argument("--need", type=Path, required=True, metavar="N", help="CSV unit_id, people")
    one.add_argument(
        "--capacity",
        type=Path,
        metavar="C",
        help="CSV site_id, capacity (people; empty = no limit) and, if wanted, cost",
    )
    many = one.add_mutually_exclusive_group()
    many.add_argument("--teams", type=_count, metavar="P", help="sites to open")
    many.add_argument(
        "--budget", type=_not_negative, metavar="B", help="what all sites may cost together; needs column cost"
    )
    one.add_argument(
        "--reach", type=_positive, metavar="R", help="minutes a site reaches (default: every entry of the matrix)"
    )
    one.add_argument("--share", type=_share, default=1.0, metavar="S", help="of the people, for min_teams (default 1)")
    one.add_argument(
        "--gap", type=_share, default=0.005, metavar="G", help="stop within this share of the bound (default 0.005)"
    )
    one.add_argument("--time-limit", type=_positive, default=60.0, metavar="T", help="seconds (default 60)")
    one.add_argument("--json", action="store_true", help="print one JSON object")

    _published(commands)
    return top


def _published(commands: _Commands) -> None:
    """Add the commands about what was published, and those about the product itself."""
    one = _add(commands, "serve", _serve, "the API, the maps and a landing page")
    one.add_argument("published", type=Path, metavar="PUBLISHED_DIR", help="the folder of publications, published/")
    one.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1: this machine alone)")
    one.add_argument("--port", type=_port, default=8000, help="default 8000; 0: any free one")
    one.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes that answer (default 1)")

    one = _add(commands, "publish", _publish, "write a publication into a PostGIS database, all or nothing")
    one.add_argument("publication", type=Path, metavar="PUB", help="a publication, or the folder of publications")
    one.add_argument("--postgis", required=True, metavar="URL", help="postgresql://user:password@host:port/database")
    one.add_argument("--schema", default=SCHEMA, help=f"default: {SCHEMA}; its tables are replaced")

    one = _add(commands, "rollback", _rollback, "put an older publication in force again; nothing is deleted")
    one.add_argument("published", type=Path, metavar="PUBLISHED_DIR", help="the folder of publications, published/")
    one.add_argument("publication_id", nargs="?", metavar="ID", help="default: the one before the one in force")

    one = _add(commands, "disputes", _disputes, "freeze citizens' reports into a file that a plan can name")
    one.add_argument("what", choices=("export",), help="what to do")
    one.add_argument(
        "database", metavar="DB", help="the service's disputes.db, or postgresql://user:password@host/database"
    )
    one.add_argument("out", type=Path, metavar="OUT", help="file to write, *.parquet; replaced when it is there")

    _keys(commands)

    one = _add(commands, "fetch", _fetch, "download pinned public boundaries, checked by their sha256")
    one.add_argument("what", choices=("boundaries",), help="what to download")
    one.add_argument("--to", type=Path, metavar="DIR", help="default: data/boundaries/official")
    one.add_argument("--base-url", metavar="URL", help="another place that holds the same files")

    one = _add(commands, "demo", _demo, "init and run on the shipped province")
    one.add_argument(
        "folder",
        type=Path,
        metavar="DIR",
        nargs="?",
        default=Path("workspace"),
        help="folder to make (default: workspace); what you changed in it is kept",
    )
    one.add_argument("--now", type=_time, metavar="T", help="time of the publication, ISO 8601")

    one = _add(commands, "info", _info, "versions of the product, GDAL, PROJ, GEOS and the solvers")
    one.add_argument("--json", action="store_true", help="print one JSON object")


def _keys(commands: _Commands) -> None:
    """Add the command about the clients' keys, with its own sub-commands."""
    top = commands.add_parser("keys", help=_KEYS, description=_KEYS)
    inner = top.add_subparsers(metavar="add|list|revoke", required=True)
    made = _add(inner, "add", _keys_add, "make a key; its text is printed once")
    listed = _add(inner, "list", _keys_list, "the keys of a file, without their texts")
    closed = _add(inner, "revoke", _keys_revoke, "close a key; the service knows within two seconds")
    for one in (made, listed, closed):
        one.add_argument("file", type=Path, metavar="FILE", help="keys.json, beside the folder of publications")
    made.add_argument("--name", required=True, help="whose it is")
    made.add_argument("--scope", choices=SCOPES, action="append", help="may be given twice (default: read)")
    made.add_argument("--per-second", type=_positive, default=100.0, metavar="R", help="requests (default 100)")
    made.add_argument("--per-day", type=_count, metavar="Q", help="requests a day, UTC (default: any number)")
    made.add_argument("--days", type=_count, metavar="D", help="valid for so many days (default: until revoked)")
    closed.add_argument("key_id", metavar="KEY_ID", help="as `planner keys list` shows it")


def _told(error: BaseException) -> tuple[str, int]:
    """Return the sentence and the exit status of an error that is meant for people."""
    if isinstance(error, PlanningError):
        return str(error), error.status
    if isinstance(error, KeyboardInterrupt):
        return "interrupted; what was in force stays in force", INTERRUPTED
    if isinstance(error, MemoryError):
        return "not enough memory for this plan; nothing was published", LimitError.status
    if isinstance(error, OSError):
        if error.errno in _NO_SPACE:
            return f"the disk is full ({error.filename}); nothing was published", LimitError.status
        return f"{error.filename or 'file'}: {error.strerror or error}", AT_FAULT
    raise error


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors meant for people go to stderr as sentences."""
    arguments = parser().parse_args(argv)
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    logging.getLogger("planner").setLevel(logging.INFO)
    try:
        status = int(arguments.call(arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader went away (`planner explain … | head`): nothing is wrong, and nothing more can be said
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (PlanningError, KeyboardInterrupt, MemoryError, OSError) as error:
        sentence, status = _told(error)
        print(f"planner: {sentence}", file=sys.stderr)
    return status
