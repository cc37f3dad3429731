# python-qpid-proton as an AMQP 1.0 client: SASL PLAIN, an events link, a message.
import json, os, sys
from proton import Message, SSLDomain
from proton.handlers import MessagingHandler
from proton.reactor import Container

def say(step, value=None):
    print(json.dumps({"step": step, "value": value}), flush=True)

class Device(MessagingHandler):
    def __init__(self):
        super().__init__(auto_settle=True)
        self.done = False

    def on_start(self, event):
        domain = SSLDomain(SSLDomain.MODE_CLIENT)
        domain.set_trusted_ca_db(os.environ["LAB_CA"])
        domain.set_peer_authentication(SSLDomain.VERIFY_PEER_NAME)
        connection = event.container.connect(
            "amqps://%s:%s" % (os.environ["LAB_HOST"], os.environ["LAB_PORT"]), ssl_domain=domain, reconnect=False,
            user=os.environ["LAB_USER"], password=os.environ["LAB_TOKEN"], allowed_mechs="PLAIN", virtual_host=os.environ["LAB_SERVERNAME"])
        self.sender = event.container.create_sender(connection, os.environ["LAB_PATH"] + "/messages/events", name="events")

    def on_connection_opened(self, event):
        say("open")

    def on_sendable(self, event):
        if not self.done:
            self.done = True
            event.sender.send(Message(body=b"from proton", inferred=True, content_type="text/plain"))

    def on_accepted(self, event):
        say("accepted")
        event.connection.close()

    def on_connection_closed(self, event):
        say("closed")

    def on_link_error(self, event):
        say("refused", event.link.remote_condition.name)
        event.connection.close()

    def on_transport_error(self, event):
        say("transport", event.transport.condition.name + " " + str(event.transport.condition.description))
        sys.exit(1)

Container(Device()).run()
