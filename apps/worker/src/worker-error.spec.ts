import { readFileSync } from 'node:fs';
import { workerErrorCodes } from './worker-error.js';

describe('docs/errors.md', () => {
  it('has a heading for each code of the worker', () => {
    const page = readFileSync('docs/errors.md', 'utf8');
    for (const code of workerErrorCodes) expect(page).toContain(`\n## ${code}\n`);
  });
});
