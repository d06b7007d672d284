"""Which calls meet which fault, and what the proxy does about them."""

import http.client
import json
import socket
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from clouds import CloudCase

from govstack_sandbox.faults import bodies
from govstack_sandbox.faults.plan import Call, Plan, Rule, read_plan
from govstack_sandbox.faults.server import Proxy
from govstack_sandbox.ports import Ports, save_ports

PORTS = "/v2.0/ports"


class Plans(unittest.TestCase):
    def drawn(self, plan, calls):
        return [bool(plan.faults_of(call)) for call in calls]

    def test_the_same_calls_meet_the_same_faults(self):
        calls = [Call("neutron", "POST", f"{PORTS}/{n % 3}") for n in range(60)]
        rules = (Rule("500", share=0.5),)
        one, other = Plan(1, 7, rules), Plan(1, 7, rules)
        self.assertEqual(self.drawn(one, calls), self.drawn(other, calls))
        self.assertNotEqual(
            self.drawn(Plan(1, 7, rules), calls), self.drawn(Plan(1, 8, rules), calls)
        )

    def test_ids_make_no_difference(self):
        one = Call("nova", "GET", "/v2.1/servers/0e4a9f6e-2d6b-4f3a-9b55-0a2f3c4d5e6f")
        other = Call("nova", "GET", "/v2.1/servers/11111111-2d6b-4f3a-9b55-0a2f3c4d5e6f")
        self.assertEqual(one.key, other.key)

    def test_a_share_of_calls_is_that_share(self):
        plan = Plan(1, 1, (Rule("429", share=0.3),))
        met = sum(self.drawn(plan, [Call("nova", "GET", "/servers")] * 2000))
        self.assertAlmostEqual(met / 2000, 0.3, delta=0.04)
        self.assertEqual(plan.told(), {"number": 1, "calls": 2000, "struck": [met]})

    def test_only_those_meet_it_that_are_meant(self):
        rule = Rule("500", service="neutron", method="POST", path="/ports$")
        plan = Plan(1, 1, (rule,))
        calls = [
            Call("neutron", "POST", PORTS),
            Call("neutron", "POST", "/v2.0/networks"),
            Call("neutron", "GET", PORTS),
            Call("nova", "POST", "/v2.1/ports"),
        ]
        self.assertEqual(self.drawn(plan, calls), [True, False, False, False])

    def test_no_more_than_the_first_meet_it(self):
        plan = Plan(1, 1, (Rule("500", first=2),))
        self.assertEqual(
            self.drawn(plan, [Call("nova", "GET", "/")] * 4), [True, True, False, False]
        )

    def test_servers_are_drawn_by_name(self):
        plan = Plan(1, 1, (Rule("server-error", name="-db-"),))
        self.assertTrue(plan.fault_of("server-error", "yz-db-001"))
        self.assertFalse(plan.fault_of("server-error", "yz-web-001"))
        self.assertFalse(plan.fault_of("balancer-stuck", "yz-db-001"))
        self.assertEqual(plan.faults_of(Call("nova", "GET", "/")), ())


class Bodies(unittest.TestCase):
    def test_a_catalog_leads_to_the_proxy(self):
        text = b'["http://127.0.0.1:201/v3", "http://127.0.0.1:2011/v3", "http://127.0.0.1:202"]'
        found = bodies.with_addresses(text, "http://127.0.0.1:9", {"keystone": 201, "nova": 202})
        self.assertEqual(
            json.loads(found),
            [
                "http://127.0.0.1:9/keystone/v3",
                "http://127.0.0.1:2011/v3",
                "http://127.0.0.1:9/nova",
            ],
        )

    def test_only_some_answers_name_addresses(self):
        self.assertTrue(bodies.leads_elsewhere("keystone", "/v3/auth/tokens"))
        self.assertTrue(bodies.leads_elsewhere("nova", "/v2.1/"))
        self.assertTrue(bodies.leads_elsewhere("nova", "/"))
        self.assertFalse(bodies.leads_elsewhere("barbican", "/v1/secrets"))

    def test_only_failed_servers_are_in_error(self):
        text = json.dumps({"servers": [{"id": "1", "status": "ACTIVE"}, {"id": "2"}]}).encode()
        one, other = json.loads(bodies.with_error(text, frozenset({"1"})))["servers"]
        self.assertEqual((one["status"], one["fault"]["code"]), ("ERROR", 500))
        self.assertEqual(other, {"id": "2"})
        self.assertEqual(bodies.with_error(b'{"flavor": {}}', frozenset({"1"})), b'{"flavor": {}}')


