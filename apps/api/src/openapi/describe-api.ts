import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import { pino } from 'pino';
import { nestOptions } from '#lib/adapters';
import { ApiModule } from '../api.module.js';
import { Platform } from '../platform.js';
import { openApiDocument } from './document.js';

/** The OpenAPI file without a running API: controllers are looked at, nothing is made. */
export async function describeApi(): Promise<OpenAPIObject> {
  const nothing = Object.create(Platform.prototype) as Platform;
  const options = Object.assign(nestOptions(pino({ level: 'silent' })), { preview: true, bodyParser: false });
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.on(nothing), options);
  try {
    return openApiDocument(app);
  } finally {
    await app.close();
  }
}

/** As it stands in the repository. */
export function openApiText(document: OpenAPIObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
