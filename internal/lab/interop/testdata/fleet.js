// The vendor's service SDK over the whole service API of a lab's fleet.
'use strict';
const { Registry, Client, JobClient } = require('azure-iothub');
const say = (step, value) => console.log(JSON.stringify({ step, value: value === undefined ? null : value }));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const named = async (what, f) => { try { say(what, await f()); } catch (err) { say(what, err.name); } };
const body = (r) => r.responseBody || r.jobStatus || r; // the jobs' client gives the job itself

async function pages(registry, text, size) {
  const query = registry.createQuery(text, size);
  const out = { pages: 0, rows: [] };
  let token;
  do {
    const answer = await query.next(token);
    out.rows.push(...answer.result);
    out.pages++;
    token = query.continuationToken;
  } while (query.hasMoreResults);
  return out;
}

async function queries(registry) {
  const all = await pages(registry, "SELECT * FROM devices.modules WHERE moduleId='edgenet'", 100);
  const ids = new Set(all.rows.map((r) => r.deviceId));
  const counts = { reporting: 0, silent: 0, down: 0, byProtocol: {} };
  const every = await pages(registry, 'SELECT deviceId FROM devices', 70);
  for (const r of all.rows) {
    const e = r.properties.reported.edgenet;
    if (!e) { continue; }
    counts.reporting++;
    const p = e.recommended || 'none';
    counts.byProtocol[p] = (counts.byProtocol[p] || 0) + 1;
    if (e.status === 'down') { counts.down++; }
  }
  counts.silent = every.rows.length - counts.reporting;
  say('sweep', { pages: all.pages, distinct: ids.size === all.rows.length, devices: every.rows.length, counts });
  const grouped = await pages(registry, "SELECT properties.reported.edgenet.recommended AS p, COUNT() AS n FROM devices.modules WHERE moduleId='edgenet' AND is_defined(properties.reported.edgenet.status) GROUP BY properties.reported.edgenet.recommended", 100);
  say('grouped', Object.fromEntries(grouped.rows.map((r) => [r.p || 'none', r.n])));
  const twins = registry.createQuery("SELECT * FROM devices WHERE tags.region = 'north'", 50);
  let n = 0;
  while (twins.hasMoreResults) { for (const t of body0(await twins.nextAsTwin())) { if (t.tags.region === 'north' && t.deviceId) { n++; } } }
  say('as twins', n > 0);
  await named('bad query', () => registry.createQuery('SELECT * FROM devices ORDER BY deviceId').next());
}
const body0 = (r) => r.result;

async function twins(registry) {
  const id = 'edge-000000';
  const twin = body(await registry.getTwin(id));
  say('tag', body(await registry.updateTwin(id, { tags: { edgenet: { class: 'ws' } } }, twin.etag)).tags.edgenet);
  await named('stale', () => registry.updateTwin(id, { tags: { edgenet: { class: 'amqp' } } }, twin.etag));
  say('any etag', body(await registry.updateTwin(id, { tags: { edgenet: { class: 'wsa' } } }, '*')).tags.edgenet);
  say('untagged', body(await registry.updateTwin(id, { tags: { edgenet: null } }, '*')).tags.edgenet === undefined);
  const m = body(await registry.getModuleTwin(id, '$edgeAgent'));
  say('agent', { code: m.properties.reported.lastDesiredStatus.code, up: m.connectionState, configurations: m.configurations });
  const e = body(await registry.getModuleTwin(id, 'edgenet'));
  const patched = body(await registry.updateModuleTwin(id, 'edgenet', { tags: { edgenet: { class: 'ws' } }, properties: { desired: { holdSec: 60 } } }, e.etag));
  say('module', { tags: patched.tags, hold: patched.properties.desired.holdSec });
  await named('nobody', () => registry.getTwin('edge-999999'));
  await named('no module', () => registry.getModuleTwin(id, 'nothing'));
}

function content(protocol) {
  const system = (image) => ({ type: 'docker', settings: { image, createOptions: '{}' }, env: { UpstreamProtocol: { value: protocol } } });
  return { modulesContent: {
    $edgeAgent: { 'properties.desired': { schemaVersion: '1.1', runtime: { type: 'docker', settings: {} },
      systemModules: { edgeAgent: system('agent:1.5'), edgeHub: { ...system('hub:1.5'), status: 'running', restartPolicy: 'always' } },
      modules: { edgenet: { type: 'docker', status: 'running', restartPolicy: 'always', settings: { image: 'edgenet:2' } } } } },
    $edgeHub: { 'properties.desired': { schemaVersion: '1.1', routes: {}, storeAndForwardConfiguration: { timeToLiveSecs: 7200 } } } } };
}

