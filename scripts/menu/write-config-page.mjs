/** Run by `npm run docs` on the built product. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configPage } from '#lib/adapters';
import { ROOT } from './paths.mjs';

writeFileSync(join(ROOT, 'docs', 'config.md'), configPage());
