'use strict';
// npm run test:lifetimes [-- JEST ARGUMENTS]: the tests of lifetimes in their full size, of which npm test takes a part: tens of minutes.

const { setUp } = require('./setup.js');
const { Total, runSuite } = require('./suite.js');

const env = { ...process.env, CLIENT_CERT_INFO_LIFETIMES: '1' };

setUp('test');
const total = new Total();
total.add(runSuite(`${process.versions.node}-lifetimes`, process.execPath, ['test/lifetimes/', ...process.argv.slice(2)], { env }));
total.end();
