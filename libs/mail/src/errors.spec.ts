import { readFileSync } from 'node:fs';
import { mailErrorCodes } from './errors.js';

describe('the codes of this lib', () => {
  it.each(mailErrorCodes)('%s stands in docs/errors.md', (code) => {
    expect(readFileSync('docs/errors.md', 'utf8').split('\n')).toContain(`## ${code}`);
  });
});
