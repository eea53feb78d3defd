"""Items that few people spoke on: error alone neither parts them nor leaves them standing alone."""

import numpy as np

from policy.methods.joint_clusters import joint_distances, patterns, with_lone_items_joined


def apart(values: list[list[float]], trust: float) -> float:
    who = patterns(np.array(values))
    nothing = np.zeros((2, 2))
    return float(joint_distances(who, nothing, 0.0, np.full(2, trust))[0, 1])


def test_of_two_noisy_items_less_is_made_than_of_two_sure_ones():
    noisy = [[0.8, 0.3, 0.3], [0.7, 0.5, 0.2]]
    assert 0 < apart(noisy, 0.85) < apart(noisy, 1.0)
    assert apart(noisy, 0.5) == 0.0


def test_items_on_which_others_stand_alone_stay_apart_however_the_pattern_is_trusted():
    assert apart([[0.8, 0.2, 0.2], [0.2, 0.2, 0.8]], 0.9) > 0.9


def test_an_item_alone_joins_the_nearest_line_up_to_a_limit():
    far = np.full((4, 4), 1.0)
    far[:2, :2], far[2, :2], far[:2, 2] = 0.1, 0.44, 0.44
    np.fill_diagonal(far, 0.0)
    members = np.array([0, 0, 1, 2])
    assert with_lone_items_joined(members, far, 0.46).tolist() == [0, 0, 0, 1]
    assert with_lone_items_joined(members, far, 0.43).tolist() == [0, 0, 1, 2]


def test_two_items_alone_do_not_join_one_another():
    near = np.array([[0.0, 0.2], [0.2, 0.0]])
    assert with_lone_items_joined(np.array([0, 1]), near, 0.46).tolist() == [0, 1]
