"""Ending programs, and reading what they said."""

import subprocess
import sys
import time

from skycommons.emulation.video_process import decode_errors, dropped_packets, end_program, has_ended, last_words

LOG = b"""[h264 @ 0x55d0c8] [error] error while decoding MB 12 3, bytestream -5
[h264 @ 0x55d0c8] [warning] concealing 230 DC, 230 AC, 230 MV errors in P frame
[mpegts @ 0x55a1] [warning] Packet corrupt (stream = 0, dts = 126000).
[info] Stream mapping:
[h264 @ 0x55d0c8] [error] non-existing PPS 0 referenced
[warning] Guessed Channel Layout
[error] srt://203.0.113.10:7600: Input/output error
"""


def test_complaints_of_a_decoder_are_counted() -> None:
    """And neither what belongs to the connection nor what is no complaint."""
    assert decode_errors(LOG) == 4
    assert decode_errors(b"") == 0


def test_packets_that_srt_gave_up_are_counted() -> None:
    """As its library tells, time after time."""
    told = b"12:00:01.5/SRT:TsbPd!W:SRT.br: @1:RCV-DROPPED %d packet(s). Packet seqno %%9 delayed for 9.3 ms\n"
    assert dropped_packets(told % 81 + LOG + told % 2) == 83
    assert dropped_packets(b"") == 0


def test_the_last_words_stand_without_tags() -> None:
    """Or there are none."""
    assert last_words(LOG) == "srt://203.0.113.10:7600: Input/output error"
    assert last_words(b"[libx264 @ 0x1] [error] no \xff bytes\n") == "no \ufffd bytes"
    assert last_words(b"") == ""


def started(code: str) -> "subprocess.Popen[bytes]":
    """A program that has said that it runs."""
    program = subprocess.Popen([sys.executable, "-c", f"{code}"], stdout=subprocess.PIPE, start_new_session=True)
    assert program.stdout is not None
    assert program.stdout.readline() == b"up\n"
    program.stdout.close()
    return program


def test_a_program_that_hears_is_ended_at_once() -> None:
    """Twice does no harm."""
    program = started("import time; print('up', flush=True); time.sleep(60)")
    assert not has_ended(program, 0.0)
    end_program(program)
    assert program.returncode == -15
    end_program(program)


def test_a_program_that_hears_the_second_time_is_not_killed() -> None:
    """As ffmpeg does while it waits for a silent network."""
    code = (
        "import signal, sys, time\n"
        "heard = []\n"
        "signal.signal(signal.SIGTERM, lambda *_: heard.append(1) or (len(heard) > 1 and sys.exit(3)))\n"
        "print('up', flush=True)\n"
        "while True: time.sleep(0.1)"
    )
    program = started(code)
    end_program(program)
    assert program.returncode == 3


def test_a_program_that_never_hears_is_killed() -> None:
    """Within a bounded time."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    program = started(code)
    begin_s = time.monotonic()
    end_program(program)
    assert program.returncode == -9
    assert time.monotonic() - begin_s < 30.0
