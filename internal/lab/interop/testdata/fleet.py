# The vendor's service SDK for Python over the service API of a lab's fleet.
import json
import os
import socket
import sys
import time
from unittest import mock

names = json.loads(os.environ["LAB_NAMES"])
lookup = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: lookup(names.get(str(host).lower(), host), *rest, **more)

sys.modules.setdefault("uamqp", mock.MagicMock())  # AMQP, which nothing here goes by

from azure.iot.hub import IoTHubConfigurationManager, IoTHubJobManager, IoTHubRegistryManager  # noqa: E402
from azure.iot.hub.models import (  # noqa: E402
    CloudToDeviceMethod, Configuration, ConfigurationContent, ConfigurationQueriesTestInput, JobRequest, QuerySpecification, Twin, TwinProperties)


def say(step, value=None):
    print(json.dumps({"step": step, "value": value}), flush=True)


def refused(step, call):
    try:
        call()
        say(step, "taken")
    except Exception as err:
        say(step, getattr(getattr(err, "response", None), "status_code", type(err).__name__ + ": " + str(err)))


def sweep(registry, text, size):
    rows, pages, token = [], 0, None
    while True:
        answer = registry.query_iot_hub(QuerySpecification(query=text), token, size)
        rows += answer.items
        pages += 1
        token = answer.continuation_token
        if not token:
            return rows, pages


def content(protocol):
    def system(image):
        return {"type": "docker", "settings": {"image": image, "createOptions": "{}"}, "env": {"UpstreamProtocol": {"value": protocol}}}
    desired = {"schemaVersion": "1.1", "runtime": {"type": "docker", "settings": {}}, "modules": {},
               "systemModules": {"edgeAgent": system("agent:1.5"), "edgeHub": dict(system("hub:1.5"), status="running", restartPolicy="always")}}
    return ConfigurationContent(modules_content={"$edgeAgent": {"properties.desired": desired}})


def twins(registry):
    twin = registry.get_twin("edge-000000")
    changed = registry.update_twin("edge-000000", Twin(tags={"edgenet": {"class": "ws"}}), twin.etag)
    say("tag", changed.tags["edgenet"])
    refused("stale", lambda: registry.update_twin("edge-000000", Twin(tags={"edgenet": {"class": "amqp"}}), twin.etag))
    module = registry.get_module_twin("edge-000000", "edgenet")
    say("module", [module.module_id, module.properties.reported["edgenet"]["schema"]])
    changed = registry.update_module_twin("edge-000000", "edgenet", Twin(properties=TwinProperties(desired={"holdSec": 60})), module.etag)
    say("desired", changed.properties.desired["holdSec"])
    refused("nobody", lambda: registry.get_twin("edge-999999"))


def configurations(connection, registry):
    manager = IoTHubConfigurationManager(connection)
    made = manager.create_configuration(Configuration(id="py-1", schema_version="1.0", content=content("AmqpWs"), target_condition="tags.edgenet.class='ws'", priority=30))
    say("created", [made.id, made.priority])
    wrong = manager.test_configuration_queries(ConfigurationQueriesTestInput(target_condition="tags.x LIKE 'y'", custom_metric_queries={"a": "SELECT deviceId FROM devices", "b": "SELECT FROM"}))
    say("tested", [bool(wrong.target_condition_error), sorted(k for k, v in wrong.custom_metric_query_errors.items() if v)])
    right = manager.test_configuration_queries(ConfigurationQueriesTestInput(target_condition="tags.x = 'y'"))
    say("tested right", right.target_condition_error)
    got = manager.get_configuration("py-1")
    for _ in range(100):
        if got.system_metrics.results["reportedSuccessfulCount"] > 0:
            break
        time.sleep(0.1)
        got = manager.get_configuration("py-1")
    say("metrics", got.system_metrics.results)
    got.priority = 31
    say("changed", manager.update_configuration(got, got.etag).priority)
    refused("changed late", lambda: manager.update_configuration(got, got.etag))
    say("listed", sorted(c.id for c in manager.get_configurations(10)))
    manager.apply_configuration_on_edge_device("edge-000010", content("MqttWs"))
    manager.delete_configuration("py-1")
    refused("deleted", lambda: manager.get_configuration("py-1"))


def jobs(connection):
    manager = IoTHubJobManager(connection)
    job = manager.create_scheduled_job("py-job", JobRequest(job_id="py-job", type="scheduleUpdateTwin", update_twin=Twin(etag="*", tags={"edgenet": {"class": "job"}}),
                                       query_condition="tags.site='site-00002'", start_time="2020-01-01T00:00:00Z", max_execution_time_in_seconds=300))
    for _ in range(200):
        if job.status == "completed":
            break
        time.sleep(0.1)
        job = manager.get_scheduled_job("py-job")
    say("job", [job.type, job.status, job.device_job_statistics.succeeded_count])
    # The list of jobs is left out: this client expects an object there, the one for Node an array.
    refused("no job", lambda: manager.cancel_scheduled_job("nothing"))


def main():
    connection = os.environ["LAB_CONNECTION"]
    registry = IoTHubRegistryManager.from_connection_string(connection)
    rows, pages = sweep(registry, "SELECT * FROM devices.modules WHERE moduleId='edgenet'", 150)
    say("sweep", [len(rows), len({r.device_id for r in rows}), pages])
    raw, _ = sweep(registry, "SELECT COUNT() AS n FROM devices", 10)
    say("counted", raw[0].additional_properties["n"])
    refused("bad query", lambda: sweep(registry, "SELECT * FROM devices WHERE", 10))
    twins(registry)
    configurations(connection, registry)
    jobs(connection)
    say("statistics", [registry.get_device_registry_statistics().total_device_count, registry.get_service_statistics().connected_device_count > 0])
    say("devices", len(registry.get_devices(25)))
    say("identity", registry.get_device("edge-000003").device_id)
    say("modules", sorted(m.module_id for m in registry.get_modules("edge-000003")))
    call = registry.invoke_device_module_method("edge-000003", "edgenet", CloudToDeviceMethod(method_name="check", payload={}, response_timeout_in_seconds=10))
    say("check", [call.status, call.payload["done"]])
    refused("offline", lambda: registry.invoke_device_method("edge-000003", CloudToDeviceMethod(method_name="ping", payload={})))
    say("done")


main()
