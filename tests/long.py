"""Tests that take longest: a plain `pytest` leaves them out, `pytest --whole` (which is what `make test` types) and a
file that is named run them.

Most of them take a third of a second or more on an idle machine, and all that open a browser are among them: one test
in eight, and more than half of all the time. tests/repository/test_long.py looks whether each of them is there.
"""

LONG: dict[str, tuple[str, ...]] = {
    "tests/datasets/test_init.py": ("test_every_dataset_is_what_its_page_says_and_can_be_drawn",),
    "tests/datasets/test_simulators.py": (
        "test_no_model_beats_the_limit_of_level_shifts",
        "test_the_error_of_a_model_without_a_window_is_split",
    ),
    "tests/evaluation/audit/test_init.py": (
        "test_columns_of_the_calendar_are_taken_on_nobodys_word",
        "test_every_leak_is_caught",
        "test_every_leak_of_a_column_is_caught_in_a_function",
        "test_every_leak_of_a_column_is_caught_in_a_model",
        "test_no_clean_function_of_columns_is_accused",
        "test_no_clean_pipeline_is_accused",
        "test_no_honest_model_of_columns_is_accused",
    ),
    "tests/evaluation/audit/test_isolated.py": (
        "test_a_process_that_gives_nothing_is_done_without",
        "test_one_cut_in_eight_runs_in_a_process_of_its_own",
    ),
    "tests/evaluation/audit/test_loop.py": (
        "test_a_forest_on_two_threads_passes_to_within",
        "test_a_model_whose_forecasts_move_by_themselves_is_not_accused",
        "test_a_tolerance_hides_rounding_and_nothing_larger",
        "test_an_audit_counts_what_it_compared",
        "test_clean_models_are_not_accused_and_the_counts_add_up",
        "test_every_cut_of_up_to_400_values_and_32_of_more",
        "test_fits_that_differ_in_the_last_digits_are_compared_by_what_they_forecast",
        "test_last_digits_that_move_are_put_down_to_threads",
        "test_planted_leaks_are_caught",
        "test_the_audit_does_not_accuse_the_honest",
    ),
    "tests/evaluation/audit/test_opened_files.py": (
        "test_a_file_of_other_columns_is_a_file_of_another_run",
        "test_files_accuse_nobody_who_keeps_nothing_in_them",
        "test_the_second_audit_remembers_what_the_first_left_behind",
        "test_what_outlives_a_run_is_named",
        "test_what_the_environment_keeps_is_a_leak",
    ),
    "tests/evaluation/external/test_interval_columns.py": ("test_every_dialect_is_read_as_its_levels",),
    "tests/evaluation/test_answer_text.py": ("test_no_sentence_denies_what_is_shown",),
    "tests/evaluation/test_answers.py": (
        "test_of_noise_around_what_a_baseline_knows_nothing_is_shown",
        "test_summaries_of_the_whole_past_are_shown_on_every_series_of_the_note",
        "test_white_noises_at_different_levels_are_not_trusted_at_all",
    ),
    "tests/evaluation/test_batches.py": (
        "test_short_and_flat_series_are_scored_as_one_by_one",
        "test_the_company_a_series_keeps_does_not_change_its_bits",
    ),
    "tests/evaluation/test_direction.py": (
        "test_the_arrow_shows_where_shocks_are_not_normal_and_only_there",
        "test_what_is_the_same_both_ways_gets_no_verdict",
        "test_what_runs_forward_is_never_said_to_run_backward",
    ),
    "tests/evaluation/test_each.py": (
        "test_hard_series_are_scored_or_say_why_and_never_cost_the_others",
        "test_scores_are_those_of_evaluate_on_each_series",
    ),
    "tests/evaluation/test_evaluate.py": (
        "test_a_column_taken_as_foreseen_is_called_so_wherever_it_is_shown",
        "test_skill_and_trusted_steps_are_those_of_the_table_by_every_way",
        "test_the_figures_of_one_series_are_those_of_0_1_0",
    ),
    "tests/evaluation/test_fits.py": (
        "test_nobody_says_fitted_of_a_fit_that_was_not_made_here",
        "test_of_many_series_every_kind_has_its_clause_in_both_languages",
    ),
    "tests/evaluation/test_paths.py": ("test_the_future_changes_no_bit_of_a_path",),
    "tests/evaluation/test_rule.py": ("test_models_at_one_time_or_blocks_of_one_step_give_the_same",),
    "tests/evaluation/test_scorer.py": (
        "test_a_panel_is_pooled_in_units_of_each_scale",
        "test_the_unit_and_level_of_a_series_give_it_no_weight",
    ),
    "tests/evaluation/test_stream.py": (
        "test_a_stream_has_the_scores_of_the_whole",
        "test_memory_does_not_depend_on_the_length",
    ),
    "tests/evaluation/test_tested.py": ("test_shown_means_that_the_lower_end_is_above_the_margin",),
    "tests/evaluation/test_why.py": ("test_the_error_of_the_notes_net_is_split",),
    "tests/lesson/test_lesson_browser.py": (),
    "tests/models/test_ar.py": ("test_m4_weekly_by_one_pooled_ar",),
    "tests/models/test_ar_columns.py": ("test_fit_and_roll_out_are_those_of_a_literal_loop",),
    "tests/models/test_auto.py": (
        "test_a_batch_has_the_forecasts_of_each_series_alone",
        "test_it_is_the_recipe_in_plain_loops",
        "test_it_rolls_on_as_well_as_the_prototype",
        "test_values_after_the_training_part_change_no_bit_of_it",
    ),
    "tests/models/test_baselines.py": ("test_the_sums_of_a_batch_are_those_of_a_loop",),
    "tests/models/test_hmm.py": (
        "test_no_warning_of_numpy_comes_out_of_a_fit",
        "test_same_seed_same_bits_and_the_unit_does_not_matter",
        "test_what_was_simulated_is_found",
    ),
    "tests/models/test_markov.py": (
        "test_quantile_states_forget_as_the_note_says",
        "test_the_test_has_its_size_and_sees_what_is_no_chain",
    ),
    "tests/models/test_mlp.py": (
        "test_an_unrolled_loss_halves_the_error_on_a_chaotic_series",
        "test_five_nets_are_better_than_one",
    ),
    "tests/models/test_net.py": ("test_a_file_with_a_hostile_training_is_refused",),
    "tests/models/test_recurrent_nets.py": (
        "test_a_cell_of_ones_own",
        "test_a_net_with_columns_is_saved_with_their_units",
        "test_the_k_step_pass_asks_torch_for_little_more_than_a_bare_loop",
    ),
    "tests/models/test_regressed.py": ("test_around_any_model_it_is_that_model_of_the_rest_and_what_the_columns_say",),
    "tests/models/test_sampled.py": ("test_the_mean_of_paths_is_nearer_than_the_path_of_the_mean",),
    "tests/models/test_selection.py": ("test_auto_leaves_a_chaotic_series_as_it_is",),
    "tests/models/test_statespace.py": (
        "test_a_drift_is_not_taken_for_a_wave",
        "test_a_file_with_another_season_is_refused",
        "test_a_season_is_the_one_that_is_named_found_or_none",
        "test_a_season_of_fifty_steps_is_found_and_forecast",
        "test_a_season_takes_what_a_short_series_can_tell",
        "test_a_wave_longer_than_the_series_is_left_out_where_a_trend_explains_as_much",
        "test_constants_are_forecast_exactly_by_every_structure",
        "test_series_without_noise_constants_and_extremes",
        "test_the_fastest_wave_there_is",
        "test_the_latent_models_are_at_the_noise_floor_on_one_seed",
        "test_variances_and_cycles_are_named",
        "test_white_noise_with_many_gaps_is_not_taken_for_an_autoregression",
        "test_without_a_cycle_it_is_as_good_as_an_autoregression_told_its_order",
    ),
    "tests/models/test_switching.py": ("test_fit_is_at_least_as_likely_as_that_of_statsmodels",),
    "tests/models/test_training.py": ("test_nets_side_by_side_are_the_nets_of_a_loop",),
    "tests/models/test_transformed.py": ("test_the_power_is_guerreros",),
    "tests/models/test_window_columns.py": (
        "test_a_fit_with_columns_is_made_of_the_training_part_and_of_every_series_of_a_list",
    ),
    "tests/numerics/test_prewhitened.py": ("test_neighbours_averaged_give_nearly_the_same_variance",),
    "tests/numerics/test_seasonality.py": (
        "test_a_season_is_seldom_found_where_there_is_none",
        "test_the_true_period_is_found_by_a_scan",
    ),
    "tests/promises/test_command_line.py": ("test_typed_at_a_shell",),
    "tests/promises/test_faults.py": (
        "test_X1_killed_at_any_moment_what_is_left_is_whole",
        "test_X6_a_bare_environment_without_a_network_has_no_effect",
    ),
    "tests/promises/test_files.py": (
        "test_F1_files_as_people_write_them",
        "test_F5_one_bad_series_never_costs_the_others",
        "test_F5_the_work_of_many_series_is_linear",
        "test_F6_an_id_is_data_never_a_path",
    ),
    "tests/promises/test_intervals.py": ("test_P9_intervals_at_the_end_of_a_short_series_hold",),
    "tests/promises/test_memory.py": (
        "test_P7_a_call_takes_what_it_asks_for_and_not_a_byte_less_lets_it_in",
        "test_P7_what_is_beyond_the_smallest_budget_is_refused_before_it_is_allocated",
    ),
    "tests/promises/test_output.py": ("test_O2_formulas_are_inert_in_exported_csv",),
    "tests/promises/test_outputs.py": (
        "test_O4_a_terminal_is_sent_nothing_that_it_would_obey",
        "test_O4_ids_leave_a_pipe_and_a_file_as_they_came",
        "test_X7_a_pipe_is_read_as_far_as_the_budget_goes",
        "test_X7_ctrl_c_while_importing_is_a_line",
    ),
    "tests/promises/test_tampered.py": (
        "test_S5_some_changes_of_every_model",
        "test_S5_some_changes_of_models_with_columns",
    ),
    "tests/promises/test_values.py": ("test_V1_nothing_is_read_under_a_mask",),
    "tests/reading/test_init.py": ("test_the_three_examples_of_the_note_run_from_a_file",),
    "tests/report/page/test_page.py": (
        "test_any_report_is_below_six_hundred_kilobytes",
        "test_payloads_are_text",
        "test_the_name_in_the_headline_is_marked_and_nothing_else",
    ),
    "tests/report/page/test_page_browser.py": (),
    "tests/report/page/test_panel.py": ("test_every_series_has_a_verdict_of_its_own",),
    "tests/report/test_answer_figure.py": (
        "test_a_layout_that_is_set_for_all_figures_moves_nothing",
        "test_chinese_is_drawn_with_the_letters_of_a_chinese_font_and_without_a_warning",
        "test_every_text_is_legible_and_inside_the_picture",
        "test_one_step_and_chosen_steps_have_a_figure_too",
        "test_the_title_is_the_answer_and_the_two_lines_stand_under_it",
    ),
    "tests/report/test_chinese.py": ("test_every_note_of_the_library_has_its_chinese",),
    "tests/report/test_export.py": ("test_figure_and_page_of_every_loss_of_numbers",),
    "tests/repository/test_benchmarks.py": ("test_a_claim_goes_past_the_end_as_seldom_as_is_said",),
    "tests/repository/test_build.py": ("test_the_wheel_says_what_the_hook_made",),
    "tests/repository/test_contract.py": (
        "test_it_keeps_the_contract_that_is_asked_of_anybody",
        "test_the_audit_costs_what_its_evaluations_cost",
        "test_with_columns_a_list_is_one_pooled_fit_in_whatever_order",
        "test_with_columns_it_keeps_the_contract_and_what_columns_ask_for",
    ),
    "tests/repository/test_docs.py": (
        "test_command_lines_of_the_readme_run",
        "test_python_blocks_run",
        "test_the_first_commands_work_as_they_are_printed",
    ),
    "tests/repository/test_fences.py": ("test_an_import_that_points_up_or_aside_or_outside_fails",),
    "tests/repository/test_mirror.py": ("test_every_test_module_tests_something_and_no_helper_does",),
    "tests/repository/test_note_pages.py": (
        "test_a_row_that_does_not_hold_fails",
        "test_every_row_runs_and_the_pages_say_what_it_gives",
        "test_the_notes_cells_run_and_their_asserts_hold",
    ),
    "tests/scale/test_driver.py": ("test_engines_give_the_same_bytes_and_a_script_from_standard_input_may_run",),
    "tests/scale/test_engines.py": (
        "test_a_worker_that_is_killed_costs_nothing_and_a_call_that_kills_them_all_is_given_up",
    ),
    "tests/test_cli.py": (
        "test_forecast_on_the_command_line",
        "test_seattle_by_its_column",
        "test_the_command_line_audits_a_saved_model",
        "test_the_exit_code_is_that_of_the_process",
        "test_the_exit_code_says_whether_a_model_is_trusted_so_far",
    ),
    "tests/test_demo.py": (
        "test_demo_prints_the_table_says_what_it_means_and_draws",
        "test_the_demo_says_the_same_in_both_languages",
        "test_the_demo_writes_both_pages_in_both_languages_and_names_them_in_the_one_asked_for",
        "test_the_figures_speak_the_language_of_the_demo",
    ),
    "tests/test_distributions.py": ("test_transformed_distributions_are_those_of_transformed_draws",),
    "tests/test_draws.py": ("test_the_paths_of_a_row_do_not_depend_on_what_is_beside_it",),
    "tests/test_known_ahead.py": ("test_a_model_that_uses_no_columns_has_the_same_bits_with_them_on_the_series",),
    "tests/test_options.py": ("test_data_is_the_file_with_its_columns",),
    "tests/test_protocols.py": (
        "test_a_distribution_and_paths_are_there_where_they_are_declared",
        "test_a_wrapper_can_what_the_model_inside_can",
    ),
    "tests/test_sources.py": ("test_a_saved_model_finds_its_columns_in_a_file",),
    "tests/test_walk.py": ("test_errors_are_those_of_forecasts_one_by_one",),
    "tests/testing/test_capabilities.py": ("test_each_capability_can_be_broken_and_is_named",),
    "tests/testing/test_contract.py": (
        "test_a_model_that_uses_columns_is_tried_on_the_shop",
        "test_a_stranger_who_uses_columns_keeps_what_columns_ask_for",
        "test_each_promise_can_be_broken_and_is_named",
    ),
}
"""The tests of each file; () stands for all of them."""


def is_long(node: str) -> bool:
    """Whether a test is one of these, by the id that pytest gives it."""
    file, _, rest = node.partition("::")
    name, _, case = rest.partition("[")
    is_named = file in LONG and (not LONG[file] or name in LONG[file])
    return is_named or (file == CONTRACT and case.startswith(SLOW_MODELS))


CONTRACT = "tests/repository/test_contract.py"
SLOW_MODELS = ("StateSpace drift", "StateSpace seasons")
"""Cases of the contract that are left out with them."""
