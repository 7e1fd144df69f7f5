import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { orderPaths } from './order-paths.js';
import { BODY_EXTENSION } from './takes-body.js';
import { tidyDocument } from './tidy-document.js';

const DESCRIPTION = `Rules over mail, encryption, and what became of each message.

- \`Authorization: Bearer <API key>\`. Each operation says which scopes its key needs (\`x-scopes\`; one of them where \`x-scopes-any\` is true).
- JSON in camelCase; times in RFC 3339, UTC; ids are opaque.
- Lists: \`?limit=\` (50, at most 200) and \`&cursor=\`; \`nextCursor\` is \`null\` on the last page.
- Errors are RFC 9457 \`application/problem+json\`. With bad input, \`errors\` has every problem at once: 400 cannot be read, 422 can be read and is wrong. Unknown properties are an error.
- What has an ETag is changed with \`If-Match\`.`;

interface Operation {
  description?: string;
  requestBody?: object;
  'x-scopes'?: readonly string[];
  'x-scopes-any'?: boolean;
  [BODY_EXTENSION]?: object;
}

/** The OpenAPI file, from the decorators of the controllers. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Sealflow')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key.' }, 'apiKey')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path as Record<string, Operation>)) complete(operation);
  }
  return tidyDocument({ ...document, paths: orderPaths(document.paths) });
}

/** Scopes in words, and bodies that differ by media type. */
function complete(operation: Operation): void {
  const scopes = operation['x-scopes'];
  if (scopes !== undefined) {
    const needs = `Scope: ${scopes.map((scope) => `\`${scope}\``).join(operation['x-scopes-any'] === true ? ' or ' : ', ')}.`;
    operation.description = [operation.description, needs]
      .filter((one) => one !== undefined && one !== '')
      .join('\n\n');
  }
  const content = operation[BODY_EXTENSION];
  if (content === undefined) return;
  operation.requestBody = { required: true, content };
  Reflect.deleteProperty(operation, BODY_EXTENSION);
}
