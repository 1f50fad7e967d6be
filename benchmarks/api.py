"""Questions to the API over sockets, beside one bare FastAPI route that returns the same bytes from memory.

    python benchmarks/api.py [--out FILE]

The shipped province, one worker each, wrk on the same machine, rounds of both in turn; medians. `times_bare` is requests
per second over the bare route's (0.6 asked, 0.8 aimed at), `times_bare_p99` its 99th percentile over the bare one's (at most
2.5), `times_bare_cpu` CPU time per request over the bare one's: the ratio that other work on the machine spoils least. `rss_mb` is the resident size before and after a long run. A batch is 1,000 villages in one POST, at a process that has
just started (cold) and again (warm), uncompressed as on a private network and gzipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import common  # noqa: E402 - a script finds its own tree first
from planner import products  # noqa: E402

NOW = "2026-11-01T00:00:00Z"
ROUNDS = 5
ROUND_S = 6
LONG_S = 60
CONNECTIONS = 16
FACTORIES = {"product": "api.main:create_app", "bare FastAPI route": "benchmarks.bare:create_app"}
OPTIONS = {"api.main:create_app": ("--http", "api.protocol:Guarded", "--no-server-header")}
"""As `planner serve` starts uvicorn; the bare route has uvicorn's defaults."""
UNITS_MS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@contextmanager
def serve(factory: str, **variables: str) -> Iterator[tuple[str, int]]:
    """Run one worker on a free port; yield its address and process id."""
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", "0", "--no-access-log"]
    command += OPTIONS.get(factory, ())
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None  # noqa: S101 - it is piped
        found = next(m for line in process.stderr if (m := re.search(r"running on (http://\S+)", line)))
        yield found.group(1), process.pid
    finally:
        process.terminate()
        process.communicate()


def wrk(url: str, pid: int, *, seconds: int) -> tuple[float, float, float]:
    """Return requests per second, the 99th percentile in milliseconds and CPU microseconds per request.

    Anything but 200 stops the run.
    """
    start = busy_s(pid)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(said)
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    slow = re.search(r"99%\s+([0-9.]+)(us|ms|s)", said)
    assert rate is not None  # noqa: S101 - wrk always says both
    assert slow is not None  # noqa: S101
    per_s = float(rate.group(1))
    return per_s, float(slow.group(1)) * UNITS_MS[slow.group(2)], (busy_s(pid) - start) / (per_s * seconds) * 1e6


def busy_s(pid: int) -> float:
    """Return the CPU seconds of a process, to the nanosecond."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9


def resident_mb(pid: int) -> float:
    """Return the resident size of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else float("nan")


def province(folder: Path) -> Path:
    """Publish the shipped province and return the folder of publications."""
    command = [sys.executable, "-m", "planner", "demo", str(folder / "demo"), "--now", NOW]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return folder / "demo" / "published"


def questions(published: Path, folder: Path) -> list[common.Row]:
    """Ask both for one place, in turn; then the product alone for a minute."""
    row = products.open_publication(published).villages.iloc[0]
    question = f"/v1/coverage?lat={row['lat']:.6f}&lon={row['lon']:.6f}"
    body = folder / "body.json"
    rates: dict[str, list[tuple[float, float, float]]] = {name: [] for name in FACTORIES}
    settings = {"PLANNER_PUBLISHED": str(published), "BARE_BODY": str(body)}
    body.write_bytes(b"{}")
    with serve(FACTORIES["product"], **settings) as (product, pid):
        body.write_bytes(httpx.get(product + question).content)
        with serve(FACTORIES["bare FastAPI route"], **settings) as (bare, bare_pid):
            urls = {"product": product + question, "bare FastAPI route": bare + question}
            pids = {"product": pid, "bare FastAPI route": bare_pid}
            if httpx.get(urls["product"]).content != httpx.get(urls["bare FastAPI route"]).content:
                message = "the two do not answer the same bytes"
                raise SystemExit(message)
            for name, url in urls.items():
                wrk(url, pids[name], seconds=2)
            for _ in range(ROUNDS):
                for name, url in urls.items():
                    rates[name].append(wrk(url, pids[name], seconds=ROUND_S))
        before = resident_mb(pid)
        wrk(product + question, pid, seconds=LONG_S)
        memory = {"rss_mb": round(before, 1), "rss_after_mb": round(resident_mb(pid), 1), "long_run_s": LONG_S}
    size = body.stat().st_size
    return [
        _row(name, found, rates["bare FastAPI route"], size) | (memory if name == "product" else {})
        for name, found in rates.items()
    ]


