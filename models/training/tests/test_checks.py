"""Invalid configuration values are refused in words that name the key, the rule and the value."""

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

from samepoint_training.checks import described, fits, numbers
from samepoint_training.config import DataConfig, TrainingConfig, build, load_config, parse_config
from samepoint_training.errors import ConfigError


def message_of(raw: Any) -> str:
    """The message that a configuration is refused with."""
    try:
        parse_config(raw)
    except ConfigError as error:
        return str(error)
    raise AssertionError(f"accepted: {raw}")


def refused(section: str, key: str, value: Any) -> str:
    """The message that one value is refused with."""
    return message_of({"name": "x", "kind": "SAM", section: {key: value}})


class TypeTest(unittest.TestCase):
    def test_a_value_of_another_type_is_named_with_the_wanted_type(self) -> None:
        for section, key, value, expected in (
            ("schedule", "steps", "many", "schedule: steps must be a whole number, got 'many'"),
            ("schedule", "steps", 1000.0, "schedule: steps must be a whole number, got 1000.0"),
            ("schedule", "steps", True, "schedule: steps must be a whole number, got True"),
            ("schedule", "learning_rate", "fast", "schedule: learning_rate must be a number, got 'fast'"),
            ("data", "ct_mr", 1, "data: ct_mr must be true or false, got 1"),
            ("augment", "patch", [8, 8], "augment: patch must be a list of 3, each element a whole number, got (8, 8)"),
            (
                "augment",
                "torso_patch",
                "large",
                "augment: torso_patch must be a list of 3, each element a whole number or null, got 'large'",
            ),
            (
                "network",
                "windows",
                [[0]],
                "network: windows must be a list, each element a list of 2, each element a number, got ((0,),)",
            ),
        ):
            with self.subTest(key=key, value=value):
                self.assertEqual(refused(section, key, value), expected)

    def test_not_a_number_is_refused(self) -> None:
        for value in (float("nan"), float("inf")):
            self.assertIn("noise_hu must be a number", refused("augment", "noise_hu", value))

    def test_a_whole_number_is_a_number(self) -> None:
        config = parse_config({"name": "x", "kind": "SAM", "augment": {"elastic_mm": 12}})
        self.assertEqual(config.augment.elastic_mm, 12)

    def test_a_missing_key_is_named(self) -> None:
        self.assertEqual(message_of({"kind": "SAM"}), "configuration: key 'name' is missing")
        stage = {"name": "x", "kind": "SAM", "curriculum": [{"loss": {}}]}
        self.assertEqual(message_of(stage), "curriculum[0]: key 'from_step' is missing")

    def test_fits_follows_the_annotation(self) -> None:
        pair = tuple[float, float]
        for value, hint, expected in (
            (None, tuple[int, int] | None, True),
            ((1, 2), tuple[int, int] | None, True),
            ((1.5, 2), tuple[int, int], False),
            ((), tuple[pair, ...], True),
            (((1, 2), (3, 4)), tuple[pair, ...], True),
            (((1, 2), 3), tuple[pair, ...], False),
            ({}, dict[str, Any], True),
            (DataConfig(), DataConfig, True),
            ({}, DataConfig, False),
        ):
            self.assertEqual(fits(value, hint), expected, (value, hint))

    def test_types_have_words(self) -> None:
        self.assertEqual(described(tuple[int, int, int] | None), "a list of 3, each element a whole number or null")
        self.assertEqual(described(DataConfig), "an object")

    def test_numbers_of_nested_tuples(self) -> None:
        self.assertEqual(numbers(((1, 2), (3, (4,)))), [1, 2, 3, 4])
        self.assertEqual(numbers(None), [])


class RangeTest(unittest.TestCase):
    def test_a_chance_lies_between_0_and_1(self) -> None:
        for section, key in (("schedule", "headneck_chance"), ("augment", "crop_chance"), ("data", "limb_share")):
            for value in (-0.01, 1.01):
                expected = f"{section}: {key} must lie in 0 to 1, got {value}"
                self.assertEqual(refused(section, key, value), expected)
            for value in (0, 1):
                parse_config({"name": "x", "kind": "SAM", section: {key: value}})

    def test_sizes_and_rates_are_positive(self) -> None:
        self.assertEqual(refused("schedule", "steps", 0), "schedule: steps must be greater than 0, got 0")
        self.assertIn("patch must be greater than 0", refused("augment", "patch", [8, 0, 8]))
        self.assertIn("temperature must be greater than 0", refused("loss", "temperature", 0.0))
        kernels = [[1, 3, 3], [1, 3, 3], [3, 3, 3], [3, 3, -3]]
        self.assertIn("kernels must be greater than 0", refused("network", "kernels", kernels))

    def test_a_stage_is_checked_like_the_sections(self) -> None:
        stage = {"from_step": 7, "loss": {"temperature": -1}}
        text = message_of({"name": "x", "kind": "SAM", "curriculum": [stage]})
        self.assertEqual(text, "curriculum from step 7, loss: temperature must be greater than 0, got -1")


class FileTest(unittest.TestCase):
    def test_an_unreadable_file_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "broken.json"
            with self.assertRaisesRegex(ConfigError, "broken.json: not a readable JSON file"):
                load_config(file)
            file.write_text('{"name": ')
            with self.assertRaisesRegex(ConfigError, "broken.json: not a readable JSON file"):
                load_config(file)

    def test_defaults_are_valid_by_their_own_rules(self) -> None:
        config = TrainingConfig("x", "SAM")
        for section in ("network", "data", "augment", "loss", "schedule"):
            values = vars(getattr(config, section))
            self.assertEqual(build(type(getattr(config, section)), values, section), getattr(config, section))

    def test_a_file_gives_the_values_that_it_names_and_defaults_for_the_others(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "x.json"
            file.write_text(json.dumps({"name": "x", "kind": "SAM", "loss": {"anchors": 3}}))
            config = load_config(file)
        self.assertEqual(config.loss.anchors, 3)
        self.assertEqual(config.loss.negatives, TrainingConfig("x", "SAM").loss.negatives)


if __name__ == "__main__":
    unittest.main()
