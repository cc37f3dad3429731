// Servers out of npm packages: node server.mjs KIND PORT CERT KEY [OPTION…]
import { createServer as createTLS } from 'node:tls';
import { createServer as createHTTPS } from 'node:https';
import { readFileSync } from 'node:fs';
import rhea from 'rhea';
import { Aedes } from 'aedes';
import { WebSocketServer, createWebSocketStream } from 'ws';

const [kind, port, cert, key, ...options] = process.argv.slice(2);
const pem = { cert: readFileSync(cert), key: readFileSync(key) };
const has = (o) => options.includes(o);
const quiet = (x) => x.on('error', (e) => console.log(String(e)));

// amqp is rhea as a server. Options: plain (no SASL ANONYMOUS), refuse (closes with an
// error as soon as it was opened).
function amqp() {
  const c = rhea.create_container({ id: 'rhea' });
  if (has('plain')) c.sasl_server_mechanisms.enable_plain(() => true);
  else c.sasl_server_mechanisms.enable_anonymous();
  for (const e of ['error', 'protocol_error', 'connection_error', 'disconnected']) c.on(e, (x) => console.log(e, String(x.error ?? '')));
  c.on('connection_open', (x) => {
    if (has('refuse')) x.connection.close({ condition: 'amqp:resource-limit-exceeded', description: 'too many connections' });
  });
  return c;
}

// mqtt is aedes. Options: returnCode=N.
async function mqtt() {
  const code = options.map((o) => /^returnCode=(\d)$/.exec(o)?.[1]).find(Boolean);
  const authenticate = (client, user, password, done) => done(code ? Object.assign(new Error('refused'), { returnCode: Number(code) }) : null, !code);
  const b = await Aedes.createBroker({ authenticate });
  b.on('clientError', (_, e) => console.log(String(e)));
  b.on('connectionError', (_, e) => console.log(String(e)));
  return b;
}

// websocket accepts one sub-protocol, or none for an empty name.
function websocket(name, accept) {
  const server = createHTTPS(pem, (req, res) => res.writeHead(426).end());
  const choose = (offered) => (name && offered.has(name) ? name : false);
  quiet(new WebSocketServer({ server, handleProtocols: choose })).on('connection', (ws, req) => accept(quiet(ws), req));
  return server;
}

const kinds = {
  'rhea-tls': async () => {
    const c = amqp();
    return c.listen({ port: Number(port), host: '127.0.0.1', transport: 'tls', ...pem });
  },
  'rhea-wss': async () => {
    const c = amqp();
    return websocket('AMQPWSB10', (ws) => c.websocket_accept(ws)).listen(Number(port), '127.0.0.1');
  },
  'aedes-tls': async () => {
    const b = await mqtt();
    return createTLS(pem, (s) => b.handle(quiet(s))).listen(Number(port), '127.0.0.1');
  },
  'aedes-wss': async () => {
    const b = await mqtt();
    return websocket('mqtt', (ws, req) => b.handle(quiet(createWebSocketStream(ws)), req)).listen(Number(port), '127.0.0.1');
  },
  'ws-plain': async () => websocket('', () => {}).listen(Number(port), '127.0.0.1'),
};
quiet(await kinds[kind]()).on('tlsClientError', (e) => console.log(String(e)));
