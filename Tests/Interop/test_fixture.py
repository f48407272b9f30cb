# SPDX-License-Identifier: Apache-2.0
import json
import socket
import subprocess
import unittest
import urllib.request

FALSEWORK = [".build/debug/falsework", "up", "specs/scenarios/fixture.yaml", "--json"]


class FixtureTest(unittest.TestCase):
    def setUp(self):
        self.process = subprocess.Popen(
            FALSEWORK, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.cluster = json.loads(self.process.stdout.readline())

    def tearDown(self):
        self.process.stdin.close()  # the cluster ends with it
        self.process.stdout.close()
        self.assertEqual(self.process.wait(timeout=10), 0)

    def runtime(self, line):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.cluster["runtime_socket"])
            client.sendall(line.encode() + b"\n")
            return client.makefile().read()

    def test_one_node_is_enough(self):
        self.assertEqual(self.runtime("set server nodes/keystone1 state maint"), "\n")
        self.assertIn("MAINT", self.runtime("show stat"))
        with urllib.request.urlopen(self.cluster["url"]) as answer:
            self.assertEqual(json.load(answer)["version"]["status"], "stable")


if __name__ == "__main__":
    unittest.main()
