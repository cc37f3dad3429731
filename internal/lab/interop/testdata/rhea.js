// npm rhea as an AMQP 1.0 client without credentials, and with CBS.
'use strict';
const fs = require('fs');
const rhea = require('rhea');
const say = (step, value) => console.log(JSON.stringify({ step, value: value === undefined ? null : value }));
const container = rhea.create_container();
const connection = container.connect({
  host: process.env.LAB_HOST, port: Number(process.env.LAB_PORT), transport: 'tls', servername: process.env.LAB_SERVERNAME,
  ca: [fs.readFileSync(process.env.LAB_CA)], reconnect: false, username: process.env.LAB_USER || 'anonymous', hostname: process.env.LAB_SERVERNAME,
});
container.on('connection_open', (c) => {
  say('open', c.connection.container_id && c.connection.remote.open.container_id.slice(0, 14));
  connection.open_receiver({ source: '$cbs', name: 'r' });
  const sender = connection.open_sender({ target: '$cbs', name: 's' });
  sender.once('sendable', () => sender.send({
    message_id: 'one', reply_to: 'cbs', application_properties: { operation: 'put-token', type: 'servicebus.windows.net:sastoken', name: process.env.LAB_AUDIENCE },
    body: process.env.LAB_TOKEN,
  }));
});
container.on('message', (c) => {
  say('cbs', { status: c.message.application_properties['status-code'], correlation: c.message.correlation_id });
  const events = connection.open_sender({ target: process.env.LAB_PATH + '/messages/events', name: 'e' });
  events.on('sendable', () => { if (!events.sent) { events.sent = true; events.send({ body: rhea.message.data_section(Buffer.alloc(100000, 'x')) }); } });
  events.on('accepted', () => { say('accepted'); connection.close(); });
  events.on('sender_error', (e) => { say('refused', e.sender.error.condition); connection.close(); });
});
container.on('connection_close', () => { say('closed'); process.exit(0); });
container.on('disconnected', (c) => { say('disconnected', String(c.error)); process.exit(1); });
