'use strict';
// @ts-check
// Frozen objects that are given to everybody, with something in them that can be changed in place: octets, dates. Whoever reads it gets a
// copy of his own.

class Whatever {
  /** @param {object} object */
  constructor(object) {
    return object; // eslint-disable-line no-constructor-return
  }
}

// Puts a private field on any object. A closure for each object would do as well, but each would give its object a hidden class of its own,
// which outlives the object and all that it reaches for as long as old objects are not collected.
class Source extends Whatever {
  #values;

  /** @param {object} object @param {Record<string, any>} values */
  constructor(object, values) {
    super(object);
    this.#values = values;
  }

  /** @param {any} object @param {string} field */
  static copyOf(object, field) {
    const value = object.#values[field];
    if (typeof value === 'function') return value();
    if (value instanceof Date) return new Date(value);
    return value && Buffer.from(value);
  }
}

/** One getter for each name of a field, whatever object it is in. @type {Map<string, PropertyDescriptor>} */
const descriptors = new Map();

/** @param {string} field */
function descriptorOf(field) {
  let descriptor = descriptors.get(field);
  if (descriptor === undefined) {
    descriptor = {
      get() {
        return Source.copyOf(this, field);
      },
      enumerable: true,
      configurable: true,
    };
    descriptors.set(field, descriptor);
  }
  return descriptor;
}

/**
 * @template {object} T @template {Record<string, any>} V
 * @param {T} rest becomes the object
 * @param {V} values octets, dates, null, or functions that give new ones
 * @returns {Readonly<T & { [K in keyof V]: V[K] extends () => infer R ? R : V[K] }>} frozen
 */
function withCopied(rest, values) {
  new Source(rest, values);
  for (const field of Object.keys(values)) Object.defineProperty(rest, field, descriptorOf(field));
  return /** @type {any} */ (Object.freeze(rest));
}

module.exports = { withCopied };
