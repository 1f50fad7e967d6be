"""What the documents say exists: commands, files, links, columns, flags, settings, problem types, addresses."""

import json
import re
import shlex
from pathlib import Path

import jupytext
import pytest

from api.errors import KINDS
from api.main import create_app
from api.settings import PREFIX, Settings
from planner.cli import parser
from planner.products import OPTIONAL_TABLES, TABLES
from planner.sections import Needs
from planner.siting import MODELS
from planner.words import FLAG, NEED_CLASS, RESPONSE

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
ROOMS = ("planner/", "layers/", "api/", "notebooks/", "tests/", "docs/", "data/", "tools/", "benchmarks/")


def name_of(path):
    """Name a document in the test's id."""
    return path.name


def text_of(name):
    """Return a document of `docs/`."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def commands(text):
    """Return the arguments of every line `$ planner …` of the console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True)[2:] for line in lines if line.startswith("$ planner")]


def anchors(text):
    """Return what the headings of a document can be linked by."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def rows(text):
    """Return the code in the first cell of every table row."""
    return re.findall(r"^\| `([^`]+)`", text, flags=re.MULTILINE)


def section(text, *, title):
    """Return what stands under a heading, up to the next one of its level."""
    level = re.search(rf"^(#+) {re.escape(title)}$", text, flags=re.MULTILINE)
    assert level is not None, title
    return re.split(rf"^#{{1,{len(level[1])}}} ", text[level.end() :], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_line_is_one_of_the_product(document):
    for arguments in commands(document.read_text(encoding="utf-8")):
        assert parser().parse_args(arguments).call is not None


def test_the_documents_show_commands_at_all():
    shown = {arguments[0] for document in DOCUMENTS for arguments in commands(document.read_text(encoding="utf-8"))}
    assert shown >= {"init", "check", "run", "explain", "serve", "rollback", "publish"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_named_in_a_sentence_is_known(document):
    described = parser().format_help()
    for command in re.findall(r"`planner ([a-z]+)[^`]*`", document.read_text(encoding="utf-8")):
        assert re.search(rf"^\s+{command}\s", described, flags=re.MULTILINE), command


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "CONTRIBUTING.md"], ids=name_of)
def test_every_link_leads_somewhere(document):
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        there = document.parent / path if path else document
        assert there.exists(), target
        assert not anchor or anchor in anchors(there.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_file_of_the_product_that_is_named_exists(document):
    for named in re.findall(r"`([\w./-]+)`", document.read_text(encoding="utf-8")):
        if named.startswith(ROOMS) and named != "data/boundaries/official":
            assert (ROOT / named).exists() or (ROOT / f"{named}.py").exists(), named


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_answer_shown_is_json(document):
    for block in re.findall(r"```json\n(.*?)```", document.read_text(encoding="utf-8"), flags=re.DOTALL):
        assert isinstance(json.loads(block), dict)


def test_every_template_is_described():
    text = text_of("data.md")
    templates = ROOT / "planner" / "templates" / "inputs"
    for template in templates.iterdir():
        assert template.name == "README.md" or f"`{template.name}`" in text, template.name
    for named in re.findall(r"[Tt]emplates? `([\w.]+)`(?:, `([\w.]+)`)?", text):
        assert all((templates / name).is_file() for name in named if name), named


@pytest.mark.parametrize("table", [*TABLES, *OPTIONAL_TABLES])
def test_every_published_column_is_described_as_it_is_published(table):
    described = section(text_of("data.md"), title=f"{table}.parquet")
    expected = [f"| `{c.name}` | {c.kind} | {c.unit} | {c.meaning} |" for c in {**TABLES, **OPTIONAL_TABLES}[table]]
    assert [line for line in described.splitlines() if line.startswith("| `")] == expected


def test_flags_are_explained_in_both_languages():
    assert rows(section(text_of("data.md"), title="Flags")) == list(FLAG)
    assert rows(section(text_of("huong-dan.md"), title="Lưu ý (cờ) đi theo từng dòng")) == list(FLAG)


def test_classes_responses_and_models_are_those_of_the_product():
    method = text_of("method.md")
    assert set(rows(section(method, title="Class and response"))) - {"need_class"} == set(NEED_CLASS)
    responses = set(re.findall(r"`(\w+)`", section(method, title="Class and response")))
    assert responses >= set(RESPONSE)
    assert set(rows(section(method, title="Team sites"))) == set(MODELS)
    guide = section(text_of("huong-dan.md"), title="Nguyên nhân và việc nên làm")
    assert [words["vi"] for words in NEED_CLASS.values() if f"| {words['vi']} |" not in guide] == []


def test_problem_types_are_those_of_the_service():
    found = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| (.+) \|$", text_of("api.md"), flags=re.MULTILINE)
    assert found == [(name, str(kind.status), kind.en) for name, kind in KINDS.items()]


def test_every_address_is_one_of_the_service(tmp_path):
    document = create_app(Settings(published=tmp_path)).openapi()
    known = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    table = text_of("api.md").split("## One place")[0]
    named = re.findall(r"(GET|POST) (/[\w/{}.]+)", table)
    assert len(named) > 12
    for method, path in named:
        assert (method, re.sub(r"^/maps/[\w.]+$", "/maps/{path}", path)) in known, path


def test_every_setting_of_the_service_is_described():
    described = set(re.findall(rf"`{PREFIX}([A-Z_]+)`", section(text_of("operations.md"), title="Serve")))
    started_with = {"PUBLISHED", "HOST", "PORT"}  # arguments of `planner serve`
    assert described == {name.upper() for name in Settings.model_fields} - started_with


def test_the_defaults_of_the_settings_are_told_as_they_are():
    described = section(text_of("operations.md"), title="Serve")
    for name in ("poll_seconds", "retry_seconds", "older_publications", "keep_positions_days"):
        row = re.search(rf"^\| `{PREFIX}{name.upper()}` \| (\S+) \|", described, flags=re.MULTILINE)
        assert row is not None
        assert float(row[1]) == Settings.model_fields[name].default


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=name_of)
def test_a_notebook_and_its_text_are_one_and_carry_no_outputs(notebook):
    written = jupytext.read(notebook)
    paired = jupytext.read(notebook.with_suffix(".ipynb"))
    assert [(c.cell_type, c.source) for c in written.cells] == [(c.cell_type, c.source) for c in paired.cells]
    for cell in paired.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=name_of)
def test_a_notebook_says_what_it_asks_and_what_it_does_not_say(notebook):
    cells = jupytext.read(notebook).cells
    assert "**The question:**" in cells[0].source
    assert cells[-1].source.startswith("**What it does not say:**")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=name_of)
def test_a_notebook_calls_public_functions_only(notebook):
    code = "\n".join(cell.source for cell in jupytext.read(notebook).cells if cell.cell_type == "code")
    assert not re.search(r"(?:from|import) [\w.]*\._|\.\b_[a-z]", code)


def test_the_figures_of_the_default_plan_are_those_that_are_told():
    method = text_of("method.md")
    defaults = {name: field.default for name, field in Needs.model_fields.items()}
    for name in ("covered_at", "not_covered_at"):
        assert f"`{name}` ({defaults[name]})" in method
