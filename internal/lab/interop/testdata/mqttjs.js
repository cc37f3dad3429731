// npm mqtt as a client of 3.1.1: logs in, takes a twin, breaks a rule.
'use strict';
const fs = require('fs');
const mqtt = require('mqtt');
const say = (step, value) => console.log(JSON.stringify({ step, value: value === undefined ? null : value }));
const client = mqtt.connect(process.env.LAB_URL, {
  protocolVersion: Number(process.env.LAB_VERSION || 4), clientId: process.env.LAB_CLIENT, username: process.env.LAB_USER, password: process.env.LAB_TOKEN,
  ca: fs.readFileSync(process.env.LAB_CA), servername: process.env.LAB_SERVERNAME, reconnectPeriod: 0, connectTimeout: 5000, wsOptions: { ca: fs.readFileSync(process.env.LAB_CA) },
});
client.on('error', (err) => { say('error', err.code || err.message); });
client.on('close', () => { say('closed'); process.exit(0); });
client.on('connect', (connack) => {
  say('connect', connack.returnCode);
  client.subscribe('$iothub/twin/res/#', { qos: 2 }, (err, granted) => {
    say('granted', granted[0].qos);
    client.publish('$iothub/twin/GET/?$rid=1', '');
  });
});
client.on('message', (topic) => { say('twin', topic); client.publish('devices/lab-device/messages/events/', 'x', { qos: 2 }); });
