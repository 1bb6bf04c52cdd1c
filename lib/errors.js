// @ts-check
'use strict';

/** Something that was asked for cannot be done. A caller's mistake is a TypeError or a RangeError instead. */
class ClientCertError extends Error {
  /**
   * @param {string} code 'ERR_CLIENT_CERT_...'
   * @param {string} message
   * @param {Record<string, unknown>} [details] further properties, and `cause`
   */
  constructor(code, message, details = {}) {
    const { cause, ...properties } = details;
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, properties);
    this.code = code;
  }
}
Object.defineProperty(ClientCertError.prototype, 'name', { value: 'ClientCertError', configurable: true });

module.exports = { ClientCertError };
