import { statSync } from 'node:fs';

const SIZES = { e2e: 0, integration: 1, unit: 2 };

/** Jest's order of files in `npm test`: what takes long begins first, so that one core is not left with it at the end. */
export default class TestSequencer {
  sort(tests) {
    const rank = ({ context }) => SIZES[context.config.displayName?.name] ?? 0;
    const bytes = new Map(tests.map((test) => [test, statSync(test.path).size]));
    return [...tests].sort((a, b) => rank(a) - rank(b) || bytes.get(b) - bytes.get(a));
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}
