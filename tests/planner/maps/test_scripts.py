"""The maps' own scripts: types by TypeScript, style and frequent faults by Biome. Both come with `make scripts`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from planner.maps import board
from tests.conftest import ROOT

TOOLS = ROOT / "tools" / "scripts"
PAGE = ROOT / "planner" / "maps" / "page"

pytestmark = pytest.mark.node


def check(*command: str, folder: Path = TOOLS) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(TOOLS / "node_modules" / ".bin" / command[0]), *command[1:]],
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
    )


def test_types_hold() -> None:
    done = check("tsc", "-p", "tsconfig.json")
    assert (done.returncode, done.stdout) == (0, "")


def test_style_holds() -> None:
    done = check(
        "biome", "check", "--config-path=.", "--error-on-warnings", *(str(p) for p in sorted(PAGE.glob("*.js")))
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_script_is_in_the_page() -> None:
    assert {p.name for p in PAGE.glob("*.js")} == {*board.SCRIPTS, "index.js"}


@pytest.mark.parametrize(
    ("fault", "tool"),
    [
        ("/** @param {number} a */\nfunction f(a) { return a.missing; }\nf(1);\n", "tsc"),
        ("if ((a = 1)) var a;\n", "biome"),
    ],
)
def test_a_fault_is_found(fault: str, tool: str, tmp_path: Path) -> None:
    (tmp_path / "fault.js").write_text(fault)
    shutil.copy(TOOLS / "biome.json", tmp_path)
    if tool == "tsc":
        done = check("tsc", "--allowJs", "--checkJs", "--noEmit", "--strict", "fault.js", folder=tmp_path)
        assert "missing" in done.stdout
    else:
        done = check("biome", "lint", "fault.js", folder=tmp_path)
    assert done.returncode != 0