async function configurations(registry) {
  const id = 'edgenet-ws-1';
  const c = { id, content: content('AmqpWs'), schemaVersion: '1.0', targetCondition: "tags.edgenet.class='ws'", priority: 20, labels: { by: 'edgenet' },
    metrics: { queries: { ok: "SELECT deviceId FROM devices.modules WHERE moduleId='edgenet' AND properties.reported.edgenet.status='ok'" } } };
  say('created', body(await registry.addConfiguration(c)).id);
  await named('created again', () => registry.addConfiguration(c));
  await registry.updateTwin('edge-000000', { tags: { edgenet: { class: 'ws' } } }, '*');
  let got = body(await registry.getConfiguration(id));
  for (let i = 0; i < 100 && got.systemMetrics.results.reportedSuccessfulCount < 1; i++) { await sleep(100); got = body(await registry.getConfiguration(id)); }
  say('metrics', { system: got.systemMetrics.results, custom: got.metrics.results.ok > 0 });
  const system = {};
  for (const [name, text] of Object.entries(got.systemMetrics.queries)) { system[name] = (await pages(registry, text, 100)).rows.length; }
  say('published queries', system);
  const agent = body(await registry.getModuleTwin('edge-000000', '$edgeAgent'));
  say('ruled by', agent.configurations);
  await named('changed', async () => body(await registry.updateConfiguration({ ...got, priority: 5 })).priority);
  await named('changed late', async () => body(await registry.updateConfiguration(got)).priority);
  say('listed', body(await registry.getConfigurations()).map((x) => x.id).sort());
  await registry.applyConfigurationContentOnDevice('edge-000010', content('MqttWs'));
  const set = body(await registry.getModuleTwin('edge-000010', '$edgeAgent'));
  say('set modules', set.properties.desired.systemModules.edgeHub.env.UpstreamProtocol.value);
  await registry.removeConfiguration(id);
  await named('removed', async () => body(await registry.getConfiguration(id)).id);
}

async function jobs() {
  const client = JobClient.fromConnectionString(process.env.LAB_CONNECTION);
  const id = 'job-1';
  const begun = body(await client.scheduleTwinUpdate(id, "tags.site='site-00001'", { etag: '*', tags: { edgenet: { class: 'job' } } }, new Date(), 300));
  say('job', { id: begun.jobId, type: begun.type });
  let j = begun;
  for (let i = 0; i < 200 && j.status !== 'completed'; i++) { await sleep(100); j = body(await client.getJob(id)); }
  say('job done', { status: j.status, statistics: j.deviceJobStatistics });
  const waits = body(await client.scheduleDeviceMethod('job-2', '*', { methodName: 'ping', responseTimeoutInSeconds: 10 }, new Date(Date.now() + 3600e3), 300));
  say('job waits', waits.status);
  say('cancelled', body(await client.cancelJob('job-2')).status);
  const list = await client.createQuery('scheduleUpdateTwin', 'completed', 10).next();
  say('jobs listed', list.result.map((x) => x.jobId));
}

async function main() {
  const registry = Registry.fromConnectionString(process.env.LAB_CONNECTION);
  await queries(registry);
  await twins(registry);
  await configurations(registry);
  await jobs();
  const rows = await pages(registry, "SELECT * FROM devices.jobs WHERE devices.jobs.jobId = 'job-1' AND devices.jobs.status = 'completed'", 100);
  say('device jobs', rows.rows.length);
  say('statistics', body(await registry.getRegistryStatistics()));
  say('devices', body(await registry.list()).length);
  say('identity', body(await registry.get('edge-000003')).deviceId);
  say('modules', body(await registry.getModulesOnDevice('edge-000003')).map((m) => m.moduleId));
  const client = Client.fromConnectionString(process.env.LAB_CONNECTION);
  const call = async (method, module) => (await client.invokeDeviceMethod('edge-000003', module || 'edgenet', { methodName: method, payload: null, responseTimeoutInSeconds: 10 })).result;
  await named('ping', async () => (await call('ping')).payload.pong);
  await named('check', async () => (await call('check')).payload.done);
  await named('report', async () => (await call('report')).payload.schema);
  await named('agent ping', async () => (await call('ping', '$edgeAgent')).status);
  await named('offline', () => client.invokeDeviceMethod('edge-000003', { methodName: 'ping' }));
  say('done');
  process.exit(0);
}
main().catch((err) => { say('failed', { name: err.name, message: err.message, body: err.responseBody, stack: String(err.stack).slice(0, 400) }); process.exit(1); });
