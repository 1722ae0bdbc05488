"""From the documents of radio and weather to the rules that links follow."""

from skycommons.base.errors import RainError
from skycommons.model.documents_radio import (
    AnyWeather,
    ClearWeatherDocument,
    FixedWeatherDocument,
    MeasuredWeatherDocument,
    RadioDocument,
    SimulatedWeatherDocument,
)
from skycommons.model.documents_read import Draft, Findings
from skycommons.model.rules import ClearSky, FixedExceedance, MeasuredRain, RadioRules, SimulatedWeather, Weather
from skycommons.model.world import Sites
from skycommons.radio.modcod import AdaptationMargin


def radio_of(draft: Draft, sites: Sites | None, findings: Findings) -> RadioRules:
    """Rules of all links; files that cannot be used are faults."""
    radio = draft.radio or RadioDocument()
    return RadioRules(
        weather=_weather(draft.weather or SimulatedWeatherDocument(), sites, findings),
        service_law=radio.modcod.law(radio.shannon_gap_db),
        feeder_law=radio.feeder_modcod.law(radio.shannon_gap_db),
        margin=AdaptationMargin(fixed_db=radio.margin_db),
        full_pfd=radio.pfd,
    )


def _weather(document: AnyWeather, sites: Sites | None, findings: Findings) -> Weather:
    """What the sky does; rain is read for the sites, where these are known."""
    match document:
        case ClearWeatherDocument():
            return ClearSky()
        case FixedWeatherDocument(exceedance_percent=exceedance_percent):
            return FixedExceedance(exceedance=exceedance_percent / 100.0)
        case MeasuredWeatherDocument(file=file):
            return _measured(file, sites, findings)
        case _:
            return SimulatedWeather(features=document.features)


def _measured(file: str, sites: Sites | None, findings: Findings) -> Weather:
    """Rain of a file at the sites; a clear sky where it cannot be read, which is a fault."""
    from skycommons.model.rain_files import read_rain  # its readers are slow to import, and few scenarios need them

    if sites is None:
        return ClearSky()
    try:
        table = read_rain(findings.folder / file, latitude_rad=sites.latitude_rad, longitude_rad=sites.longitude_rad)
    except RainError as error:
        findings.file_faults("weather.file", file, error.faults)
        return ClearSky()
    return MeasuredRain(table=table)
