// @ts-check
'use strict';
// What operators may want to see, on node:diagnostics_channel. Nothing is made where nobody listens.

const diagnosticsChannel = require('node:diagnostics_channel');

const channels = Object.freeze({
  request: diagnosticsChannel.channel('client-cert-info:request'),
  verify: diagnosticsChannel.channel('client-cert-info:verify'),
  revocation: diagnosticsChannel.channel('client-cert-info:revocation'),
});

/** @param {import('node:diagnostics_channel').Channel} channel @param {() => object} message */
function publish(channel, message) {
  if (channel.hasSubscribers) channel.publish(message());
}

module.exports = { channels, publish };
