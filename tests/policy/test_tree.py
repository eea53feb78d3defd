"""All fault lines at a glance: what lies within what, how far apart, and what is kept back."""

import copy

import pytest

from tests.line import full_result, make_analysis, make_statements


@pytest.fixture
def result(river):
    """Three lines, two of them about one broad matter."""
    result = full_result(*make_statements(river))
    first = result["fault_lines"]["lines"][0]
    lines = [copy.deepcopy(first) | {"number": number} for number in (1, 2, 3)]
    for line, name, parent in zip(lines, ("water", "nets", "boats"), (1, 1, None), strict=True):
        line |= {"name": name, "parent": parent}
    lines[1] |= {"size": 0.3, "size_low": 0.2, "size_high": 0.45, "stability": 0.41}
    broad = {"number": 1, "between": "communities", "name": "river", "pattern": "", "lines": [1, 2]}
    broad |= {"size": 0.55, "size_low": 0.5, "size_high": 0.6, "stability": 0.9}
    result["fault_lines"] |= {"lines": lines, "broad": [broad]}
    return result


@pytest.fixture
def drawn(river, client, pilar, result):
    """The overview on the page of this result."""

    def opened() -> str:
        client.force_login(pilar)
        page = client.get(make_analysis(river, result).get_absolute_url()).content.decode()
        return page[page.index('class="chart tree"') :].split("</figure>")[0]

    return opened


def test_lines_stand_beneath_the_broad_matter_that_they_are_about(drawn):
    tree = drawn()
    assert tree.index(">river<") < tree.index(">nets<") < tree.index(">By themselves<")
    assert tree.index(">By themselves<") < tree.index(">boats<")
    assert "Who stands against whom changes from line to line." in tree


def test_a_bar_is_as_long_as_people_are_apart(drawn):
    tree = drawn()
    assert 'class="size" x1="0" x2="80%"' in tree
    assert 'class="size shaky" x1="0" x2="30%"' in tree
    assert 'class="around" x1="20%" x2="45%"' in tree


def test_who_stands_against_whom_is_said_with_marks_and_names(drawn):
    tree = drawn()
    standing = tree[tree.index("standing") :].split("</p>")[0]
    assert standing.index("Fishers") < standing.index("against") < standing.index("Farmers")
    assert "community-0" in standing


def test_the_table_says_all_that_the_drawing_shows(drawn):
    table = drawn().split("The numbers in this chart")[1]
    for words in ("1. water", "55 points on average (50–60)", "30 points apart (20–45)", "0.41"):
        assert words in table


def test_a_line_about_too_few_has_a_name_and_no_bar(drawn, result):
    result["fault_lines"]["lines"][1]["items"][0]["n"]["Farmers"] = 4
    tree = drawn()
    assert "Too few to say" in tree
    assert "30 points" not in tree
    # What is said of the broad line would tell of the line in it.
    assert "55 points" not in tree


def test_an_analysts_name_stands_in_the_overview_too(river, client, pilar, result):
    analysis = make_analysis(river, result)
    client.force_login(pilar)
    change = {"kind": "rename", "line": 3, "name": "Who may sail"}
    client.post(f"{analysis.get_absolute_url()}fault-lines/change/", change)
    page = client.get(analysis.get_absolute_url()).content.decode()
    tree = page[page.index('class="chart tree"') :].split("</figure>")[0]
    assert "Who may sail" in tree
