import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapterErrorCodes } from './errors.js';

describe('the codes of the adapters', () => {
  it('have a heading each in docs/errors.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
    const missing = adapterErrorCodes.filter((code) => !page.includes(`\n## ${code}\n`));
    expect(missing).toEqual([]);
  });
});
