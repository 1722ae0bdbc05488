"""Fit the weights of the observed choice of satellites again, and judge them on slots that they were not fitted to.

::

    python scripts/fit_choice.py [FOLDER]

FOLDER holds ``serving_louvain_2024-07-17.csv`` and the like. What the script prints as "everything" is what
``skycommons.plan.choice.OBSERVED_WEIGHTS`` holds; "first halves" are judged on the second ones.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from skycommons.plan.choice import WEIGHT_NAMES, Uniform, log_probabilities
from skycommons.studies.fit_choice import FittedWeights, MeasuredChoices, fit_choice
from skycommons.studies.serving_data import read_serving

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "measured"
SITES = {"louvain": (50.67, 4.61), "brisbane": (-27.5, 153.0)}
DATE = "2024-07-17"


def main(folder: Path = FOLDER) -> int:
    """Print weights and log-likelihoods."""
    sites = {name: measured(folder, name) for name in SITES}
    for name, fitted in fits(sites).items():
        print(f"fitted on {name}: {fitted.choices} slots, {fitted.log_likelihood_nats:.3f} per slot there")
        for weight, value, error in zip(WEIGHT_NAMES, fitted.weights_nats, fitted.error_nats, strict=True):
            print(f"    {weight}={value:.3f},  # ± {error:.3f}")
        for judged, choices in parts(sites).items():
            print(
                f"  judged on {judged}: {choices.log_likelihood_nats(fitted.weights_nats):.3f} ({uniform(choices):.3f})"
            )
    return 0


def measured(folder: Path, name: str) -> MeasuredChoices:
    """The choices at one site."""
    latitude_deg, longitude_deg = SITES[name]
    serving = folder / f"serving_{name}_{DATE}.csv"
    candidates = folder / f"candidates_{name}_{DATE}.json.gz"
    return read_serving(serving, candidates, latitude_deg=latitude_deg, longitude_deg=longitude_deg).measured


def fits(sites: dict[str, MeasuredChoices]) -> dict[str, FittedWeights]:
    """Each site alone, the first halves of all, and all."""
    chosen: dict[str, Sequence[MeasuredChoices]] = {name: [choices] for name, choices in sites.items()}
    chosen["first halves"] = [choices.halves()[0] for choices in sites.values()]
    chosen["everything"] = list(sites.values())
    return {name: fit_choice(choices) for name, choices in chosen.items()}


def parts(sites: dict[str, MeasuredChoices]) -> dict[str, MeasuredChoices]:
    """Each site, and the second half of each."""
    return {**sites, **{f"{name}, second half": choices.halves()[1] for name, choices in sites.items()}}


def uniform(choices: MeasuredChoices) -> float:
    """Log-likelihood per slot of the uniform choice."""
    return float(np.mean(log_probabilities(Uniform(), choices.sets)[choices.chosen]))


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
