"""One service on a socket that was listening before."""

import http.client
import threading
import unittest

from govstack_sandbox.ports import listen
from govstack_sandbox.serve import InheritedServer, keep_input_open


def closing_application(environ, start_response):
    """Do to the request's body what glance does."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"].close()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


class Serve(unittest.TestCase):
    def serve(self, application):
        listening = listen(0)
        self.port = listening.getsockname()[1]
        server = InheritedServer(listening, application)
        server.prepare()
        thread = threading.Thread(target=server.serve)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.stop)

    def post(self, connection, body):
        connection.request("POST", "/", body)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def test_a_connection_survives_an_application_that_closes_the_body(self):
        self.serve(keep_input_open(closing_application))
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        self.addCleanup(connection.close)
        answers = [self.post(connection, b"first"), self.post(connection, b"second")]
        self.assertEqual(answers, [(200, b"first"), (200, b"second")])

    def test_what_connects_before_the_server_runs_is_answered(self):
        listening = listen(0)
        port = listening.getsockname()[1]
        connection = http.client.HTTPConnection("127.0.0.1", port)
        self.addCleanup(connection.close)
        connection.request("POST", "/", b"early")
        server = InheritedServer(listening, keep_input_open(closing_application))
        server.prepare()
        thread = threading.Thread(target=server.serve)
        thread.start()
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (200, b"early"))
        server.stop()
        thread.join()


if __name__ == "__main__":
    unittest.main()
