// An edgeHub's AMQP side out of rhea: node edgehub.mjs PORT CERT KEY tls|wss
// It prints one JSON line for each thing that it saw, and takes commands, one a line, on
// standard input: desired, method, detach, close.
import { createServer as createHTTPS } from 'node:https';
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import rhea from 'rhea';
import { WebSocketServer } from 'ws';

const [port, cert, key, kind] = process.argv.slice(2);
const pem = { cert: readFileSync(cert), key: readFileSync(key) };
const say = (what, value) => console.log(JSON.stringify({ what, value }));

const c = rhea.create_container({ id: 'edgehub-of-rhea' });
c.sasl_server_mechanisms.enable_anonymous();
for (const e of ['error', 'protocol_error', 'connection_error']) c.on(e, (x) => say(e, String(x.error ?? x)));

let version = 1;
let connection;
const desired = { $version: version };
const senders = {}; // our links to the module, by address
const echo = (link) => {
  const asked = link.remote.attach;
  if (asked.snd_settle_mode !== undefined) link.local.attach.snd_settle_mode = asked.snd_settle_mode;
  if (asked.rcv_settle_mode !== undefined) link.local.attach.rcv_settle_mode = asked.rcv_settle_mode;
};

c.on('connection_open', (x) => {
  connection = x.connection;
  say('open', x.connection.hostname);
});
c.on('connection_close', () => say('close', null));
c.on('sender_open', (x) => {
  const address = x.sender.remote.attach.source.address;
  echo(x.sender);
  x.sender.set_source({ address });
  senders[address] = x.sender;
  say('attach', { role: 'receiver', address, snd: x.sender.remote.attach.snd_settle_mode ?? null });
});
c.on('receiver_open', (x) => {
  const address = x.receiver.remote.attach.target.address;
  echo(x.receiver);
  x.receiver.set_target({ address });
  x.receiver.address = address;
  say('attach', { role: 'sender', address, snd: x.receiver.remote.attach.snd_settle_mode ?? null });
});

const data = (text) => rhea.message.data_section(Buffer.from(text));
const text = (m) => (m.body?.content ? Buffer.from(m.body.content).toString() : String(m.body ?? ''));
const module = (node) => Object.entries(senders).find(([a]) => a.endsWith(node))?.[1];

function token(m) {
  say('token', { name: m.application_properties.name, operation: m.application_properties.operation, id: m.message_id });
  senders.$cbs.send({ correlation_id: m.message_id, application_properties: { 'status-code': 200, 'status-description': 'OK' }, body: '' });
}

function twin(m) {
  const { operation, resource } = m.message_annotations;
  const body = text(m);
  say('twin', { operation, resource: resource ?? null, body });
  const answer = { correlation_id: m.correlation_id, message_annotations: { status: operation === 'PATCH' ? 204 : 200 } };
  answer.body = data(operation === 'GET' ? JSON.stringify({ desired, reported: { $version: 1 } }) : '');
  module('/twin').send(answer);
}

c.on('message', (x) => {
  const { message: m, receiver } = x;
  if (receiver.address === '$cbs') return token(m);
  if (receiver.address.endsWith('/twin')) return twin(m);
  if (receiver.address.endsWith('/methods/devicebound')) {
    const id = m.correlation_id;
    return say('answer', { id: Buffer.isBuffer(id) ? id.toString('hex') : id, binary: Buffer.isBuffer(id), status: m.application_properties['IoThub-status'], body: text(m) });
  }
  say('telemetry', { output: m.application_properties['iothub-outputname'], id: m.message_id, type: m.content_type, body: text(m) });
});

const commands = {
  desired: () => {
    desired.$version = ++version;
    desired.n = version;
    module('/twin').send({ body: data(JSON.stringify({ n: version, $version: version })) });
  },
  method: () => {
    const id = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
    module('/methods/devicebound').send({ correlation_id: rhea.types.wrap_uuid(id), application_properties: { 'IoThub-methodname': 'check' }, body: data('{"wait":true}') });
  },
  detach: () => module('/methods/devicebound').close({ condition: 'amqp:link:detach-forced', description: 'by the service' }),
  close: () => connection.close({ condition: 'amqp:connection:forced', description: 'another connection' }),
};
createInterface({ input: process.stdin }).on('line', (line) => commands[line]());

if (kind === 'tls') {
  c.listen({ port: Number(port), host: '127.0.0.1', transport: 'tls', ...pem }).on('listening', () => say('ready', null));
} else {
  const server = createHTTPS(pem, (req, res) => res.writeHead(426).end());
  new WebSocketServer({ server, handleProtocols: (o) => (o.has('AMQPWSB10') ? 'AMQPWSB10' : false) }).on('connection', (ws) => c.websocket_accept(ws));
  server.listen(Number(port), '127.0.0.1', () => say('ready', null));
}
