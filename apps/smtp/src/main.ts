import 'reflect-metadata';
import { runProcess } from '#lib/adapters';
import { readDoorConfig } from './config.js';
import { startDoor } from './start/start-door.js';

await runProcess('smtp', (logger, signal) => startDoor(readDoorConfig(), logger, signal));
