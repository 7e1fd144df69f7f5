import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { prepare } from './prepare.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';

/** `npm run docs`: writes the pages that are made from the code: docs/config.md and openapi.json. */
export async function docs() {
  await prepare();
  const pages = ['scripts/menu/write-config-page.mjs', 'dist/apps/api/src/openapi.main.js'];
  for (const page of pages) {
    if (!existsSync(join(ROOT, page))) continue;
    const code = await run([page]);
    if (code !== 0) return code;
  }
  say('the generated pages are written');
  return 0;
}
