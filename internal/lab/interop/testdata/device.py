# The vendor's device SDK for Python: a device at the hub, or a module at the edgeHub.
import json
import os
import socket
import sys
import urllib.parse

names = json.loads(os.environ["LAB_NAMES"])
lookup = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: lookup(names.get(str(host).lower(), host), *rest, **more)

from azure.iot.device import (  # noqa: E402
    IoTHubDeviceClient, IoTHubModuleClient, Message, MethodResponse, ProxyOptions)


def say(step, value=None):
    print(json.dumps({"step": step, "value": value}, separators=(",", ":")), flush=True)


def proxy():
    text = os.environ.get("LAB_PROXY")
    if not text:
        return None
    u = urllib.parse.urlsplit(text)
    kind = {"http": "HTTP", "socks5": "SOCKS5"}[u.scheme]
    return ProxyOptions(proxy_type=kind, proxy_addr=u.hostname, proxy_port=u.port,
                        proxy_username=u.username, proxy_password=u.password)


more = {"websockets": os.environ.get("LAB_TRANSPORT") == "MqttWs", "connection_retry": False}
if proxy():
    more["proxy_options"] = proxy()
with open(os.environ["LAB_CA"]) as f:
    ca = f.read()
try:
    if os.environ.get("LAB_EDGE"):  # the variables that edgeAgent sets, and the workload API
        client, sender = IoTHubModuleClient.create_from_edge_environment(**more), True
    else:
        client, sender = IoTHubDeviceClient.create_from_connection_string(
            os.environ["LAB_CONNECTION"], server_verification_cert=ca, **more), False
    client.connect()
    say("open")
    client.on_twin_desired_properties_patch_received = lambda patch: say("desired", patch)

    def answer(request):
        client.send_method_response(MethodResponse.create_from_method_request(
            request, 200, {"echo": request.payload}))
        say("answered")

    client.on_method_request_received = answer
    message = Message(json.dumps({"from": "python"}, separators=(",", ":")))
    message.custom_properties["k"] = "v"
    if sender:
        client.send_message_to_output(message, "out1")
    else:
        client.send_message(message)
    say("sent")
    say("twin", client.get_twin())
    client.patch_twin_reported_properties({"sdk": "python"})
    say("reported")
    sys.stdin.readline()
    client.shutdown()
    say("closed")
except Exception as err:
    chain = []
    while err is not None:
        chain.append(type(err).__name__ + ": " + str(err))
        err = err.__cause__ or err.__context__
    say("failed", "; ".join(chain))
    os._exit(1)
