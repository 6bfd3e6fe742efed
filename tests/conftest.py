"""Fixtures that every subject's tests may use, and which tests are slow."""

import os
from pathlib import Path

import pytest
from project import SWEEP, Project, copy, synthetic_files

SLOW = {"new_project", "finished", "copied", "swept", "swept_copy", "in_place", "real_results", "browser"}  # fixtures
# Many trials, TensorFlow, or steps run as commands: tests that take half a second or more, and files of them.
LONG = {
    "test_a_malformed_set_stops_no_other",
    "test_a_mirror_that_stumbles_is_tried_again",
    "test_a_right_value_in_any_notation",
    "test_a_template_that_fails_says_so_in_one_line",
    "test_a_wrong_answer_is_seen_by_every_route",
    "test_alone_and_among_others",
    "test_an_item_is_left_alone_until_its_formulas_change",
    "test_any_problem_set_is_measured",
    "test_anything_is_a_finding_or_malformed",
    "test_ensembles_of_kernel_and_numpy_cannot_be_told_apart",
    "test_every_answer_is_confirmed_by_all_routes",
    "test_every_wrong_network_can_be_checked_again",
    "test_every_wrong_value_can_be_checked_again",
    "test_forty_identities_are_stated_and_few_stay_undecided",
    "test_honest_tables_are_kept",
    "test_honestly_rounded_probabilities_are_no_reason_to_refute",
    "test_intricate_formulas_end",
    "test_known_mistakes_are_refuted_by_their_names_with_a_program",
    "test_known_mistakes_are_wrong",
    "test_no_set_that_can_be_read_is_a_failure",
    "test_none_of_them_stops_the_others",
    "test_number_is_never_right",
    "test_parsing_imports_nothing_heavy",
    "test_power_measures_the_ensembles_that_claims_draw_from",
    "test_random_datasets_are_fitted_exactly_and_with_the_fewest_units",
    "test_random_formulas_are_judged_as_the_oracle_says",
    "test_random_mistakes_are_refuted_with_a_program",
    "test_records_do_not_depend_on_the_hash_seed",
    "test_refutes_no_more_than_alpha",
    "test_right_answers_are_proved",
    "test_right_answers_are_read",
    "test_the_command_needs_no_more_than_where_to_write",
    "test_the_command_says_one_line_and_no_traceback",
    "test_the_normal_form_has_the_same_value",
    "test_the_readers_that_the_problem_set_names_read_the_same",
    "test_the_same_network_in_other_words",
    "test_the_textbook_script",
    "test_whatever_is_stated_ends_in_a_verdict",
    "test_wrong_answers_are_not_proved_and_their_refutations_can_be_rechecked",
    "test_wrong_answers_gain_nothing",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long: `python -m pytest -m "not slow"` is for the loop of daily work."""
    for item in items:
        if SLOW & set(getattr(item, "fixturenames", ())) or LONG & {item.path.name, item.originalname}:
            item.add_marker("slow")


@pytest.fixture(scope="session")
def official_files() -> dict[str, dict[str, bytes]]:
    """Return dataset → file name → bytes of synthetic files in the official format."""
    return synthetic_files()


@pytest.fixture
def new_project(tmp_path, official_files) -> Project:
    """A project in which nothing has run yet."""
    return Project(tmp_path, official_files)


@pytest.fixture(scope="session")
def finished(tmp_path_factory, official_files) -> Project:
    """A project that ran to its end with four jobs at once. Tests that change it copy it first (`copied`)."""
    project = Project(tmp_path_factory.mktemp("finished"), official_files)
    project.snakemake("--cores", "4")
    return project


@pytest.fixture
def copied(tmp_path, finished) -> Project:
    """A finished project to change at will."""
    return copy(finished, tmp_path)


@pytest.fixture(scope="session")
def swept(tmp_path_factory, finished) -> Project:
    """The finished project after sweeps over both experiments, four jobs at once."""
    project = copy(finished, tmp_path_factory.mktemp("swept"))
    project.write_config(project.config() | {"sweep": SWEEP})
    project.snakemake("--cores", "4")
    return project


@pytest.fixture
def swept_copy(tmp_path, swept) -> Project:
    """The same, to change at will."""
    return copy(swept, tmp_path)


@pytest.fixture(scope="session")
def real_results() -> Path:
    """The results of a full run on the official data, for tests marked `real`."""
    if "PROOFSET_RESULTS" not in os.environ:
        pytest.skip("needs PROOFSET_RESULTS, the results folder of a full run")
    return Path(os.environ["PROOFSET_RESULTS"])
