import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { describeApi, openApiText } from './openapi/describe-api.js';

// Run by `npm run docs` in the root of the repository.
writeFileSync('openapi.json', openApiText(await describeApi()));
