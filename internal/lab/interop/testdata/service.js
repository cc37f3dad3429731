// The vendor's service SDK: twins with If-Match and a direct method.
'use strict';
const { Registry, Client } = require('azure-iothub');
const say = (step, value) => console.log(JSON.stringify({ step, value: value === undefined ? null : value }));

async function main() {
  const registry = Registry.fromConnectionString(process.env.LAB_CONNECTION);
  const deviceTwin = (await registry.getTwin('lab-device')).responseBody;
  say('device twin', { deviceId: deviceTwin.deviceId, etag: deviceTwin.etag });
  const changed = (await registry.updateTwin('lab-device', { tags: { site: 'north' } }, deviceTwin.etag)).responseBody;
  say('tags', changed.tags);
  try {
    await registry.updateTwin('lab-device', { tags: { site: 'south' } }, deviceTwin.etag);
    say('stale', 'taken');
  } catch (err) { say('stale', err.name); }
  const moduleTwin = (await registry.getModuleTwin('lab-device', 'edgenet')).responseBody;
  const patched = (await registry.updateModuleTwin('lab-device', 'edgenet', { properties: { desired: { service: 1 } } }, moduleTwin.etag)).responseBody;
  say('module desired', patched.properties.desired.service);
  try { await registry.getTwin('nobody'); say('nobody', 'found'); } catch (err) { say('nobody', err.name); }
  const client = Client.fromConnectionString(process.env.LAB_CONNECTION);
  try {
    const { result } = await client.invokeDeviceMethod('lab-device', 'edgenet', { methodName: 'check', payload: { x: 1 }, responseTimeoutInSeconds: 10, connectTimeoutInSeconds: 5 });
    say('method', result);
  } catch (err) { say('method', err.name + ': ' + err.message); }
  say('done');
  process.exit(0);
}
main().catch((err) => { say('failed', { name: err.name, message: err.message }); process.exit(1); });
