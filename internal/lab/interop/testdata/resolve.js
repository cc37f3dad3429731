// Loaded before a client: leads the lab's names to its addresses, in place of a
// DNS server or /etc/hosts. Nothing of the client is changed.
'use strict';
const dns = require('dns');
const names = JSON.parse(process.env.LAB_NAMES);
const lookup = dns.lookup;
dns.lookup = function (host, options, callback) {
  if (typeof options === 'function') { callback = options; options = {}; }
  const address = names[String(host).toLowerCase()];
  if (!address) { return lookup.call(dns, host, options, callback); }
  if (options && options.all) { return process.nextTick(callback, null, [{ address, family: 4 }]); }
  return process.nextTick(callback, null, address, 4);
};
