import { ALL_BLOCKS } from './blocks.js';
import { settingsOf } from './setting.js';

/** docs/config.md, from the classes that read the settings. */
export function configPage(): string {
  const rows = ALL_BLOCKS.flatMap((block) =>
    settingsOf(block).map(
      (setting) => `| \`${setting.variable}\` | ${setting.meaning.replaceAll('|', '\\|')} | ${setting.defaultText} |`,
    ),
  );
  return [
    '# Settings',
    '',
    'Made from the classes in `libs/adapters/src/config`; `npm test` fails when this page is stale, and',
    '`npm run docs` writes it anew. Settings are deployment facts; what administrators change lives in the',
    'database. Each variable has a twin that ends in `_FILE` and names a file with the value. An unknown `SEALFLOW_*` name',
    'stops the start.',
    '',
    '| variable | meaning | default |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
