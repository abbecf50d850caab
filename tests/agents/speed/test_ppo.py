from agents.speed.ppo import measure_ppo


def test_the_time_of_a_run_is_split_between_environments_and_stable_baselines():
    found = measure_ppo(40, num_envs=2, ipc=2, proxy_kwargs={"nets": 1, "width": 8})
    assert found["steps"] == 40
    assert 0 < found["env_seconds"] < found["learn_seconds"] < found["seconds"]
    assert found["share_in_sb3"] == 1 - found["env_seconds"] / found["learn_seconds"]