class Service(BaseHTTPRequestHandler):
    """A service that tells what it was asked."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.asked.append(f"{self.command} {self.path} {body}".strip())
        content = json.dumps(self.server.answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Subject-Token", "t")
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - as the server wishes
    do_DELETE = do_GET  # noqa: N815 - as the server wishes


class Proxies(CloudCase):
    def setUp(self):
        super().setUp()
        self.layout.create()
        self.service = ThreadingHTTPServer(("127.0.0.1", 0), Service)
        self.service.asked, self.service.answer = [], {}
        port = self.service.server_port
        names = ("keystone", "nova", "octavia")
        save_ports(self.layout, Ports(dict.fromkeys(names, port)))
        listening = socket.create_server(("127.0.0.1", 0))
        self.proxy = Proxy(self.layout, listening)
        for server in (self.service, self.proxy):
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)

    def plan(self, *rules):
        document = {"format": 1, "number": 1, "seed": 1, "rules": list(rules)}
        self.layout.faults.write_text(json.dumps(document))

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.proxy.server_address[1], timeout=10
        )
        self.addCleanup(connection.close)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()

    def test_a_plan_is_read(self):
        self.plan({"kind": "429", "share": 0.5, "seconds": 2})
        self.assertEqual(read_plan(self.layout.faults).rules, (Rule("429", 0.5, seconds=2),))

    def test_without_a_plan_all_goes_through(self):
        self.service.answer = {"a": 1}
        answer, content = self.ask("POST", "/nova/v2.1/servers?x=1", "body")
        self.assertEqual((answer.status, json.loads(content)), (200, {"a": 1}))
        self.assertEqual(self.service.asked, ["POST /v2.1/servers?x=1 body"])

    def test_a_refusal_says_for_how_long_and_names_the_request(self):
        self.plan({"kind": "429", "seconds": 3})
        answer, _ = self.ask("GET", "/nova/")
        self.assertEqual((answer.status, answer.headers["Retry-After"]), (429, "3"))
        self.assertRegex(answer.headers["x-openstack-request-id"], "^req-[0-9a-f-]{36}$")
        self.assertEqual(self.service.asked, [])

    def test_a_lost_answer_is_that_of_a_call_that_was_carried_out(self):
        self.plan({"kind": "drop", "after": True, "first": 1})
        with self.assertRaises(http.client.RemoteDisconnected):
            self.ask("POST", "/nova/servers", "x")
        self.assertEqual(self.service.asked, ["POST /servers x"])

    def test_tokens_grow_old(self):
        self.plan({"kind": "token", "seconds": 0.001})
        self.ask("POST", "/keystone/v3/auth/tokens", "{}")
        answer, _ = self.ask("GET", "/nova/servers", **{"X-Auth-Token": "t"})
        self.assertEqual(answer.status, 401)
        answer, _ = self.ask("GET", "/nova/servers", **{"X-Auth-Token": "another"})
        self.assertEqual(answer.status, 200)

    def test_a_server_fails_once_it_is_made(self):
        self.plan({"kind": "server-error"})
        self.service.answer = {"server": {"id": "s", "status": "ACTIVE"}}
        self.ask("POST", "/nova/v2.1/servers", json.dumps({"server": {"name": "a"}}))
        _, content = self.ask("GET", "/nova/v2.1/servers/s")
        self.assertEqual(json.loads(content)["server"]["status"], "ERROR")

    def test_a_balancer_that_is_stuck_cannot_be_changed(self):
        self.plan({"kind": "balancer-stuck"})
        self.service.answer = {"loadbalancer": {"id": "b", "provisioning_status": "ACTIVE"}}
        text = json.dumps({"loadbalancer": {"name": "a"}})
        self.ask("POST", "/octavia/v2/lbaas/loadbalancers", text)
        _, content = self.ask("GET", "/octavia/v2/lbaas/loadbalancers/b")
        self.assertEqual(
            json.loads(content)["loadbalancer"]["provisioning_status"], "PENDING_UPDATE"
        )
        answer, _ = self.ask("DELETE", "/octavia/v2/lbaas/loadbalancers/b")
        self.assertEqual(answer.status, 409)

    def test_it_tells_what_it_has_done(self):
        self.plan({"kind": "500"})
        self.ask("GET", "/nova/")
        _, content = self.ask("GET", "/_faults")
        self.assertEqual(json.loads(content), {"number": 1, "calls": 1, "struck": [1]})

    def test_there_is_no_such_service(self):
        self.assertEqual(self.ask("GET", "/heat/")[0].status, 404)


if __name__ == "__main__":
    unittest.main()
