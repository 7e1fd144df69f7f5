import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What docs/errors.md says of each code: the paragraphs under its heading, in Markdown. */
export function readErrorPage(): ReadonlyMap<string, readonly string[]> {
  const file = findAbove(dirname(fileURLToPath(import.meta.url)), join('docs', 'errors.md'));
  return file === undefined ? new Map<string, readonly string[]>() : parseErrorPage(readFileSync(file, 'utf8'));
}

/** Headings `## ERR_…`, each with paragraphs below. */
export function parseErrorPage(text: string): ReadonlyMap<string, readonly string[]> {
  const sections = text.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      const paragraphs = lines.join('\n').split(/\n\s*\n/);
      return [
        heading.trim(),
        paragraphs.map((one) => one.trim().replace(/\s*\n\s*/g, ' ')).filter((one) => one !== ''),
      ];
    }),
  );
}

/** The page stands in the checkout and in the image, above the sources and above what is built of them. */
function findAbove(folder: string, path: string): string | undefined {
  const file = join(folder, path);
  if (existsSync(file)) return file;
  const above = dirname(folder);
  return above === folder ? undefined : findAbove(above, path);
}
