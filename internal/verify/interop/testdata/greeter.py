"""An AMQP 1.0 server by Qpid Proton: TLS, SASL ANONYMOUS, and no more than a greeting.

greeter.py PORT CHAIN KEY [refuse]: with refuse, each connection is closed with an error.
"""

import sys

from proton import Condition
from proton.handlers import MessagingHandler
from proton.reactor import Container


class Greeter(MessagingHandler):
    def __init__(self, port, chain, key, refuse):
        super().__init__()
        self.port, self.chain, self.key, self.refuse = port, chain, key, refuse

    def on_start(self, event):
        event.container.ssl.server.set_credentials(self.chain, self.key, None)
        event.container.listen("amqps://127.0.0.1:" + self.port)

    def on_connection_opening(self, event):
        event.connection.container = "proton"

    def on_connection_opened(self, event):
        if self.refuse:
            event.connection.condition = Condition("amqp:resource-limit-exceeded", "full")
            event.connection.close()


container = Container(Greeter(sys.argv[1], sys.argv[2], sys.argv[3], len(sys.argv) > 4))
container.run()
