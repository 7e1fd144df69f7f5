import { readFileSync } from 'node:fs';
import { cryptoErrorCodes } from './errors.js';

describe('the codes of this lib', () => {
  it.each(cryptoErrorCodes)('%s stands in docs/errors.md', (code) => {
    expect(readFileSync('docs/errors.md', 'utf8').split('\n')).toContain(`## ${code}`);
  });
});
