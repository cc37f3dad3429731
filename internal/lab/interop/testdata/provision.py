# The vendor's device SDK for Python at the provisioning service, and then at the hub that it
# was sent to.
import json
import os
import socket
import urllib.parse

names = json.loads(os.environ["LAB_NAMES"])
lookup = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: lookup(names.get(str(host).lower(), host), *rest, **more)

from azure.iot.device import IoTHubDeviceClient, ProvisioningDeviceClient, ProxyOptions, X509  # noqa: E402


def say(step, value=None):
    print(json.dumps({"step": step, "value": value}, separators=(",", ":")), flush=True)


more = {"websockets": os.environ.get("LAB_TRANSPORT") == "MqttWs"}
if os.environ.get("LAB_PROXY"):
    u = urllib.parse.urlsplit(os.environ["LAB_PROXY"])
    more["proxy_options"] = ProxyOptions(
        proxy_type={"http": "HTTP", "socks5": "SOCKS5"}[u.scheme], proxy_addr=u.hostname, proxy_port=u.port,
        proxy_username=u.username, proxy_password=u.password)
with open(os.environ["LAB_CA"]) as f:
    more["server_verification_cert"] = f.read()
where = {"provisioning_host": os.environ["LAB_DPS"], "registration_id": os.environ["LAB_REGISTRATION"],
         "id_scope": os.environ["LAB_SCOPE"]}
try:
    key, cert = os.environ.get("LAB_KEY"), None
    if key:
        client = ProvisioningDeviceClient.create_from_symmetric_key(symmetric_key=key, **where, **more)
    else:
        cert = X509(cert_file=os.environ["LAB_CERT"], key_file=os.environ["LAB_CERT_KEY"])
        client = ProvisioningDeviceClient.create_from_x509_certificate(x509=cert, **where, **more)
    client.provisioning_payload = {"modelId": "dtmi:edgenet:lab;1"}
    result = client.register()
    state = result.registration_state
    say("registered", [result.status, state.assigned_hub, state.device_id])
    more["connection_retry"] = False
    if key:
        device = IoTHubDeviceClient.create_from_symmetric_key(key, state.assigned_hub, state.device_id, **more)
    else:
        device = IoTHubDeviceClient.create_from_x509_certificate(cert, state.assigned_hub, state.device_id, **more)
    device.connect()
    say("open")
    device.shutdown()
    say("done")
except Exception as err:
    chain = []
    while err is not None:
        chain.append(type(err).__name__ + ": " + str(err))
        err = err.__cause__ or err.__context__
    say("failed", "; ".join(chain))
    os._exit(1)
