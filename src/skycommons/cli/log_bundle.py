"""``skycommons log bundle``: everything that a verifier needs, in one file."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.service_door import DEFAULT_SERVICE, ServiceDir, now_s, opened


def bundle(
    *,
    out: Annotated[Path, Parameter(name=("--out", "-o"), help="File for the bundle.")],
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Write the log, its checkpoint, the service map and what they name into one file.

    `skycommons verify FILE` checks it on any machine, and `skycommons run --service-map FILE` obeys it. The exit code is 5 if
    nobody would believe it yet, such as before witnesses saw the newest entries.
    """
    from skycommons.base.errors import TrustError
    from skycommons.governance.verify import service_map_result
    from skycommons.studies.files import replacing_bytes

    with opened(service) as door:
        found = door.evidence()
        trust, version = door.layout.read_trust(), door.state.map_version
    data = found.encode()
    with replacing_bytes(out) as stream:
        stream.write(data)
    report = service_map_result(found.manifest, found, trust, now_s=now_s())
    output.line(f"{len(found.entries):,} entries and {len(found.blobs):,} blobs, {len(data):,} bytes, in {out}")
    for refusal in report.refusals:
        output.line(f"Nobody would believe it yet: {refusal}. Run `skycommons decide settle`.")
    output.result(
        {
            "bundle": str(out),
            "bytes": len(data),
            "entries": len(found.entries),
            "blobs": len(found.blobs),
            "map_version": version,
            "verifies": bool(report),
            "refusals": [str(refusal) for refusal in report.refusals],
        }
    )
    return 0 if report else TrustError.exit_code
