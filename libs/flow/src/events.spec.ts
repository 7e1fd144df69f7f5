import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_TYPES } from './events.js';

describe('the types of events', () => {
  it('have a heading each in docs/events.md, and no other has', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/events.md'), 'utf8');
    const headings = [...page.matchAll(/^## (\S+)$/gm)].map(([, heading]) => heading);
    expect(headings.toSorted()).toEqual(EVENT_TYPES.toSorted());
  });
});
