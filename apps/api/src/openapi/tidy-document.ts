import type { OpenAPIObject } from '@nestjs/swagger';

/**
 * The same document for people and generators: schemas without the suffix of our classes, and each error's example once,
 * by its code.
 */
export function tidyDocument(document: OpenAPIObject): OpenAPIObject {
  const examples: Record<string, unknown> = {};
  const tidy = withoutSuffix(withReferences(document, examples)) as OpenAPIObject;
  const sorted = Object.fromEntries(Object.entries(examples).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { ...tidy, components: { ...tidy.components, examples: sorted as never } };
}

/** Puts a reference in the place of every example that is named by an error code. */
function withReferences(value: unknown, examples: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((one) => withReferences(one, examples));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => {
      if (!name.startsWith('ERR_')) return [name, withReferences(child, examples)];
      examples[name] = child;
      return [name, { $ref: `#/components/examples/${name}` }];
    }),
  );
}

function withoutSuffix(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSuffix);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [
      name.replace(/Dto$/, ''),
      name === '$ref' && typeof child === 'string' ? child.replace(/Dto$/, '') : withoutSuffix(child),
    ]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
