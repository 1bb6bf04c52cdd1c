'use strict';
// Before a suite (Jest's setupFiles): traces each server's end of a connection. The trace goes to the standard error, where OpenSSL writes it itself.

const { TLSSocket } = require('node:tls');

// CLIENT_CERT_INFO_TRACE: 'begin', as the option enableTrace does; 'end': once the handshake has ended; 'always': whenever something is written, too.
const when = process.env.CLIENT_CERT_INFO_TRACE;
const { _init: init, _writeGeneric: write } = TLSSocket.prototype;

/** @param {any} socket */
function trace(socket) {
  if (socket._tlsOptions.isServer) socket._handle?.enableTrace();
}

if (!init.isTraced) {
  TLSSocket.prototype._init = function (...parameters) {
    init.apply(this, parameters);
    if (when !== 'end') trace(this);
    if (when !== 'begin') this.prependListener('secure', () => trace(this));
  };
  TLSSocket.prototype._init.isTraced = true;
  if (when === 'always') {
    TLSSocket.prototype._writeGeneric = function (...parameters) {
      const result = write.apply(this, parameters);
      trace(this);
      return result;
    };
  }
}
