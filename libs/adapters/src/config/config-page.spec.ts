import { readFileSync } from 'node:fs';
import { configPage } from './config-page.js';

describe('docs/config.md', () => {
  it('is what the config classes say; `npm run docs` writes it anew', () => {
    expect(readFileSync('docs/config.md', 'utf8')).toBe(configPage());
  });
});
