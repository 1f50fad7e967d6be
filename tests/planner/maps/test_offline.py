"""A page that asks nobody: what is embedded, what is refused, and that it does not change."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import folium
import pytest
from branca.element import Element
from folium.plugins import MarkerCluster
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.maps import offline


def plain() -> folium.Map:
    return folium.Map(location=[12.7, 108.2], zoom_start=8, tiles=None)


class TestPage:
    def test_nothing_is_left_to_load(self) -> None:
        text = offline.page(plain())
        assert "<script src" not in text
        assert "<link" not in text
        assert "L.map(" in text
        assert "sourceMappingURL" not in text

    def test_the_same_bytes_again_and_the_map_unchanged(self) -> None:
        made = plain()
        first = offline.page(made)
        assert offline.page(made) == first
        assert offline.page(plain()) == first
        assert not re.search(r"[0-9a-f]{32}", first.split("<body>")[1])

    def test_tiles_of_a_host_are_no_page_of_ours(self) -> None:
        # the address stands in a script; the policy below is what keeps the browser from asking
        text = offline.page(folium.Map(location=[12.7, 108.2]))
        assert "default-src 'none'" in text
        assert "img-src data: blob:;" in text

    def test_an_unknown_asset_is_refused_by_its_address(self) -> None:
        made = plain()
        MarkerCluster().add_to(made)
        with pytest.raises(offline.OfflineError, match="markercluster"):
            offline.page(made)

    @pytest.mark.parametrize(
        "markup",
        [
            '<img src="https://example.test/a.png">',
            '<img src="//example.test/a.png">',
            '<img src="a.png">',
            '<link rel="stylesheet" href="http://example.test/a.css">',
            '<iframe src="https://example.test/"></iframe>',
            "<style>a { background: url('https://example.test/a.png') }</style>",
            "<style>@import 'https://example.test/a.css';</style>",
            '<form action="https://example.test/"></form>',
            '<p style="background: url(https://example.test/a.png)"></p>',
        ],
    )
    def test_anything_that_would_be_loaded_is_refused(self, markup: str) -> None:
        made = plain()
        made.get_root().html.add_child(Element(markup))
        with pytest.raises(offline.OfflineError, match="asks no host"):
            offline.page(made)

    def test_a_link_that_a_person_follows_is_no_load(self) -> None:
        made = plain()
        made.get_root().html.add_child(Element('<a href="https://example.test/">x</a>'))
        assert 'href="https://example.test/"' in offline.page(made)

    def test_the_policy_names_the_page_s_own_scripts(self) -> None:
        text = offline.page(plain())
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)
        scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
        assert len(scripts) == 3
        for script in scripts:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
        assert "unsafe-inline" not in policy.split("style-src")[0]
        assert "http" not in policy

    def test_it_says_its_language_and_may_be_zoomed(self) -> None:
        text = offline.page(plain(), language="en")
        assert '<html lang="en">' in text
        assert "user-scalable=no" not in text
        assert text.count('name="viewport"') == 1


class TestAssets:
    def test_every_asset_is_the_one_that_was_pinned(self) -> None:
        folder = offline.files("planner.maps") / "assets"
        packages = json.loads((folder / "assets.json").read_text())["packages"]
        for package in packages:
            assert any(name.endswith("LICENSE") for name in package["files"])
            for name in package["files"]:
                assert offline.asset(name)

    def test_what_is_not_packaged_is_refused(self) -> None:
        with pytest.raises(offline.OfflineError, match="make assets"):
            offline.asset("../style.py")

    def test_pictures_of_a_style_sheet_are_inside_it(self) -> None:
        text = offline.style(f"{offline.LEAFLET}/leaflet.css")
        assert "url(images" not in text
        assert text.count("data:image/png;base64,") == 3

    def test_licences_travel_in_full(self) -> None:
        (leaflet,) = offline.licences()
        assert leaflet["licence"] == "BSD-2-Clause"
        assert "Redistribution and use" in leaflet["text"]


class TestData:
    @settings(deadline=None, max_examples=100)
    @given(st.recursive(st.text() | st.integers() | st.none(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
    def test_it_ends_no_element_and_reads_back_the_same(self, value) -> None:
        text = offline.data(value)
        assert not set(text) & set("<>&\u2028\u2029")
        assert json.loads(text) == value

    def test_nan_is_refused(self) -> None:
        with pytest.raises(ValueError, match="JSON"):
            offline.data(float("nan"))
