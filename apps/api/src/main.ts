import 'reflect-metadata';
import { runProcess } from '#lib/adapters';
import { readApiConfig } from './config.js';
import { startApi } from './start/start-api.js';

await runProcess('api', (logger, signal) => startApi(readApiConfig(), logger, signal));
