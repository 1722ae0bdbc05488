"""The server that answers everything with so many bytes."""

import http.client
import socket
import threading

import pytest

from skycommons.emulation.http_peer import FixedServer, main


@pytest.mark.parametrize("size_bytes", [1, 65_536, 200_001])
def test_every_request_is_answered_with_so_many_bytes(size_bytes: int) -> None:
    """On one connection as on many, under the congestion control that was named."""
    with FixedServer("127.16.0.1", 0, size_bytes=size_bytes, congestion="reno") as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            assert server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).startswith(b"reno")
            connection = http.client.HTTPConnection("127.16.0.1", server.server_address[1], timeout=10)
            for _ in range(2):
                connection.request("GET", "/anything")
                answer = connection.getresponse()
                assert (answer.status, len(answer.read())) == (200, size_bytes)
            connection.close()
        finally:
            server.shutdown()
            thread.join(10)


def test_a_client_that_goes_away_is_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed."""
    with FixedServer("127.16.0.2", 0, size_bytes=50_000_000, congestion="reno") as server:
        with socket.create_connection(("127.16.0.2", server.server_address[1])) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            request, address = server.get_request()
        server.process_request_thread(request, address)
    assert capsys.readouterr() == ("", "")


def test_a_congestion_control_that_is_not_there_is_refused() -> None:
    """Before anybody is answered."""
    with pytest.raises(OSError, match="No such file"):
        main(["127.16.0.3", "0", "10", "unheard-of"])


def test_it_serves_until_it_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its arguments are address, port, size and congestion control."""
    served: list[tuple[str, int]] = []
    monkeypatch.setattr(
        FixedServer, "serve_forever", lambda server: served.append((server.server_address[0], server.size_bytes))
    )
    main(["127.16.0.4", "0", "10", "reno"])
    assert served == [("127.16.0.4", 10)]