def _row(
    name: str, found: list[tuple[float, float, float]], bare: list[tuple[float, float, float]], size: int
) -> common.Row:
    rate, slow, busy = (statistics.median(values) for values in zip(*found, strict=True))
    bare_rate, bare_slow, bare_busy = (statistics.median(values) for values in zip(*bare, strict=True))
    return {
        "case": "GET /v1/coverage",
        "tool": name,
        "bytes": size,
        "requests_per_s": round(rate),
        "p99_ms": round(slow, 2),
        "cpu_us": round(busy, 1),
        "times_bare": round(rate / bare_rate, 2),
        "times_bare_p99": round(slow / bare_slow, 2),
        "times_bare_cpu": round(busy / bare_busy, 2),
        "rounds": len(found),
    }


def batches(published: Path) -> list[common.Row]:
    """Time a batch of 1,000 villages in either language, at a fresh process and again."""
    villages = products.open_publication(published).villages.sample(1_000, random_state=1, replace=True)
    points = [{"lat": float(a), "lon": float(b)} for a, b in zip(villages["lat"], villages["lon"], strict=True)]
    content = json.dumps({"points": points}).encode()
    rows: list[common.Row] = []
    for language in ("vi", "en"):
        for encoding in ("identity", "gzip"):
            headers = {"Content-Type": "application/json", "Accept-Language": language, "Accept-Encoding": encoding}
            found = [_batch(published, content, headers) for _ in range(3)]
            case = f"POST /v1/coverage/batch, {language}, {encoding}"
            medians = {name: round(statistics.median(one[name] for one in found), 1) for name in found[0]}
            rows.append({"case": case, "tool": "product", **medians})
    return rows


def _batch(published: Path, content: bytes, headers: dict[str, str]) -> dict[str, float]:
    """Return wall and CPU milliseconds of the first batch of a process, and of the next three."""
    with (
        serve(FACTORIES["product"], PLANNER_PUBLISHED=str(published)) as (url, pid),
        httpx.Client(base_url=url) as client,
    ):
        client.get("/health/ready")  # the connection stands
        times = []
        for _ in range(4):
            start, busy = time.perf_counter(), busy_s(pid)
            with client.stream("POST", "/v1/coverage/batch", content=content, headers=headers) as response:
                raw = b"".join(response.iter_raw())  # unpacking is the client's cost
            times.append(((time.perf_counter() - start) * 1e3, (busy_s(pid) - busy) * 1e3))
            if response.status_code != 200 or not raw:
                message = f"a batch was answered {response.status_code}"
                raise SystemExit(message)
        wall, cpu = zip(*times, strict=True)
        warm = {"warm_ms": statistics.median(wall[1:]), "warm_cpu_ms": statistics.median(cpu[1:])}
        return {"cold_ms": wall[0], "cold_cpu_ms": cpu[0], **warm}


def main() -> None:
    """Measure, where wrk is installed."""
    rows: list[common.Row] = []
    if shutil.which("wrk") is None:
        rows.append({"case": "left out: wrk is not installed (Debian package wrk)"})
    else:
        with tempfile.TemporaryDirectory() as name:
            published = province(Path(name))
            rows = [*questions(published, Path(name)), *batches(published)]
    common.report(rows)


if __name__ == "__main__":
    main()
