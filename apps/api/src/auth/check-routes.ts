import type { INestApplication } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCESS } from './access.js';

/** Where Nest keeps that a method answers a route. */
const PATH = 'path';

/** Every route says who may ask; one that does not stops the start. Gives the number of routes. */
export function checkRoutes(app: INestApplication): number {
  const [reflector, scanner] = [app.get(Reflector), new MetadataScanner()];
  const silent: string[] = [];
  let count = 0;
  for (const { metatype } of app.get(DiscoveryService).getControllers()) {
    if (typeof metatype !== 'function') continue;
    const prototype = metatype.prototype as Record<string, (...args: never[]) => unknown>;
    for (const name of scanner.getAllMethodNames(prototype)) {
      const method = prototype[name];
      if (method === undefined || Reflect.getMetadata(PATH, method) === undefined) continue;
      count += 1;
      if (reflector.getAllAndOverride(ACCESS, [method, metatype]) === undefined)
        silent.push(`${metatype.name}.${name}`);
    }
  }
  if (silent.length > 0)
    throw new Error(`routes that say neither a scope nor that they are open: ${silent.join(', ')}`);
  return count;
}
