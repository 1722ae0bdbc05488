"""Install the foreign programs that tests hold skycommons against, from Debian.

Usage: python3 scripts/debian_packages.py [--list]

This is the one list of them. Of skycommons only the live network needs some to run, and says so; `make test` passes over tests
whose program is not there; the run that every change must pass (.ci/run) installs them first. Names, not versions, are listed: Debian
stable keeps a package's version and mends only its faults.

Runs on the bare interpreter: the standard library only. Quick, and content without root, when all is there already.
"""

import os
import shutil
import subprocess
import sys

# Package -> what it is here for.
PACKAGES = {
    "curl": "fetches across the live network",
    "ffmpeg": "sends video across the live network",
    "gcc": "compiles the checkers that Spin writes",
    "golang-1.19-go": "runs tests/peers/go, a second reader of our logs",
    "golang-golang-x-mod-dev": "Go's own implementation of signed notes and logs, which that reader is made of",
    "iperf3": "fills the lines of the live network",
    "iproute2": "ip and tc: make the hosts of the live network and the links between them",
    "iputils-ping": "measures the live network, packet by packet",
    "irtt": "the same, each way on its own",
    "libc6-dev": "what gcc needs to compile at all",
    "nftables": "translates addresses where the live network meets its internet",
    "openssh-client": "ssh-keygen verifies signatures of decisions",
    "postgresql": "the other database that the store runs on",
    "spin": "checks the model of how decisions are made",
    "tcpdump": "records what passes a host of the live network",
    "user-mode-linux": "a kernel that runs as a program, and has the netem that a machine's own may lack",
    "util-linux": "setpriv and unshare: programs that end with their owner, and namespaces without root",
}
APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")


def main(arguments: list[str]) -> None:
    """Install what is missing, or list everything."""
    if arguments == ["--list"]:
        sys.stdout.write("".join(f"{package}\t{reason}\n" for package, reason in PACKAGES.items()))
        return
    if arguments:
        sys.exit(__doc__)
    absent = missing()
    if not absent:
        return
    command = f"apt-get install {' '.join(absent)}"
    if shutil.which("apt-get") is None:
        sys.exit(f"This is no Debian: apt-get is not there. What Debian calls {', '.join(absent)} is needed.")
    if os.geteuid() != 0:
        sys.exit(f"Not root. Ask an administrator for: {command}")
    sys.stderr.write(f"skycommons set-up: {command}\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*APT, "update"], check=True, env=environment)
    subprocess.run(
        [*APT, "install", "--yes", "--no-install-recommends", *absent],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def missing() -> list[str]:
    """The packages of the list that are not installed."""
    if shutil.which("dpkg-query") is None:
        return list(PACKAGES)
    asked = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *PACKAGES]
    answer = subprocess.run(asked, check=False, capture_output=True, text=True).stdout
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return [package for package in PACKAGES if package not in installed]


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"skycommons set-up: this command failed: {' '.join(error.cmd)}")
