# SPDX-License-Identifier: Apache-2.0
"""A real Keystone on a port of the loopback, from the standard library's WSGI server.

    keystone_serve.py CONFIGURATION PORT
"""
import os
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

configuration, port = os.path.abspath(sys.argv[1]), int(sys.argv[2])
os.environ["OS_KEYSTONE_CONFIG_FILES"] = configuration
os.environ["OS_KEYSTONE_CONFIG_DIR"] = os.path.dirname(configuration)
sys.argv = ["keystone"]

from keystone.server.wsgi import initialize_public_application  # noqa: E402


class Server(WSGIServer):
    """One request at a time: SQLite takes one writer."""
    request_queue_size = 128


class Handler(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass

    def get_environ(self):
        """What a front end with a login of its own sets, taken from fields that a test sends."""
        environ = super().get_environ()
        for name, value in self.headers.items():
            if name.lower().startswith("x-environment-"):
                environ[name[len("x-environment-"):].upper().replace("-", "_")] = value
        return environ


make_server(
    "127.0.0.1", port, initialize_public_application(), Server, Handler).serve_forever()
