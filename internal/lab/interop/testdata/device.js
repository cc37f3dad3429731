// One device or module of the vendor's SDK through its whole life. It tells on
// standard output how far it is, one JSON object a line.
'use strict';
const fs = require('fs');
const { Client, ModuleClient, Message } = require('azure-iot-device');
const say = (step, value) => console.log(JSON.stringify({ step, value: value === undefined ? null : value }));
const transports = {
  Mqtt: () => require('azure-iot-device-mqtt').Mqtt, MqttWs: () => require('azure-iot-device-mqtt').MqttWs,
  Amqp: () => require('azure-iot-device-amqp').Amqp, AmqpWs: () => require('azure-iot-device-amqp').AmqpWs,
};
const transport = transports[process.env.LAB_TRANSPORT]();
const kind = process.env.LAB_CONNECTION.includes('ModuleId=') ? ModuleClient : Client;

async function main() {
  const client = process.env.LAB_TOKEN
    ? kind.fromSharedAccessSignature(process.env.LAB_TOKEN, transport)
    : kind.fromConnectionString(process.env.LAB_CONNECTION, transport);
  const options = { ca: fs.readFileSync(process.env.LAB_CA, 'utf8') };
  if (process.env.LAB_PROXY) {
    const { HttpsProxyAgent } = require('https-proxy-agent');
    const agent = new HttpsProxyAgent(process.env.LAB_PROXY);
    options.mqtt = { webSocketAgent: agent };
    options.amqp = { webSocketAgent: agent };
  }
  await client.setOptions(options);
  client.on('error', (err) => say('error', err.name));
  client.setRetryPolicy(new (require('azure-iot-common').NoRetry)());
  await client.open();
  say('open');
  const message = new Message(JSON.stringify({ from: process.env.LAB_TRANSPORT }));
  message.properties.add('k', 'v');
  if (kind === ModuleClient) { await client.sendOutputEvent('out1', message); } else { await client.sendEvent(message); }
  say('sent');
  const method = kind === ModuleClient ? client.onMethod.bind(client) : client.onDeviceMethod.bind(client);
  method('check', (request, response) => response.send(200, { echo: request.payload }, (err) => say('answered', err ? err.message : null)));
  const twin = await client.getTwin();
  say('twin', { desired: twin.properties.desired, reported: { $version: twin.properties.reported.$version } });
  twin.on('properties.desired', (delta) => say('desired', delta));
  await new Promise((resolve, reject) => twin.properties.reported.update({ sdk: process.env.LAB_TRANSPORT }, (err) => (err ? reject(err) : resolve())));
  say('reported');
  process.stdin.on('data', async () => { await client.close(); say('closed'); process.exit(0); });
}
main().catch((err) => { say('failed', { name: err.name, message: err.message }); process.exit(1); });
