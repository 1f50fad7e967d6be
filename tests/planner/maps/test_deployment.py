"""The map of the deployment: who serves whom, in which order teams are set up, and the proof of the plan."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser

from planner import maps
from planner import words as codes
from planner.maps import figures
from planner.products import SCENARIOS, Publication
from tests.browser import DESKTOP, PHONE, opened
from tests.planner.maps.reading import changed, column, content, facts_of, shown


@pytest.fixture(scope="module")
def file(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("maps") / "deployment.html"
    found.write_text(maps.render("deployment", publication), encoding="utf-8")
    return found


def test_who_serves_each_village(publication: Publication, file: Path) -> None:
    service = column(content(file.read_text(encoding="utf-8"))["tables"]["villages"], "service")
    status = publication.sites.set_index("site_id")["status"]
    for value, (_, row) in zip(service, publication.villages.iterrows(), strict=True):
        if isinstance(row["assigned_site_id"], str):
            assert value == status[row["assigned_site_id"]]
        else:
            assert value == (None if pd.isna(row["need_people"]) else "none")


def test_a_plan_without_a_deployment_is_still_a_map(publication: Publication) -> None:
    villages = publication.villages.copy()
    villages["assigned_site_id"] = pd.Series([None] * len(villages), dtype="str", index=villages.index)
    villages["assigned_minutes"] = float("nan")
    nothing = changed(publication, villages=villages, sites=publication.sites.iloc[:0])
    assert "none" in column(content(maps.render("deployment", nothing))["tables"]["villages"], "service")


def test_the_curve_is_that_of_the_table(publication: Publication, file: Path) -> None:
    curve, frame = content(file.read_text(encoding="utf-8"))["curve"], publication.curve
    assert curve["knee"] == 1
    for name in ("teams_added", "people_reached", "bound", "greedy_people"):
        assert curve[name] == frame[name].tolist()


@pytest.mark.parametrize("rows", [0, 1])
def test_a_curve_without_two_points_is_not_drawn(publication: Publication, rows: int) -> None:
    few = changed(publication, curve=publication.curve.iloc[:rows])
    assert "curve" not in content(maps.render("deployment", few))


@pytest.mark.browser
def test_a_publication_of_before_the_curve_is_still_a_map(
    browser: Browser, publication: Publication, tmp_path: Path
) -> None:
    folder = tmp_path / "before"
    shutil.copytree(publication.path, folder)
    (folder / "curve.parquet").unlink()
    file = tmp_path / "before.html"
    file.write_text(maps.render("deployment", Publication(folder)), encoding="utf-8")
    with opened(browser, file) as seen:
        assert seen.page.locator("#curve").count() == 0
        assert seen.page.locator("#teams").count() == 1


def test_communes_show_how_much_of_their_need_is_served(publication: Publication, file: Path) -> None:
    carried = content(file.read_text(encoding="utf-8"))
    (served,) = (v for v in carried["views"] if v["name"] == "served")
    assert list(served["levels"]) == ["communes"]
    shares = column(carried["tables"]["communes"], "served_share")
    assert shares == pytest.approx(publication.communes["served_share"].tolist(), abs=5e-5)


@pytest.mark.parametrize(
    ("name", "view", "of"), [("need", "class", "need_class"), ("coverage", "usable", "usable_probability")]
)
def test_views_of_villages_have_their_commune_too_unless_the_publication_is_older(
    publication: Publication, name: str, view: str, of: str
) -> None:
    def levels(one: Publication) -> list[str]:
        return next(list(v["levels"]) for v in content(maps.render(name, one))["views"] if v["name"] == view)

    assert levels(publication) == ["communes", "villages"]
    older = changed(publication, communes=publication.communes.drop(columns=of))
    assert levels(older) == ["villages"]


HOSTILE = "<img src=x onerror=alert(1)> \u202e" + "x" * 300


def with_scenarios(publication: Publication, tmp_path: Path) -> Publication:
    """Return a publication that compares the plan with two scenarios, one of which has no plan."""
    folder = tmp_path / "compared"
    shutil.copytree(publication.path, folder)
    figures_of = {"model": "max_cover", "moved": 0, "closed": 0, "need_people": 900.0, "unknown_people": 0.0}
    rows = [
        {"number": 0, **figures_of, "teams": 1, "same_sites": 1, "today_people": 300.0, "people_reached": 600.0,
         "unserved_people": 300.0, "objective": 600.0, "unit": "people", "bound": 640.0, "gap": 0.0625},
        {"number": 1, "scenario": HOSTILE, **figures_of, "moved": 2, "teams": 2, "same_sites": 1, "today_people": 300.0,
         "people_reached": 900.0, "unserved_people": 0.0, "objective": 900.0, "unit": "people", "bound": 900.0,
         "gap": 0.0, "cost": 12.5},
        {"number": 2, "scenario": "none", "refused": "no <b>room</b>"},
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[c.name for c in SCENARIOS])
    frame.to_parquet(folder / "scenarios.parquet")
    return Publication(folder)


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_scenarios_stand_beside_the_plan_as_text(
    browser: Browser, publication: Publication, tmp_path: Path, size: tuple[int, int]
) -> None:
    file = tmp_path / "compared.html"
    file.write_text(maps.render("deployment", with_scenarios(publication, tmp_path)), encoding="utf-8")
    with opened(browser, file, size=size, fragment="#lang=en") as seen:
        part = seen.page.locator("#scenarios")
        assert part.locator(".named").all_inner_texts()[0] == "This plan"
        assert HOSTILE in part.locator(".named").nth(1).text_content()
        assert part.locator("img").count() == 0
        lines = part.locator("tbody").nth(1).inner_text()
        assert "900 people" in lines
        assert "Objective 900, bound 900 people, gap 0.0 %" in lines
        assert "2 sites moved, 0 closed" in lines
        assert "cost 12.5" in lines
        assert "gap 6.3 %" in part.locator("tbody").first.inner_text()
        assert part.locator(".refused").inner_text() == "no <b>room</b>"
        assert part.locator("a").get_attribute("href") == "../scenarios.html"
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.browser
def test_a_publication_without_scenarios_says_nothing_of_them(
    browser: Browser, publication: Publication, tmp_path: Path
) -> None:
    folder = tmp_path / "without"
    shutil.copytree(publication.path, folder)
    (folder / "scenarios.parquet").unlink()
    file = tmp_path / "without.html"
    file.write_text(maps.render("deployment", Publication(folder)), encoding="utf-8")
    with opened(browser, file) as seen:
        assert seen.page.locator("#scenarios").count() == 0


@pytest.mark.browser
def test_the_curve_is_drawn_and_told(browser: Browser, file: Path, publication: Publication) -> None:
    frame = publication.curve
    with opened(browser, file, fragment="#lang=en") as seen:
        drawing = seen.page.locator("#curve svg[role=img]")
        label = drawing.get_attribute("aria-label") or ""
        assert f"{int(frame['people_reached'].iloc[-1]):,} people with 2 teams" in label
        points = {
            name: [
                tuple(map(float, p.split(","))) for p in seen.page.get_attribute(f"#curve .{name}", "points").split()
            ]
            for name in ("people_reached", "bound", "greedy_people")
        }
        assert points["people_reached"][0][1] > points["people_reached"][1][1]  # more people lie higher
        assert seen.page.locator("#curve circle").count() == 3
        assert seen.page.locator("#curve line.knee").get_attribute("x1") == str(points["bound"][1][0]).removesuffix(
            ".0"
        )
        assert "From 1 added teams on" in seen.text("#curve .hint")
        seen.page.click("#curve-table summary")
        rows = seen.page.locator("#curve-table tbody tr")
        assert rows.count() == 3
        assert rows.nth(1).locator("th").inner_text() == "1 (bend)"
        shown_people = rows.nth(2).locator("td").first.inner_text()
        assert shown_people == f"{int(frame['people_reached'].iloc[2]):,}"
        seen.page.click("#language")
        assert "Số tổ thêm" in seen.page.locator("#curve svg[role=img]").inner_html()


@pytest.mark.browser
def test_teams_stand_in_their_order_with_the_certificate(
    browser: Browser, file: Path, publication: Publication
) -> None:
    with opened(browser, file) as seen:
        seen.page.click("#teams-list summary")
        assert seen.names("#teams") == ["Tổ công nghệ số v20", "Tổ công nghệ số v13", "Tổ công nghệ số v00"]
        certificate = seen.text("#teams .facts")
        assert f"{shown(publication.manifest.solver.objective_people, 0)} người" in certificate
        assert "0,00 %" in certificate
        first = seen.text("#teams .unit >> nth=0")
        assert "1.120 người" in first
        seen.page.click("#teams .unit >> nth=0")
        assert seen.text("#chosen h2") == "Tổ công nghệ số v20"
        assert "site=v20" in seen.page.url


@pytest.mark.browser
@pytest.mark.parametrize(
    "said",
    [
        ("max_cover", "weighted_people", "Người được phục vụ, có trọng số", "Không kế hoạch nào hơn"),
        ("backup_cover", "weighted_people", "tính thêm tổ dự phòng", "Không kế hoạch nào hơn"),
        ("fair", "minutes", "Đường đi công bằng", "Không kế hoạch nào dưới"),
    ],
)
def test_a_certificate_says_on_which_side_its_bound_lies(
    browser: Browser, publication: Publication, tmp_path: Path, said: tuple[str, str, str, str]
) -> None:
    model, unit, goal, bound = said
    solver = publication.manifest.solver
    assert solver is not None
    told = {"model": model, "unit": unit, "objective": 1234.5, "bound_objective": 1240.0, "greedy_objective": 1200.0}
    asked = changed(
        publication, manifest=publication.manifest.model_copy(update={"solver": solver.model_copy(update=told)})
    )
    path = tmp_path / "deployment.html"
    path.write_text(maps.render("deployment", asked), encoding="utf-8")
    with opened(browser, path) as seen:
        seen.page.click("#teams-list summary")
        certificate = seen.text("#teams .facts")
        assert goal in certificate
        assert bound in certificate


def test_pages_share_their_geometry_and_are_the_same_as_alone(publication: Publication) -> None:
    together = dict(maps.pages(publication, list(maps.MAPS)))
    for name in maps.MAPS:
        assert together[f"maps/{name}.html"] == maps.render(name, publication)


@pytest.mark.browser
def test_a_site_tells_how_sure_it_is_and_what_becomes_of_it(
    browser: Browser, publication: Publication, tmp_path: Path
) -> None:
    sites = publication.sites.copy()
    new = sites.index[sites["status"] == "new"]
    sites.loc[new[0], "certainty"] = "phone_first"
    sites.loc[sites.index[sites["status"] == "existing"][0], "status"] = "closed"
    page = tmp_path / "sure.html"
    page.write_text(maps.render("deployment", changed(publication, sites=sites)), encoding="utf-8")
    with opened(browser, page, fragment=f"#site={sites.loc[new[0], 'site_id']}&lang=en") as seen:
        facts = facts_of(seen)
        assert facts["How sure"] == "Telephone before setting it up"
        assert facts["Chosen in so many of the draws"] == f"{100 * sites.loc[new[0], 'selection_frequency']:.1f} %"
        legend = seen.text("#legend .sites")
        assert "telephone before setting it up" in legend
        assert "Team closes" in legend


def test_a_team_that_gets_more_people_serves_as_one_of_today(publication: Publication) -> None:
    sites = publication.sites.assign(status=publication.sites["status"].replace({"existing": "upgraded"}))
    found = content(maps.render("deployment", changed(publication, sites=sites)))
    before = content(maps.render("deployment", publication))
    assert column(found["tables"]["villages"], "service") == column(before["tables"]["villages"], "service")


STATUSES = ("existing", "upgraded", "moved", "closed", "new")


def test_every_status_of_the_contract_has_a_mark_of_its_own() -> None:
    assert set(figures.SITE_MARKS) == set(STATUSES)
    assert len(set(figures.SITE_MARKS.values())) == len(STATUSES)
    assert set(STATUSES) <= set(codes.SITE_STATUS)


@pytest.mark.browser
def test_a_site_is_drawn_for_what_it_is(browser: Browser, publication: Publication, tmp_path: Path) -> None:
    statuses = ["upgraded", "moved", "closed"]
    sites = publication.sites.assign(status=statuses)
    page = tmp_path / "status.html"
    page.write_text(maps.render("deployment", changed(publication, sites=sites)), encoding="utf-8")
    with opened(browser, page, fragment="#lang=en") as seen:
        told = seen.text("#legend .sites")
        for words in ("Team today, gets more teams", "Team moves away", "Team closes"):
            assert words in told
        looks = seen.page.evaluate(
            """(statuses) => statuses.map((status) => {
              const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
              drawSite(pen, { x: 20, y: 20 }, status, null, 10);
              const colour = (x, y) => [...pen.getImageData(x, y, 1, 1).data].slice(0, 3).map((v) => 64 * Math.round(v / 64)).join(" ");
              return [colour(20, 20), colour(26, 20)];
            })""",
            list(STATUSES),
        )
    blue, yellow, white = "0 64 128", "256 256 64", "256 256 256"  # to the next 64: an edge is smoothed
    marks = {"existing": [blue, blue], "upgraded": [yellow, blue], "moved": [white, white], "closed": [blue, white]}
    assert dict(zip(STATUSES, looks, strict=True)) == {**marks, "new": [yellow, yellow]}
