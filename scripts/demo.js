'use strict';
// npm run demo: sets everything up, then shows what the package does. Everything after `--` goes to the demo.

const { setUp } = require('./setup.js');

setUp('build');
require('../demo/index.js').main(process.argv.slice(2));
