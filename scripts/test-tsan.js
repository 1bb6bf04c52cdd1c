'use strict';
// npm run test:tsan: the core's threads under ThreadSanitizer. Node.js itself is not built with it and would be all false alarms, so it is
// programs of the core alone: test/core.

const path = require('node:path');

const { buildChecked, testCore } = require('./checked-build.js');
const { Total, failedWhole } = require('./suite.js');
const { root, setUp } = require('./setup.js');

/** @returns {import('./suite.js').Counts} */
function testThreads() {
  if (!buildChecked('tsan', ['SANITIZE=thread', 'CORE_TESTS=ON'], ['threads_test'])) return failedWhole('the build with ThreadSanitizer');
  const suppressions = path.join(root, 'test', 'sanitizers', 'tsan.supp');
  return testCore('tsan', 'thread', { TSAN_OPTIONS: `suppressions=${suppressions}:halt_on_error=1` });
}

module.exports = { testThreads };

if (require.main === module) {
  setUp('test');
  const total = new Total();
  total.add(testThreads());
  total.end();
}
